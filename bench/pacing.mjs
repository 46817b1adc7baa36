// npm run bench -- pacing [--seconds 10] [--rate 1000] [--rounds 5]
// How evenly requests leave, and how near the reported latency of a target that takes 10 ms is to that target's own
// clock. Beside each the machine's own unrest: a process that does nothing but sleep until the next request would be
// due, and a client of bare sockets that never sleeps. Build first (npm run build).
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { machine, measure, median, openModel, option, printTable, stolenShare } from "./load/measure.mjs";
import { startSlowTarget } from "./load/slow-target.mjs";

const SLOT_MS = 10;
const seconds = option("seconds", 10);
const rate = option("rate", 1000);
const rounds = option("rounds", 5);
const wanted = (rate * SLOT_MS) / 1000;

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

const BARE_CLIENT = `
const { connect } = require("node:net");
const [port, seconds, rate] = process.argv.slice(1).map(Number);
const request = Buffer.from("GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n");
const free = [], latencyMs = [];
let sent = 0;
const open = () => {
  const socket = connect(port, "127.0.0.1").setNoDelay();
  socket.on("data", () => {
    latencyMs.push(performance.now() - socket.sentMs);
    free.push(socket);
    if (latencyMs.length < seconds * rate) return;
    console.log(JSON.stringify(latencyMs));
    process.exit();
  });
  return socket;
};
for (let i = 0; i < 100; i++) free.push(open());
const startMs = performance.now() + 200;
const turn = () => {
  for (; sent < seconds * rate && startMs + (sent * 1000) / rate <= performance.now(); sent++) {
    const socket = free.pop() ?? open();
    socket.sentMs = performance.now();
    socket.write(request);
  }
  if (sent < seconds * rate) setImmediate(turn);
};
turn();
`;

async function child(script, ...values) {
  const args = ["-e", script, ...values.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}

const percentile = (values, p) => values.toSorted((a, b) => a - b)[Math.ceil((p / 100) * values.length) - 1];

/** [slots within the band, empty ones, least, most] */
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

async function paced() {
  const target = await startSlowTarget(0);
  const result = await measure(target.url, openModel(rate, 200), { seconds, warmupSeconds: 2 });
  const { arrivedMs } = await target.seen();
  target.stop();
  return [...slotsOf(arrivedMs, result.startedAtMs), result.lag(50).toFixed(3), result.lag(99).toFixed(3)];
}

async function slept() {
  const { startMs, wokeMs } = await child(SLEEPER, seconds, rate);
  const lateMs = wokeMs.map((at, n) => at - startMs - (n * 1000) / rate);
  return [...slotsOf(wokeMs, startMs), percentile(lateMs, 50).toFixed(3), percentile(lateMs, 99).toFixed(3)];
}

/** What each client reports above the target's own clock, at p50 and p99. */
async function differences() {
  const target = await startSlowTarget(10);
  const { value: result, share } = await stolenShare(() =>
    measure(target.url, openModel(rate, 200), { seconds, warmupSeconds: 2 }),
  );
  const truth = (await target.seen()).tookMs.slice(-result.scheduled);
  const bareMs = await child(BARE_CLIENT, target.port, seconds, rate);
  const bareTruth = (await target.seen()).tookMs;
  target.stop();
  return {
    p50: result.latency(50) - percentile(truth, 50),
    p99: result.latency(99) - percentile(truth, 99),
    bareP50: percentile(bareMs, 50) - percentile(bareTruth, 50),
    bareP99: percentile(bareMs, 99) - percentile(bareTruth, 99),
    share,
  };
}

process.stdout.write(
  `Machine: ${machine()}\nCommand: npm run bench -- pacing --seconds ${seconds} --rate ${rate} --rounds ${rounds}\n\n`,
);
const rows = [];
for (let round = 1; round <= rounds; round++) {
  rows.push([`${round}: ${rate}/s, as the target saw it`, ...(await paced())]);
  rows.push([`${round}: a process that only sleeps`, ...(await slept())]);
}
printTable([
  [`${seconds} s`, `10 ms slots with ${wanted} ± 20 %`, "empty", "least", "most", "lag p50 ms", "lag p99 ms"],
  ...rows,
]);

const found = [];
for (let round = 1; round <= rounds; round++) found.push(await differences());
process.stdout.write("\n");
const keys = ["p50", "p99", "bareP50", "bareP99"];
printTable([
  [
    "reported above a 10 ms target's clock",
    "p50 ms",
    "p99 ms",
    "bare sockets: p50 ms",
    "p99 ms",
    "CPU time stolen",
  ],
  ...found.map((one, i) => [i + 1, ...keys.map((key) => one[key].toFixed(3)), one.share]),
  ["median", ...keys.map((key) => median(found.map((one) => one[key])).toFixed(3)), ""],
]);
