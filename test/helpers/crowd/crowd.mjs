// node crowd.mjs URL CONNECTIONS: many workers in one process, which share so many connections to the server. Keys, lines, clocks
// and reports are those of `faultline worker`; only the load is simulated. Speaks to its parent by messages:
// ← { start: [names] } → "waiting": all are there. ← { leave: [names] }: these are gone at once, and who shares their connections.
// ← "tell" → what was asked, counted at its source.
import { toolVersion } from "../../../dist/app/tool-version.js";
import { connectToNats } from "../../../dist/load/distributed/nats-server.js";
import { natsUrl } from "../../../dist/load/distributed/nats-url.js";
import { serveRuns } from "../../../dist/load/distributed/worker/serve-runs.js";
import { workersKeyOf } from "../../../dist/load/distributed/workers-key.js";
import { TimeHistogram } from "../../../dist/measure/histogram.js";
import { CommonSchedule, latencyUs, SimulatedThread } from "./simulated-thread.mjs";

const [url, most] = [process.argv[2], Number(process.argv[3])];
const TURN_EVERY_MS = 20;
/** So many connect at once. */
const CONNECTING = 50;

const workersKey = workersKeyOf(process.env, natsUrl(url));
const threads = new Set();
/** By the name of a worker. */
const connections = new Map();
/** By segment. */
let told = new Map();
let schedule = new CommonSchedule();

class SimulatedThreads {
  alive = new Set();
  #threads;

  constructor(plan, shares, name, { onMessage }) {
    this.#threads = shares.map((share, thread) => {
      this.alive.add(thread);
      const note = (segment, second, number) => noteOf(segment, name, second, number);
      return new SimulatedThread(plan, share, schedule, note, (message) => onMessage(message, thread));
    });
    for (const thread of this.#threads) threads.add(thread);
  }

  get count() {
    return this.#threads.length;
  }

  send(message) {
    for (const thread of this.#threads) thread.hear(message);
  }

  async stop() {
    for (const thread of this.#threads) threads.delete(thread);
  }
}

function noteOf(segmentId, worker, second, number) {
  let segment = told.get(segmentId);
  if (segment === undefined) {
    segment = { scheduled: [], byWorker: {}, latency: new TimeHistogram() };
    told.set(segmentId, segment);
  }
  while (segment.scheduled.length <= second) segment.scheduled.push(0);
  segment.scheduled[second] += 1;
  segment.byWorker[worker] = (segment.byWorker[worker] ?? 0) + 1;
  segment.latency.record(latencyUs(number));
}

/** Connections are dealt out one by one. */
async function startWorkers(names) {
  const shared = [];
  while (shared.length < Math.min(most, names.length)) {
    const missing = Math.min(CONNECTING, most - shared.length, names.length - shared.length);
    const opened = Array.from({ length: missing }, (_, at) =>
      connectToNats({ url, env: process.env, name: `simulated worker ${names[shared.length + at]}` }),
    );
    shared.push(...(await Promise.all(opened)));
  }
  for (const [at, name] of names.entries()) startWorker(name, shared[at % shared.length]);
}

function startWorker(name, nats) {
  connections.set(name, nats);
  void serveRuns({
    nats,
    name,
    version: toolVersion(),
    workersKey,
    once: false,
    signal: new AbortController().signal,
    prepare: async () => () => {},
    startThreads: async (plan, shares, listener) => new SimulatedThreads(plan, shares, name, listener),
    say: () => {},
  });
}

process.on("message", (asked) => {
  if (asked === "tell") {
    const segments = [...told].map(([id, { latency, ...segment }]) => [
      id,
      { ...segment, latency: latency.toSparse() },
    ]);
    process.send(Object.fromEntries(segments));
    told = new Map();
    schedule = new CommonSchedule();
  } else if ("start" in asked) {
    void startWorkers(asked.start).then(() => process.send("waiting"));
  } else {
    for (const name of asked.leave) void connections.get(name)?.close();
  }
});
process.on("disconnect", () => process.exit());

setInterval(() => {
  for (const thread of threads) thread.turn();
}, TURN_EVERY_MS);
