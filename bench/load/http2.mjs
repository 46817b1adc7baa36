// npm run bench -- load --protocol h2 [--seconds 5] [--rounds 3] [--connections 10] [--streams 10] [--rates 10000,20000]
// HTTP/2 without TLS on one NGINX worker: the closed model against h2load (apt-get install nghttp2-client) in turns, with
// as many connections, streams and threads, and CPU time for each request; then what the open model sustains on one
// thread. Build first (npm run build).
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
} from "./measure.mjs";
import { ownCost, peer } from "./peers.mjs";
import { startTarget, tryVersion } from "./target.mjs";

const RAMP_S = 3;
const seconds = option("seconds", 5);
const rounds = option("rounds", 3);
const connections = option("connections", 10);
const streams = option("streams", 10);
const rates = listOption("rates", [10_000, 20_000]);
const OVER_HTTP2 = { protocol: "h2", pipelining: streams };

/** Requests per second, and µs of CPU time for each. */
function faultline(url) {
  return ownCost(seconds, () => measure(url, closedModel(connections), { seconds, changes: OVER_HTTP2 }));
}

async function h2load(url) {
  const load = ["-c", connections, "-m", streams, "-t", 1, "-D", seconds, "--warm-up-time", "1s"];
  const { stdout, cpuUs } = await peer("h2load", ...load, `${url}/`);
  const [, perS] = /finished in [^,]+, ([\d.]+) req\/s/.exec(stdout) ?? [];
  if (!/, 0 failed, 0 errored/.test(stdout) || perS === undefined) throw new Error(stdout);
  // The warm-up of a second counts as well, and sends as many.
  return { perS: Number(perS), cpuUs: cpuUs / (Number(perS) * (seconds + 1)) };
}

const target = await startTarget({ http2: true });
const version = tryVersion("h2load", ["--version"]);
const hasH2load = version?.startsWith("h2load") === true;
const contenders = [["faultline, closed, 1 thread", faultline], ...(hasH2load ? [[version, h2load]] : [])];
const results = new Map(contenders.map(([name]) => [name, []]));
process.stdout.write(
  `Machine: ${machine()}\nTarget: ${target.name}, one worker, HTTP/2 without TLS, 11-byte body\n` +
    `${connections} connections, ${streams} streams on each\n`,
);
if (!hasH2load) process.stdout.write("h2load is not on PATH: apt-get install nghttp2-client\n");
process.stdout.write("\n");
try {
  for (let round = 1; round <= rounds; round++) {
    for (const [name, contend] of contenders) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
      results.get(name).push(await contend(target.url));
      await sleep(500);
    }
  }
  const perS = (name) => median(results.get(name).map((result) => result.perS));
  const cpuUs = (name) => median(results.get(name).map((result) => result.cpuUs));
  printTable([
    ["closed model", "requests/s (median)", "all rounds", "CPU µs a request", "compared"],
    ...contenders.map(([name], i) => [
      name,
      Math.round(perS(name)),
      results
        .get(name)
        .map((result) => Math.round(result.perS))
        .join(" "),
      cpuUs(name).toFixed(1),
      i === 0 && hasH2load
        ? `${(perS(name) / perS(version)).toFixed(2)} × the requests, ${(cpuUs(name) / cpuUs(version)).toFixed(2)} × the CPU time`
        : "",
    ]),
  ]);
  const rows = [];
  for (const rate of rates) {
    process.stderr.write(`open model, ${rate}/s\n`);
    const open = await measure(target.url, rampedModel(rate, RAMP_S), {
      seconds: seconds * 2,
      warmupSeconds: RAMP_S + 1,
      timeoutMs: 2000,
      changes: { protocol: "h2", pipelining: 100 },
    });
    rows.push([
      `${rate}/s for ${seconds * 2} s`,
      Math.round(open.scheduled / open.durationS),
      open.outcomes.ok,
      open.scheduled - open.outcomes.ok,
      open.measured.connectionsOpened,
      open.latency(50),
      open.latency(99),
      open.lag(99),
    ]);
    await sleep(500);
  }
  process.stdout.write("\n");
  printTable([
    ["open model, 1 thread", "scheduled/s", "ok", "not ok", "opened", "p50 ms", "p99 ms", "lag p99 ms"],
    ...rows,
  ]);
} finally {
  await target.stop();
}
