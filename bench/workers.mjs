// npm run bench -- workers [--rate 3000] [--rounds 10] [--seconds 5]
// The same load from this machine's own threads and from three workers, in turn: counts, quantiles, what control and merging cost; how
// far apart workers begin, as they say and as the target saw it; how fast a killed worker is noticed. Needs nats-server. Build first
// (npm run build).
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startLoad } from "../dist/load/start-load.js";
import { monotonicMs } from "../dist/support/clock.js";
import { startChild } from "../test/helpers/children/start-child.mjs";
import {
  machine,
  median,
  openModel,
  option,
  planFor,
  printTable,
  REQUEST,
  sleep,
  sum,
} from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";
import { gatherCrew, ownCpuS, startNats, startWorkers } from "./workers/servers.mjs";

const rate = option("rate", 3000);
const rounds = option("rounds", 10);
const seconds = option("seconds", 5);
const WORKERS = ["a", "b", "c"];
const FIRST = fileURLToPath(new URL("./workers/first-arrivals.mjs", import.meta.url));

const { url } = await startNats();
const workers = await startWorkers(url, WORKERS);
const target = await startTarget();
process.stdout.write(`Machine: ${machine()}\nTarget: ${target.name}\n`);
process.stdout.write(
  `Command: npm run bench -- workers --rate ${rate} --rounds ${rounds} --seconds ${seconds}\n\n`,
);

const planAt = (targetUrl, path) =>
  planFor(targetUrl, openModel(rate), {
    timeoutMs: 2000,
    mix: { kind: "requests", requests: [{ ...REQUEST, path }] },
  });
const plan = planAt(target.url, "/");
let warnings = [];
const gather = () => gatherCrew(url, WORKERS.length, (text) => warnings.push(text));

async function measure(session, forS) {
  const cpuS = ownCpuS();
  const { startedAtMs } = await session.begin({ id: "all", limits: [{ request: null, limitUs: 100_000 }] });
  const endMs = startedAtMs + 1000 * forS;
  await sleep(endMs - session.announceMs - 40 - monotonicMs());
  await session.end(endMs);
  const measured = await session.drain("all");
  return { measured, cpuS: ownCpuS() - cpuS, startedAtMs };
}

/** By three workers, on a crew of their own. */
async function byWorkers(plan, forS) {
  const crew = await gather();
  const session = await crew.startLoad({ plan, onSpoilt() {} });
  const theirs = await measure(session, forS);
  const seen = crew.records(["all"], (atMs) => atMs / 1000);
  await session.stop();
  await crew.close();
  return { ...theirs, seen };
}

const latency = ({ all }, q) => {
  const times = all.histograms.latency;
  return times.atRankUs(Math.max(1, Math.ceil(q * times.count))) / 1000;
};
const worst = (seen, pick) => (seen.length === 0 ? "–" : Math.max(...seen.map(pick)).toFixed(3));

async function compare() {
  const rows = [
    ["round", "from", "scheduled", "ok", "p50 ms", "p99 ms", "clock error ms", "late ms", "runner CPU s"],
  ];
  for (let round = 1; round <= rounds; round++) {
    const here = await startLoad({ plan });
    const own = { ...(await measure(here, seconds)), seen: [] };
    await here.stop();
    for (const [from, { measured, cpuS, seen }] of [
      ["1 machine", own],
      ["3 workers", await byWorkers(plan, seconds)],
    ]) {
      const { all, lost } = measured;
      if (lost !== null) throw new Error(lost);
      const isEven = all.scheduled.join("+") === all.scheduled.map(() => rate).join("+");
      rows.push([
        round,
        from,
        isEven ? `${seconds} × ${rate}` : all.scheduled.join("+"),
        sum(all.outcomes.ok),
        ...[0.5, 0.99].map((q) => latency(measured, q).toFixed(3)),
        worst(seen, ({ clock }) => clock.errorMs),
        worst(seen, ({ lateMs }) => lateMs),
        cpuS.toFixed(2),
      ]);
    }
    process.stderr.write(`round ${round}\n`);
  }
  printTable(rows);
}

/** The first request of each worker: how long after it was due the target had it. */
async function startSkew() {
  const child = startChild(process.execPath, [FIRST, String(WORKERS.length)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [{ port }] = await once(child, "message");
  const rows = [["round", ...WORKERS.map((name) => `${name} ms`), "apart ms", "clock error ms", "late ms"]];
  const apart = [];
  for (let round = 1; round <= rounds; round++) {
    const { startedAtMs, seen } = await byWorkers(planAt(`http://127.0.0.1:${port}`, "/${seq}"), 1);
    const answer = once(child, "message");
    child.send("tell");
    const [cameMs] = await answer;
    const missing = WORKERS.filter((_, at) => cameMs[at] === null);
    if (missing.length > 0)
      throw new Error(`round ${round}: no first request of worker ${missing.join(", ")}`);
    const afterMs = WORKERS.map((_, at) => cameMs[at] - startedAtMs - (1000 * at) / rate);
    apart.push(Math.max(...afterMs) - Math.min(...afterMs));
    rows.push([
      round,
      ...afterMs.map((ms) => ms.toFixed(3)),
      apart.at(-1).toFixed(3),
      worst(seen, ({ clock }) => clock.errorMs),
      worst(seen, ({ lateMs }) => lateMs),
    ]);
  }
  process.stdout.write("\nWhen the target had the first request of each worker, after it was due:\n\n");
  printTable(rows);
  const most = Math.max(...apart).toFixed(3);
  process.stdout.write(`\nApart: ${median(apart).toFixed(3)} ms in the median round, ${most} ms at most.\n`);
  child.kill("SIGKILL");
}

async function noticeKill() {
  const crew = await gather();
  const session = await crew.startLoad({ plan, onSpoilt() {} });
  await session.begin({ id: "all", limits: [] });
  await sleep(1000);
  warnings = [];
  const killedMs = monotonicMs();
  workers[2].kill("SIGKILL");
  while (warnings.length === 0) await sleep(2);
  process.stdout.write(`\nA killed worker was noticed after ${Math.round(monotonicMs() - killedMs)} ms.\n`);
  await session.stop();
  await crew.close();
}

try {
  await compare();
  await startSkew();
  await noticeKill();
} finally {
  await target.stop?.();
}
process.exit();
