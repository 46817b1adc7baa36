// Runs the load plane as a scenario would and sums up what it measured.

import { cpus, totalmem } from "node:os";
import { startLoad } from "../../dist/load/start-load.js";
import { cpuTimes } from "../../dist/run/machine/cpu-times.js";
import { useBetween } from "../../dist/run/machine/machine-use.js";

export const REQUEST = {
  name: "home",
  kind: "http",
  method: "GET",
  path: "/",
  headers: {},
  body: null,
  bodyEncoding: "none",
  expect: { status: ["2xx"], headers: {}, body: null, json: {} },
  weight: 1,
};

export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export function openModel(ratePerS, maxConnections = 1000) {
  return { kind: "open", arrivals: "even", profile: { startValue: ratePerS, stages: [] }, maxConnections };
}

/** As `openModel`, but the rate is reached in a ramp: what is begun at full speed has a backlog before it has run hot. */
export function rampedModel(ratePerS, rampSeconds) {
  const stages = [{ kind: "ramp", to: ratePerS, durationMs: rampSeconds * 1000 }];
  return { ...openModel(ratePerS), profile: { startValue: ratePerS / 20, stages } };
}

export function closedModel(connections) {
  return { kind: "closed", profile: { startValue: connections, stages: [] }, thinkTimeMs: 0 };
}

/** A load plan over TCP with one thread; `changes` are laid over it. */
export function planFor(url, model, changes = {}) {
  return {
    target: { url, socketPath: null, tls: null },
    model,
    timeoutMs: 10_000,
    workers: 1,
    keepAlive: true,
    pipelining: 1,
    mix: { kind: "requests", requests: [REQUEST] },
    feeds: [],
    seed: 1,
    ...changes,
  };
}

/** Warms up, then measures: { durationS, scheduled, outcomes, unsentByGenerator, latency, lag, measured, startedAtMs }. */
export async function measure(
  url,
  model,
  {
    seconds,
    warmupSeconds = 1,
    workers = 1,
    timeoutMs = 10_000,
    path = "/",
    tracing,
    onLive = () => {},
    onTraces,
    changes = {},
  },
) {
  const mix = { kind: "requests", requests: [{ ...REQUEST, path }] };
  const plan = planFor(url, model, { timeoutMs, workers, mix, ...(tracing ? { tracing } : {}), ...changes });
  const session = await startLoad({ plan, onLive, onTraces });
  try {
    // As in a run, where all phases count the same limits.
    const limits = [{ request: null, limitUs: 100_000 }];
    await session.begin({ id: "warm-up", limits });
    await sleep(warmupSeconds * 1000);
    const { startedAtMs } = await session.begin({ id: "measured", limits });
    await sleep(seconds * 1000);
    await session.end();
    const measured = await session.drain("measured");
    const outcomes = Object.fromEntries(
      Object.entries(measured.all.outcomes).map(([outcome, counts]) => [outcome, sum(counts)]),
    );
    return {
      durationS: measured.durationS,
      startedAtMs,
      scheduled: sum(measured.all.scheduled),
      outcomes,
      unsentByGenerator: sum(measured.all.unsentByGenerator),
      latency: quantiles(measured.all.histograms.latency),
      lag: quantiles(measured.all.histograms.lag),
      measured,
    };
  } finally {
    await session.stop();
  }
}

/** Milliseconds at a percentile. */
function quantiles(times) {
  const rank = (percentile) => Math.max(1, Math.ceil((percentile / 100) * times.count));
  return (percentile) => (times.count === 0 ? 0 : times.atRankUs(rank(percentile)) / 1000);
}

/**
 * Runs `work`; resolves with { value, share }: how much of the machine's CPU time its host gave to others meanwhile
 * (Linux, in a virtual machine; "?" elsewhere).
 */
export async function stolenShare(work) {
  const before = cpuTimes();
  const value = await work();
  const stolen = useBetween(before, cpuTimes())?.stolen ?? null;
  return { value, share: stolen === null ? "?" : `${(100 * stolen).toFixed(1)} %` };
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

/** Numbers with commas between them. */
export function listOption(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1].split(",").map(Number);
}

export function machine() {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.version}`;
}

export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (row) => `| ${row.map((cell, i) => String(cell).padEnd(widths[i])).join(" | ")} |\n`;
  process.stdout.write(line(rows[0]) + line(widths.map((width) => "-".repeat(width))));
  for (const row of rows.slice(1)) process.stdout.write(line(row));
}
