/**
 * What does it cost to write down the ids of a load, and to hold them against what is there? First ids are written as a
 * load thread does it, and a whole set is read again and again as a check does it that watches a store; then the same load
 * is made with and without ids, in turn. `npm run bench -- ids [ids] [pairs]`
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Findings } from "../dist/checks/ids/compare-ids.js";
import { FoundIds } from "../dist/checks/ids/found-ids.js";
import { IdLooks } from "../dist/checks/ids/id-looks.js";
import { SentIds } from "../dist/checks/ids/sent-ids.js";
import { IdWriter } from "../dist/load/ids/id-writer.js";
import { newScope, Values } from "../dist/load/mix/values.js";
import { startLoad } from "../dist/load/start-load.js";
import { readIdLog } from "../dist/measure/ids/read-id-log.js";
import { seededRandom } from "../dist/support/random.js";

const [, , idsText = "1000000", pairsText = "3"] = process.argv;
const IDS = Number(idsText);
const RATE_PER_S = 20_000;
/** Of each load. */
const SECONDS = 5;
const NOTED = [{ request: "order", id: "${uuid}" }];
const folder = mkdtempSync(join(tmpdir(), "faultline-bench-ids-"));
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
const sizeOf = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

/** In another process: its time would be the generator's. */
if (process.env.BENCH_SERVER) {
  createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(201).end());
  }).listen(0, "127.0.0.1", function listening() {
    console.log(this.address().port);
  });
} else {
  try {
    await written();
    await compared();
    looked();
    if (Number(pairsText) > 0) await inTurn(Number(pairsText));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function written() {
  const values = new Values([], seededRandom(1), { thread: 0, threads: 1 });
  const draw = values.reader("uuid");
  const writer = new IdWriter({
    folder,
    noted: NOTED,
    thread: 0,
    names: ["order"],
    values,
    onLost: console.error,
  });
  writer.begin(0);
  const scope = newScope();
  const ticket = (n) => ({ name: 0, dueUs: n * 50, user: { scope } });
  const drawnUs = timed(() => {
    for (let n = 0; n < IDS; n++) draw(scope);
  });
  const notedUs = timed(() => {
    for (let n = 0; n < IDS; n++) {
      draw(scope);
      writer.note(ticket(n), "acknowledged", n * 50 + 4_000);
    }
    writer.flush();
  });
  const eachUs = (notedUs - drawnUs) / IDS;
  const share = (eachUs * RATE_PER_S) / 1e6;
  console.log(
    `${IDS} ids: ${eachUs.toFixed(2)} µs of CPU time each, ${(share * 100).toFixed(1)}% of a thread at ${RATE_PER_S}/s`,
  );
  console.log(`${megabytes(sizeOf())} MiB on disk`);
}

async function compared() {
  const before = process.memoryUsage().rss;
  const sent = new SentIds();
  const from = performance.now();
  await readIdLog(folder, (entry) => sent.add(entry));
  const findings = new Findings(sent, new Set());
  for (const [, { id }] of sent.all()) findings.add(id);
  const { lost, stored } = findings.result(true, () => ({ when: "baseline", fault: null }));
  const grown = process.memoryUsage().rss - before;
  console.log(
    `read and compared in ${((performance.now() - from) / 1000).toFixed(1)} s, ${megabytes(grown)} MiB of memory: ${stored} found, ${lost.count} lost`,
  );
}

/** Lines, as a command prints them. What prints them takes time of its own. */
function looked() {
  const draw = new Values([], seededRandom(1), { thread: 0, threads: 1 }).reader("uuid");
  const scope = newScope();
  const pieces = [];
  for (let from = 0; from < IDS; from += 1_700) {
    const count = Math.min(1_700, IDS - from);
    pieces.push(Buffer.from(Array.from({ length: count }, () => `${draw(scope)}\n`).join("")));
  }
  const before = process.memoryUsage().arrayBuffers;
  const looks = new IdLooks();
  const took = Array.from({ length: 4 }, () =>
    timed(() => {
      const found = new FoundIds({ list: null, each: null }, (id) => looks.saw(id, performance.now()));
      for (const piece of pieces) found.add(piece);
      found.end();
    }),
  );
  const seconds = took.map((us) => (us / 1e6).toFixed(2)).join(", ");
  console.log(
    `looks at all of them: ${seconds} s of CPU time, ${megabytes(process.memoryUsage().arrayBuffers - before)} MiB`,
  );
}

/** The closed model: connections send as fast as they can. */
async function inTurn(pairs) {
  const server = spawn(process.execPath, [new URL(import.meta.url).pathname], {
    env: { ...process.env, BENCH_SERVER: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise((resolve) => server.stdout.once("data", (text) => resolve(Number(text))));
  try {
    const ratios = [];
    for (let pair = 0; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? [false, true] : [true, false];
      const rates = new Map();
      for (const hasIds of order) rates.set(hasIds, await rateOf(port, hasIds));
      ratios.push(rates.get(true) / rates.get(false));
      console.log(
        `requests per second: ${Math.round(rates.get(false))} without ids, ${Math.round(rates.get(true))} with`,
      );
    }
    const middle = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)];
    console.log(`median of ${pairs}: ${((middle - 1) * 100).toFixed(1)}%`);
  } finally {
    server.kill();
  }
}

async function rateOf(port, hasIds) {
  const request = {
    name: "order",
    kind: "http",
    method: "POST",
    path: "/orders",
    headers: { "Content-Type": "application/json" },
    body: '{"id":"${uuid}"}',
    bodyEncoding: "json",
    expect: { status: [201], headers: {}, body: null, json: {} },
    weight: 1,
  };
  const plan = {
    target: { url: `http://127.0.0.1:${port}`, socketPath: null, tls: null },
    model: { kind: "closed", profile: { startValue: 20, stages: [] }, thinkTimeMs: 0 },
    timeoutMs: 10_000,
    workers: 1,
    keepAlive: true,
    pipelining: 1,
    mix: { kind: "requests", requests: [request] },
    feeds: [],
    seed: 1,
    ...(hasIds ? { ids: { folder, noted: NOTED } } : {}),
  };
  const session = await startLoad({ plan });
  try {
    await session.begin({ id: "all", limits: [] });
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    await session.end();
    const { all } = await session.drain("all");
    return all.outcomes.ok.reduce((sum, count) => sum + count, 0) / SECONDS;
  } finally {
    await session.stop();
  }
}

/** CPU time in µs: a busy machine makes it wait, and does not make it work. */
function timed(work) {
  const from = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(from);
  return user + system;
}
