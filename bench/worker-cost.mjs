// npm run bench -- worker-cost [--workers 10] [--rate 6000] [--seconds 600]
// What control and merging cost the run beside what making the load costs a worker, and whether the run's memory stays flat. This
// process is the run, with nothing else to do. Needs nats-server. Build first (npm run build).
import { monotonicMs } from "../dist/support/clock.js";
import { cpuSOf } from "../dist/support/processes/process-table.js";
import { machine, median, openModel, option, planFor, printTable, sleep, sum } from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";
import { gatherCrew, ownCpuS, slopeOf, startNats, startWorkers } from "./workers/servers.mjs";

const count = option("workers", 10);
const rate = option("rate", 6000);
const seconds = option("seconds", 600);
const MIB = 2 ** 20;
const ROWS = 10;
const LIMITS = [{ request: null, limitUs: 100_000 }];

const nats = await startNats();
const names = Array.from({ length: count }, (_, at) => `w${String(at).padStart(2, "0")}`);
const workers = await startWorkers(nats.url, names);
const target = await startTarget();
process.stdout.write(`Machine: ${machine()}\nTarget: ${target.name}\n`);
process.stdout.write(
  `Command: npm run bench -- worker-cost --workers ${count} --rate ${rate} --seconds ${seconds}\n\n`,
);
const warnings = [];
const crew = await gatherCrew(nats.url, count, (text) => warnings.push(text));
const session = await crew.startLoad({
  plan: planFor(target.url, openModel(rate), { timeoutMs: 2000 }),
  onSpoilt: (reason) => warnings.push(reason),
});
try {
  await session.begin({ id: "warm-up", limits: LIMITS });
  await sleep(5000);
  await session.begin({ id: "measured", limits: LIMITS });
  await session.drain("warm-up");
  const workersCpuS = () => workers.map(({ pid }) => cpuSOf(pid));
  const [fromMs, runS, eachS, natsS] = [monotonicMs(), ownCpuS(), workersCpuS(), cpuSOf(nats.child.pid)];
  const points = [];
  const rows = [["after s", "run: ms of CPU in a second", "RSS MiB", "heap MiB"]];
  let [lastMs, lastS] = [fromMs, runS];
  while (monotonicMs() - fromMs < 1000 * seconds) {
    await sleep(1000);
    const { rss, heapUsed } = process.memoryUsage();
    points.push([(monotonicMs() - fromMs) / 60_000, rss / MIB, heapUsed / MIB]);
    if (monotonicMs() - lastMs < (1000 * seconds) / ROWS) continue;
    const recent = points.filter(([minute]) => minute >= (lastMs - fromMs) / 60_000);
    const mean = (at) => (sum(recent.map((point) => point[at])) / recent.length).toFixed(1);
    const nowS = ownCpuS();
    const perS = (1e6 * (nowS - lastS)) / (monotonicMs() - lastMs);
    rows.push([Math.round((monotonicMs() - fromMs) / 1000), perS.toFixed(2), mean(1), mean(2)]);
    process.stderr.write(`${rows.at(-1).join(" ")}\n`);
    [lastMs, lastS] = [monotonicMs(), nowS];
  }
  const tookS = (monotonicMs() - fromMs) / 1000;
  const perS = (fromS, untilS) => (1000 * (untilS - fromS)) / tookS;
  const run = perS(runS, ownCpuS());
  const each = workersCpuS().map((untilS, at) => perS(eachS[at], untilS));
  const server = perS(natsS, cpuSOf(nats.child.pid));
  await session.end();
  const { all, lost, lostWorkers = [] } = await session.drain("measured");
  printTable(rows);
  const share = (of) => `${((100 * run) / of).toFixed(1)} %`;
  process.stdout.write("\n");
  printTable([
    [
      "workers",
      "rate of each",
      "run: ms/s",
      "a worker: ms/s (median)",
      "run of it",
      "of a core",
      "NATS: ms/s",
    ],
    [
      count,
      `${rate / count}/s`,
      run.toFixed(2),
      median(each).toFixed(1),
      share(median(each)),
      share(1000),
      server.toFixed(2),
    ],
  ]);
  // While a process warms up its memory grows, whatever it does.
  const warm = points.filter((_, at) => at >= points.length / 5);
  const slope = (at) => slopeOf(warm.map((point) => [point[0], point[at]])).toFixed(2);
  process.stdout.write(
    `\nGrowth after the first fifth: RSS ${slope(1)} MiB a minute, heap ${slope(2)} MiB a minute.\n` +
      `Scheduled ${sum(all.scheduled)}, ok ${sum(all.outcomes.ok)}, lost: ${lost ?? lostWorkers.length}.` +
      `${warnings.map((text) => `\n${text}`).join("")}\n`,
  );
} finally {
  await session.stop();
  await crew.close();
  await target.stop?.();
}
process.exit();
