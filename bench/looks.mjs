/**
 * What does it cost to ask whether a system is back? Once a second while a recovery goes on, what was measured until then is
 * put together and judged. `npm run bench -- looks [seconds of recovery] [dist to measure]`
 */

const [, , recoveryS = "120", dist = new URL("../dist/", import.meta.url).href] = process.argv;
const { backAtSlos } = await import(new URL("analysis/interim-judging.js", dist));
const { TimeHistogram } = await import(new URL("measure/histogram.js", dist));
const { OUTCOMES } = await import(new URL("measure/outcome.js", dist));
const { SegmentAccumulator } = await import(new URL("measure/segment-accumulator.js", dist));
const { parseSlo } = await import(new URL("slo/parse.js", dist));
const { seededRandom } = await import(new URL("support/random.js", dist));

const NAMES = ["browse", "search", "checkout", "login"];
const RATE_PER_S = 500;
const LIMITS = [{ request: null, limitUs: 400_000 }];
const random = seededRandom(20_260_301);

/** One second of one name: log-normal latencies about `medianMs`. */
function secondOf(medianMs) {
  const [latency, lag] = [new TimeHistogram(), new TimeHistogram()];
  let slow = 0;
  for (let n = 0; n < RATE_PER_S / NAMES.length; n++) {
    const noise = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const us = Math.round(1000 * medianMs * Math.exp(0.6 * noise));
    latency.record(us);
    lag.record(100 + Math.round(900 * random()));
    if (us > LIMITS[0].limitUs) slow++;
  }
  const count = RATE_PER_S / NAMES.length;
  return {
    scheduled: count,
    offered: count,
    outcomes: OUTCOMES.map((outcome) => (outcome === "ok" ? count : 0)),
    unsentByGenerator: 0,
    slowDue: [slow],
    slowDispatch: [slow],
    latency: latency.toSparse(),
    dispatchLatency: latency.toSparse(),
    lag: lag.toSparse(),
  };
}

function phase(id, kind, accumulator, seconds) {
  const measured = accumulator.measure(seconds, "2026-03-01T12:00:00.000Z", [], null);
  return { id, kind, fault: kind === "baseline" ? null : "slow", startS: 0, ...measured, machine: null };
}

const add = (accumulator, second, medianMs) =>
  accumulator.addSecond({ second, names: NAMES.map((_, name) => ({ name, counts: secondOf(medianMs) })) });

const before = new SegmentAccumulator(NAMES, LIMITS, 1);
for (let second = 0; second < 60; second++) add(before, second, 20);
const baseline = phase("baseline", "baseline", before, 60);
const slos = ["availability >= 99%", "p99 < 400ms", "p95(checkout) < 3x baseline"].map(
  (text) => parseSlo(text).slo,
);

const after = new SegmentAccumulator(NAMES, LIMITS, 1);
let cpuUs = 0;
for (let second = 0; second < Number(recoveryS); second++) {
  // Never good: each second is looked at until the end.
  add(after, second, 300);
  const begun = process.cpuUsage();
  const recovery = phase("recovery-1", "recovery", after, second + 1);
  backAtSlos(
    { baseline, recovery, fault: "slow", slos },
    { evidence: "interval", model: "open", timeoutMs: 5_000 },
  );
  const used = process.cpuUsage(begun);
  cpuUs += used.user + used.system;
}
const perLookMs = cpuUs / 1000 / Number(recoveryS);
console.log(
  `${recoveryS} looks at a recovery of ${recoveryS} s, ${NAMES.length} requests, ${RATE_PER_S}/s: ${perLookMs.toFixed(2)} ms of CPU each`,
);
