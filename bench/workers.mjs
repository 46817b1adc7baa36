// npm run bench -- workers [--rate 3000] [--rounds 10] [--seconds 5]
// The same load from this machine's own threads and from three workers, in turn: counts, quantiles, start skew, what control and
// merging cost, and how fast a killed worker is noticed. Needs nats-server. Build first (npm run build).
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { toolVersion } from "../dist/app/tool-version.js";
import { Crew } from "../dist/load/distributed/crew.js";
import { startLoad } from "../dist/load/start-load.js";
import { pickFreePort } from "../dist/run/reach/local-port.js";
import { monotonicMs } from "../dist/support/clock.js";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { machine, openModel, option, planFor, printTable, REQUEST, sleep, sum } from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";

const rate = option("rate", 3000);
const rounds = option("rounds", 10);
const seconds = option("seconds", 5);
const WORKERS = ["a", "b", "c"];
/** They end with this process. */
const start = (program, args) => startChild(program, args, { stdio: ["ignore", "pipe", "inherit"] });

const port = await pickFreePort();
const sbin = "/usr/sbin/nats-server";
start(existsSync(sbin) ? sbin : "nats-server", ["-a", "127.0.0.1", "-p", String(port), "-l", "/dev/null"]);
for (let open = false; !open; await sleep(50)) {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  open = await Promise.race([
    once(socket, "connect").then(
      () => true,
      () => false,
    ),
    sleep(200).then(() => false),
  ]);
  socket.destroy();
}
const url = `nats://127.0.0.1:${port}`;
const bin = new URL("../bin/faultline.js", import.meta.url).pathname;
const workers = WORKERS.map((name) =>
  start(process.execPath, [bin, "worker", "--nats", url, "--name", name]),
);
await Promise.all(workers.map((worker) => once(worker.stdout, "data")));
for (const worker of workers) worker.stdout.resume();

const target = await startTarget();
process.stdout.write(`Machine: ${machine()}\nTarget: ${target.name}\n`);
process.stdout.write(
  `Command: npm run bench -- workers --rate ${rate} --rounds ${rounds} --seconds ${seconds}\n\n`,
);

const plan = planFor(target.url, openModel(rate), {
  timeoutMs: 2000,
  mix: { kind: "requests", requests: [REQUEST] },
});
const gather = (signal = new AbortController().signal) =>
  Crew.gather({
    url,
    expect: 3,
    withinMs: 20_000,
    env: {},
    version: toolVersion(),
    signal,
    onStatus() {},
    onWarning: (text) => warnings.push(text),
  });
let warnings = [];

async function measure(session) {
  const cpu = process.cpuUsage();
  const { startedAtMs } = await session.begin({ id: "all", limits: [{ request: null, limitUs: 100_000 }] });
  const endMs = startedAtMs + 1000 * seconds;
  await sleep(endMs - session.announceMs - 40 - monotonicMs());
  await session.end(endMs);
  const measured = await session.drain("all");
  const { user, system } = process.cpuUsage(cpu);
  return { measured, cpuS: (user + system) / 1e6 };
}

const latency = ({ all }, q) => {
  const times = all.histograms.latency;
  return times.atRankUs(Math.max(1, Math.ceil(q * times.count))) / 1000;
};
const rows = [
  ["round", "from", "scheduled", "ok", "p50 ms", "p99 ms", "clock error ms", "late ms", "runner CPU s"],
];
try {
  for (let round = 1; round <= rounds; round++) {
    const here = await startLoad({ plan });
    const own = await measure(here);
    await here.stop();
    const crew = await gather();
    const session = await crew.startLoad({ plan, onSpoilt() {} });
    const theirs = await measure(session);
    const seen = crew.records(["all"], (atMs) => atMs / 1000);
    await session.stop();
    await crew.close();
    for (const [from, { measured, cpuS }, clocks] of [
      ["1 machine", own, []],
      ["3 workers", theirs, seen],
    ]) {
      const { all, lost } = measured;
      if (lost !== null) throw new Error(lost);
      const worst = (pick) => (clocks.length === 0 ? "–" : Math.max(...clocks.map(pick)).toFixed(3));
      const times = [0.5, 0.99].map((q) => latency(measured, q).toFixed(3));
      rows.push([
        round,
        from,
        all.scheduled.join("+") === all.scheduled.map(() => rate).join("+")
          ? `${seconds} × ${rate}`
          : all.scheduled.join("+"),
        sum(all.outcomes.ok),
        ...times,
        worst(({ clock }) => clock.errorMs),
        worst(({ lateMs }) => lateMs),
        cpuS.toFixed(2),
      ]);
    }
    process.stderr.write(`round ${round}\n`);
  }
  const crew = await gather();
  const session = await crew.startLoad({ plan, onSpoilt() {} });
  await session.begin({ id: "all", limits: [] });
  await sleep(1000);
  warnings = [];
  const killedMs = monotonicMs();
  workers[2].kill("SIGKILL");
  while (warnings.length === 0) await sleep(2);
  printTable(rows);
  process.stdout.write(`\nA killed worker was noticed after ${Math.round(monotonicMs() - killedMs)} ms.\n`);
  await session.stop();
  await crew.close();
} finally {
  await target.stop?.();
}
process.exit();
