// npm run bench -- load [--seconds 5] [--rounds 3] [--rates 20000,40000,60000] [--connections 50]
// Request rate of the closed model against the autocannon command line and hey on the same target, in turns, with one
// and two threads; then what the open model sustains on one thread, at each rate. Build first (npm run build).
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import {
  closedModel,
  listOption,
  machine,
  measure,
  median,
  option,
  printTable,
  rampedModel,
  sleep,
  stolenShare,
} from "./measure.mjs";
import { startTarget, tryVersion } from "./target.mjs";

const run = promisify(execFile);
const RAMP_S = 3;
const seconds = option("seconds", 5);
const rounds = option("rounds", 3);
const openRates = listOption("rates", [20_000, 40_000, 60_000]);
const connections = option("connections", 50);
const autocannonFile = createRequire(import.meta.url).resolve("autocannon/autocannon.js");
const autocannonVersion = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("autocannon/package.json"), "utf8"),
).version;

async function autocannon(url, workers) {
  const args = [autocannonFile, "-c", String(connections), "-d", String(seconds), "-j", "-n"];
  if (workers > 1) args.push("-w", String(workers));
  const { stdout } = await run(process.execPath, [...args, url], { maxBuffer: 2 ** 26 });
  const result = JSON.parse(stdout);
  return result["2xx"] / result.duration;
}

async function hey(url) {
  const { stdout } = await run("hey", ["-c", String(connections), "-z", `${seconds}s`, url]);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

async function faultline(url, workers) {
  const result = await measure(url, closedModel(connections), { seconds, workers });
  if (result.outcomes.ok !== result.scheduled)
    throw new Error(`not all ok: ${JSON.stringify(result.outcomes)}`);
  return result.outcomes.ok / result.durationS;
}

const target = await startTarget();
const hasHey = tryVersion("command", ["-v", "hey"]) !== null;
const contenders = [
  ["faultline, closed, 1 thread", (url) => faultline(url, 1)],
  [`autocannon ${autocannonVersion}`, (url) => autocannon(url, 1)],
  ...(hasHey ? [["hey", hey]] : []),
  ["faultline, closed, workers: 2", (url) => faultline(url, 2)],
  [`autocannon ${autocannonVersion} -w 2`, (url) => autocannon(url, 2)],
];
const rates = new Map(contenders.map(([name]) => [name, []]));
process.stdout.write(
  `Machine: ${machine()}\nTarget: ${target.name}, one worker, 11-byte body, ${connections} connections\n`,
);
process.stdout.write(
  `Command: npm run bench -- load --seconds ${seconds} --rounds ${rounds} --rates ${openRates}\n\n`,
);
try {
  for (let round = 1; round <= rounds; round++) {
    for (const [name, contend] of contenders) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
      rates.get(name).push(await contend(target.url));
      await sleep(500);
    }
  }
  const per = (name) => median(rates.get(name));
  const versus = (name) => {
    if (name.startsWith("faultline, closed, 1")) {
      const others = [contenders[1][0], ...(hasHey ? ["hey"] : [])];
      return others.map((other) => `${(per(name) / per(other)).toFixed(2)} × ${other}`).join(", ");
    }
    const peer = contenders.at(-1)[0];
    return name.startsWith("faultline") ? `${(per(name) / per(peer)).toFixed(2)} × ${peer}` : "";
  };
  printTable([
    ["closed model", "requests/s (median)", "all rounds", "compared"],
    ...contenders.map(([name]) => [
      name,
      Math.round(per(name)),
      rates.get(name).map(Math.round).join(" "),
      versus(name),
    ]),
  ]);
  const openRows = [];
  for (const rate of openRates) {
    process.stderr.write(`open model, ${rate}/s\n`);
    const { value: open, share } = await stolenShare(() =>
      measure(target.url, rampedModel(rate, RAMP_S), {
        seconds: seconds * 2,
        warmupSeconds: RAMP_S + 1,
        timeoutMs: 2000,
      }),
    );
    openRows.push([
      `${rate}/s for ${seconds * 2} s`,
      Math.round(open.scheduled / open.durationS),
      open.outcomes.ok,
      open.outcomes.unsent,
      open.scheduled - open.outcomes.ok - open.outcomes.unsent,
      open.latency(50),
      open.latency(99),
      open.lag(50),
      open.lag(99),
      median(open.measured.all.lagP99Ms.filter((lag) => lag !== null)),
      share,
    ]);
    await sleep(500);
  }
  process.stdout.write("\n");
  printTable([
    [
      "open model, 1 thread",
      "scheduled/s",
      "ok",
      "unsent",
      "other",
      "p50 ms",
      "p99 ms",
      "lag p50 ms",
      "lag p99 ms",
      "in the median second",
      "CPU time stolen",
    ],
    ...openRows,
  ]);
} finally {
  await target.stop();
}
