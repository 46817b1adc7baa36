// npm run bench -- load [--seconds 5] [--rounds 3] [--rates 20000,40000,60000] [--connections 50]
// Request rate of the closed model against the autocannon command line, hey and wrk on the same target, in turns, with one
// and two threads; then what the open model sustains on one thread, at each rate. Build first (npm run build).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
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
import { ownCost, peer } from "./peers.mjs";
import { startTarget, tryVersion } from "./target.mjs";

const RAMP_S = 3;
const seconds = option("seconds", 5);
const rounds = option("rounds", 3);
const openRates = listOption("rates", [20_000, 40_000, 60_000]);
const connections = option("connections", 50);
const autocannonFile = createRequire(import.meta.url).resolve("autocannon/autocannon.js");
const autocannonVersion = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("autocannon/package.json"), "utf8"),
).version;

/** Each gives { perS, cpuUs }: requests per second, and µs of CPU time for each, with the program's start. */
async function autocannon(url, workers) {
  const args = [autocannonFile, "-c", connections, "-d", seconds, "-j", "-n"];
  if (workers > 1) args.push("-w", workers);
  const { stdout, cpuUs } = await peer(process.execPath, ...args, url);
  const result = JSON.parse(stdout);
  return { perS: result["2xx"] / result.duration, cpuUs: cpuUs / result["2xx"] };
}

async function hey(url) {
  const { stdout, cpuUs } = await peer("hey", "-c", connections, "-z", `${seconds}s`, url);
  const perS = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { perS, cpuUs: cpuUs / (perS * seconds) };
}

async function wrk(url) {
  const { stdout, cpuUs } = await peer("wrk", "-t", 1, "-c", connections, "-d", `${seconds}s`, url);
  const perS = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { perS, cpuUs: cpuUs / (perS * seconds) };
}

function faultline(url, workers) {
  return ownCost(seconds, () => measure(url, closedModel(connections), { seconds, workers }));
}

const target = await startTarget();
const has = (program) => tryVersion("command", ["-v", program]) !== null;
const others = [...(has("hey") ? [["hey", hey]] : []), ...(has("wrk") ? [["wrk", wrk]] : [])];
const contenders = [
  ["faultline, closed, 1 thread", (url) => faultline(url, 1)],
  [`autocannon ${autocannonVersion}`, (url) => autocannon(url, 1)],
  ...others,
  ["faultline, closed, workers: 2", (url) => faultline(url, 2)],
  [`autocannon ${autocannonVersion} -w 2`, (url) => autocannon(url, 2)],
];
const results = new Map(contenders.map(([name]) => [name, []]));
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
      results.get(name).push(await contend(target.url));
      await sleep(500);
    }
  }
  const of = (name, what) => median(results.get(name).map((result) => result[what]));
  const ratios = (name, peers) =>
    peers
      .map((other) => [other, of(name, "perS") / of(other, "perS"), of(name, "cpuUs") / of(other, "cpuUs")])
      .map(([other, perS, cpuUs]) => `${perS.toFixed(2)} × ${other} (CPU ${cpuUs.toFixed(2)} ×)`)
      .join(", ");
  const versus = (name) => {
    if (name.startsWith("faultline, closed, 1")) {
      return ratios(name, [contenders[1][0], ...others.map(([other]) => other)]);
    }
    return name.startsWith("faultline") ? ratios(name, [contenders.at(-1)[0]]) : "";
  };
  printTable([
    ["closed model", "requests/s (median)", "all rounds", "CPU µs a request", "compared"],
    ...contenders.map(([name]) => [
      name,
      Math.round(of(name, "perS")),
      results
        .get(name)
        .map(({ perS }) => Math.round(perS))
        .join(" "),
      of(name, "cpuUs").toFixed(1),
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
