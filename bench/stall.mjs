// npm run bench -- stall [--rate 20000] [--stall 60] [--rounds 3]
// How soon the open model is back on its schedule after its whole process was stopped for some milliseconds, as a busy
// machine or a hypervisor does: lag and latency second by second. Build first (npm run build).
import { spawn } from "node:child_process";
import { startLoad } from "../dist/load/start-load.js";
import { machine, openModel, option, planFor, printTable, sleep } from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";

const rate = option("rate", 20_000);
const stallMs = option("stall", 60);
const rounds = option("rounds", 3);
const SECONDS = 6;
const STALL_AT_MS = 1500;

/** Stops this process, and lets it go on. */
function stall() {
  const script = `kill -STOP ${process.pid}; sleep ${stallMs / 1000}; kill -CONT ${process.pid}`;
  spawn("/bin/sh", ["-c", script], { stdio: "ignore" });
}

async function measureStall(url) {
  const session = await startLoad({ plan: planFor(url, openModel(rate), { timeoutMs: 5000 }) });
  try {
    await session.begin({ id: "warm-up", limits: [] });
    await sleep(3000);
    await session.begin({ id: "measured", limits: [] });
    await sleep(STALL_AT_MS);
    stall();
    await sleep(SECONDS * 1000 - STALL_AT_MS);
    await session.end();
    return (await session.drain("measured")).all;
  } finally {
    await session.stop();
  }
}

const target = await startTarget();
process.stdout.write(
  `Machine: ${machine()}\nTarget: ${target.name}\nCommand: npm run bench -- stall --rate ${rate} --stall ${stallMs} --rounds ${rounds}\n\n`,
);
try {
  const seconds = Array.from({ length: SECONDS }, (_, second) => second);
  const rows = [];
  for (let round = 1; round <= rounds; round++) {
    const all = await measureStall(target.url);
    const row = (name, values) => [
      `${round}: ${name}`,
      ...seconds.map((second) => values[second].toFixed(2)),
    ];
    rows.push(row("lag p99 ms", all.lagP99Ms), row("latency p50 ms", all.latencyMs.p50));
  }
  printTable([
    [`stopped for ${stallMs} ms at ${STALL_AT_MS / 1000} s`, ...seconds.map((s) => `second ${s + 1}`)],
    ...rows,
  ]);
} finally {
  await target.stop();
}
