// npm run bench -- worker-crowd [--workers 10,100,300,1000] [--rate 10000] [--seconds 20] [--feed-mb 0] [--processes 0] [--connections 0]
// How control and merging grow with the number of workers. The workers are simulated, some hundreds in a process: connections, lines and
// reports are real, the load is not. The record must be the sum of what they have asked. --processes: so many have them; --connections:
// so many they share to the server (0: each has its own). Needs nats-server. Build first (npm run build).
import { randomBytes } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { packRows } from "../dist/scenario/feeds/feed-packer.js";
import { monotonicMs } from "../dist/support/clock.js";
import { cpuSOf } from "../dist/support/processes/process-table.js";
import { startCrowdProcesses } from "../test/helpers/crowd/crowd-processes.mjs";
import { listOption, machine, openModel, option, planFor, printTable, sleep, sum } from "./load/measure.mjs";
import { gatherCrew, ownCpuS, startNats } from "./workers/servers.mjs";

const sizes = listOption("workers", [10, 100, 300, 1000]);
const rate = option("rate", 10_000);
const seconds = option("seconds", 20);
const feedMb = option("feed-mb", 0);
const processes = option("processes", 0);
const connections = option("connections", 0);
/** More would keep one process busy with nothing but connections. */
const WORKERS_A_PROCESS = 250;
const RUN = "faultline run";
/** The first seconds are those of a process that is not warm. */
const COLD_MS = 3_000;

/** Rows that cannot be made shorter. */
function feedOf(megabytes) {
  const rows = Array.from({ length: Math.ceil(megabytes * 1000) }, () => ({
    id: randomBytes(500).toString("latin1"),
  }));
  return { name: "rows", pick: "round-robin", table: packRows(rows) };
}

const more = () =>
  [
    ["feed-mb", feedMb],
    ["processes", processes],
    ["connections", connections],
  ]
    .map(([name, value]) => (value > 0 ? ` --${name} ${value}` : ""))
    .join("");

const ms = (value) => value.toFixed(1);

async function measure(count) {
  const nats = await startNats();
  const crowd = await startCrowdProcesses(nats.url, count, {
    processes: processes || Math.ceil(count / WORKERS_A_PROCESS),
    connections: connections || count,
  });
  const warnings = [];
  const callMs = monotonicMs();
  const crew = await gatherCrew(nats.url, count, (text) => warnings.push(text));
  const gatheredMs = monotonicMs();
  const plan = planFor("http://127.0.0.1:9/", openModel(rate, 10_000), {
    feeds: feedMb > 0 ? [feedOf(feedMb)] : [],
  });
  const session = await crew.startLoad({ plan, onSpoilt() {} });
  const readyMs = monotonicMs();
  const { startedAtMs } = await session.begin({
    id: "cold",
    limits: [{ request: null, limitUs: 20_000 }],
  });
  await sleep(COLD_MS);
  // All connections are asked for once. To ask for a thousand every second would cost the run more than it measures.
  const { cid } = (await nats.told("connz?limit=4096")).connections.find(({ name }) => name === RUN);
  const run = async () => (await nats.told(`connz?cid=${cid}`)).connections[0];
  const loop = monitorEventLoopDelay({ resolution: 20 });
  const changeMs = startedAtMs + COLD_MS + 1000;
  await session.begin({ id: "measured", limits: [{ request: null, limitUs: 20_000 }] }, changeMs);
  loop.enable();
  const crowdCpuS = () => sum(crowd.pids.map(cpuSOf));
  const [before, cpu, natsCpu, crowdCpu] = [await run(), ownCpuS(), cpuSOf(nats.child.pid), crowdCpuS()];
  const rss = [];
  let pending = 0;
  const fromMs = monotonicMs();
  const endMs = changeMs + 1000 * seconds;
  while (monotonicMs() < endMs - session.announceMs - 1100) {
    await sleep(1000);
    rss.push(process.memoryUsage.rss());
    pending = Math.max(pending, (await run()).pending_bytes);
  }
  const [after, took] = [await run(), (monotonicMs() - fromMs) / 1000];
  const [runS, natsS, crowdS] = [ownCpuS() - cpu, cpuSOf(nats.child.pid) - natsCpu, crowdCpuS() - crowdCpu];
  loop.disable();
  await session.end(endMs);
  const endedMs = monotonicMs();
  const { all, lost } = await session.drain("measured");
  const drainedMs = monotonicMs();
  await session.drain("cold");
  const seen = crew.records(["measured"], (atMs) => atMs / 1000);
  const { measured: source } = await crowd.tell();
  const { slow_consumers, mem, subscriptions } = await nats.told("varz");
  await session.stop();
  await crew.close();
  crowd.end();
  nats.child.kill("SIGKILL");
  const isSum =
    lost === null &&
    String(all.scheduled) === String(source.scheduled) &&
    String(all.outcomes.ok) === String(source.scheduled) &&
    String([...all.histograms.latency.counts]) === String(source.latency.counts);
  for (const text of warnings.slice(0, 3)) process.stderr.write(`${count}: ${text}\n`);
  const perS = (key) => (after[key] - before[key]) / took;
  return {
    cost: [
      count,
      ((gatheredMs - callMs) / 1000).toFixed(2),
      ((readyMs - gatheredMs) / 1000).toFixed(2),
      Math.round(perS("out_msgs")),
      Math.round(perS("in_msgs")),
      Math.round(perS("out_bytes") / 1000),
      Math.round(perS("in_bytes") / 1000),
      `${((100 * runS) / took).toFixed(1)} %`,
      ((1000 * runS) / took / count).toFixed(2),
      Math.round(Math.max(...rss) / 2 ** 20),
      `${((100 * natsS) / took).toFixed(1)} %`,
      `${((100 * crowdS) / took).toFixed(1)} %`,
    ],
    truth: [
      count,
      isSum ? `${sum(all.scheduled)}, yes` : "NO",
      warnings.length,
      ms(session.announceMs),
      ms(Math.max(...seen.map(({ lateMs }) => lateMs))),
      ms(Math.max(...seen.map(({ clock }) => clock.errorMs))),
      ms(loop.percentile(99) / 1e6),
      ms(loop.max / 1e6),
      ms(drainedMs - endedMs),
      Math.round(pending / 1000),
      slow_consumers,
      subscriptions,
      Math.round(mem / 2 ** 20),
    ],
  };
}

process.stdout.write(`Machine: ${machine()}\n`);
process.stdout.write(
  `Command: npm run bench -- worker-crowd --workers ${sizes} --rate ${rate} --seconds ${seconds}${more()}\n\n`,
);
const rows = [];
for (const count of sizes) rows.push(await measure(count));
printTable([
  [
    "workers",
    "gathered s",
    "ready s",
    "messages/s to run",
    "from run",
    "kB/s to run",
    "from run",
    "run: CPU",
    "ms/s for each",
    "run: RSS MiB",
    "NATS: CPU",
    "simulated: CPU",
  ],
  ...rows.map(({ cost }) => cost),
]);
process.stdout.write("\n");
printTable([
  [
    "workers",
    "requests, record is the sum",
    "warnings",
    "announced ms ahead",
    "latest late ms",
    "clock error ms",
    "run: loop p99 ms",
    "max",
    "drained ms",
    "pending kB",
    "slow consumers",
    "subscriptions",
    "NATS: RSS MiB",
  ],
  ...rows.map(({ truth }) => truth),
]);
process.exit();
