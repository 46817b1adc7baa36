// npm run bench -- pacing [--seconds 10] [--rate 1000]
// How evenly requests leave, and how near the reported latency of a target that takes 10 ms is to that target's own
// clock. Beside it the machine's own unrest: how evenly a process wakes that does nothing but sleep until the next request
// would be due. Build first (npm run build).
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { machine, measure, openModel, option, printTable } from "./load/measure.mjs";

const seconds = option("seconds", 10);
const rate = option("rate", 1000);

// Times on the monotonic clock that all processes of a machine share.
const SERVER = `
const now = () => Number(process.hrtime.bigint()) / 1e6;
const delayMs = Number(process.argv[1]);
let arrivedMs = [], tookMs = [];
const server = require("node:http").createServer((_, response) => {
  const from = now();
  arrivedMs.push(from);
  const answer = () => { response.end("hello"); tookMs.push(now() - from); };
  delayMs === 0 ? answer() : setTimeout(answer, delayMs);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("data", () => console.log(JSON.stringify({ arrivedMs, tookMs })));
process.stdin.on("end", () => process.exit());
`;

const SLEEPER = `
const [seconds, rate] = process.argv.slice(1).map(Number);
const cell = new Int32Array(new SharedArrayBuffer(4));
const startMs = performance.now() + 100;
const wokeMs = [];
for (let n = 0; n < seconds * rate; n++) {
  const dueMs = startMs + (n * 1000) / rate;
  while (performance.now() < dueMs) Atomics.wait(cell, 0, 0, dueMs - performance.now());
  wokeMs.push(performance.now());
}
console.log(JSON.stringify({ startMs, wokeMs }));
`;

async function sleepOnly() {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["-e", SLEEPER, String(seconds), String(rate)],
    { maxBuffer: 2 ** 26 },
  );
  const { startMs, wokeMs } = JSON.parse(stdout);
  const lateMs = wokeMs.map((at, n) => at - startMs - (n * 1000) / rate);
  return { slots: slotsOf(wokeMs, startMs), lateMs };
}

async function against(delayMs) {
  const child = spawn(process.execPath, ["-e", SERVER, String(delayMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const url = `http://127.0.0.1:${await line()}`;
  const result = await measure(url, openModel(rate, 200), { seconds, warmupSeconds: 2 });
  child.stdin.write("report\n");
  const seen = JSON.parse(await line());
  child.stdin.end();
  return { ...result, seen };
}

const percentile = (values, p) => values.toSorted((a, b) => a - b)[Math.ceil((p / 100) * values.length) - 1];

process.stdout.write(
  `Machine: ${machine()}\nCommand: npm run bench -- pacing --seconds ${seconds} --rate ${rate}\n\n`,
);
const SLOT_MS = 10;
const wanted = (rate * SLOT_MS) / 1000;

function slotsOf(timesMs, startMs) {
  const slots = new Array(Math.floor((seconds * 1000) / SLOT_MS)).fill(0);
  for (const at of timesMs) {
    const slot = Math.floor((at - startMs) / SLOT_MS);
    if (slot >= 0 && slot < slots.length) slots[slot]++;
  }
  const within = slots.filter((count) => Math.abs(count - wanted) <= wanted * 0.2).length;
  const empty = slots.filter((count) => count === 0).length;
  return [`${within} of ${slots.length}`, empty, Math.min(...slots), Math.max(...slots)];
}

const idle = await sleepOnly();
const even = await against(0);
printTable([
  ["pacing", `10 ms slots with ${wanted} ± 20 %`, "empty", "least", "most", "lag p50 ms", "lag p99 ms"],
  [
    `${rate}/s for ${seconds} s, as the target saw it`,
    ...slotsOf(even.seen.arrivedMs, even.startedAtMs),
    even.lag(50),
    even.lag(99),
  ],
  [
    "a process that only sleeps",
    ...idle.slots,
    percentile(idle.lateMs, 50).toFixed(3),
    percentile(idle.lateMs, 99).toFixed(3),
  ],
]);
const fixed = await against(10);
const truth = fixed.seen.tookMs.slice(-fixed.scheduled);
process.stdout.write("\n");
printTable([
  ["target that takes 10 ms", "reported ms", "target's clock ms", "difference ms"],
  ...[50, 90, 99].map((p) => [
    `p${p}`,
    fixed.latency(p).toFixed(3),
    percentile(truth, p).toFixed(3),
    (fixed.latency(p) - percentile(truth, p)).toFixed(3),
  ]),
]);
