/**
 * How often are the verdicts wrong? Simulates runs whose truth is known and counts.
 * `npm run bench -- verdicts [runs per cell]`; the table stands in docs/measurement.md.
 */

import { PhaseView } from "../dist/analysis/measurement/phase-view.js";
import { distrust } from "../dist/analysis/measurement/validity.js";
import {
  budgetCriterion,
  holdSeconds,
  recoveredAt,
  violationTest,
} from "../dist/analysis/recovery/good-seconds.js";
import { judgeSlo } from "../dist/analysis/slo/judge.js";
import { judgeShare } from "../dist/analysis/slo/share-verdict.js";
import { compareWithBaseline } from "../dist/analysis/statistics/difference.js";
import { EMPTY_SPARSE_HISTOGRAM } from "../dist/measure/histogram.js";
import { RecordedTimes } from "../dist/measure/recorded-times.js";
import { parseSlo } from "../dist/slo/parse.js";
import { seededRandom } from "../dist/support/random.js";
import { errorProcesses } from "./simulation/errors.mjs";
import { percent, table } from "./simulation/table.mjs";

const RUNS = Number(process.argv[2] ?? 4000);
const RATE_PER_S = 200;
const BUDGET = 0.01;
/** Verdicts in one run: two SLOs in a baseline and three faults. */
const VERDICTS = 8;

const random = seededRandom(20_260_301);

const { processes: PROCESSES, binomial } = errorProcesses(random);

function simulate(process, mean, seconds) {
  const shares = PROCESSES[process](mean, seconds);
  return { due: shares.map(() => RATE_PER_S), bad: shares.map((share) => binomial(RATE_PER_S, share)) };
}

const began = performance.now();
console.log(
  `${RUNS} simulated runs in each cell; ${RATE_PER_S} requests/s, budget ${BUDGET * 100}%, ${VERDICTS} verdicts a run`,
);

const cells = [];
for (const process of Object.keys(PROCESSES)) {
  for (const [truth, mean] of [
    ["at the budget", BUDGET],
    ["twice the budget", 2 * BUDGET],
    ["a quarter of it", BUDGET / 4],
  ]) {
    for (const seconds of [30, 60, 120]) {
      const seen = { pass: 0, fail: 0, inconclusive: 0 };
      let point = 0;
      for (let run = 0; run < RUNS; run++) {
        const series = simulate(process, mean, seconds);
        const { verdict, process: found } = judgeShare(series, BUDGET, VERDICTS);
        seen[verdict]++;
        if (found.share <= BUDGET) point++;
      }
      cells.push([
        process,
        truth,
        `${seconds} s`,
        percent(seen.pass, RUNS),
        percent(seen.fail, RUNS),
        percent(seen.inconclusive, RUNS),
        percent(point, RUNS),
      ]);
    }
  }
}
table(
  "Verdicts on one SLO",
  ["errors come", "true rate", "phase", "pass", "fail", "inconclusive", "a plain threshold passes"],
  cells,
);

const whole = [];
for (const process of Object.keys(PROCESSES)) {
  for (const [truth, mean] of [
    ["all at the budget", BUDGET],
    ["all at a quarter", BUDGET / 4],
  ]) {
    let failed = 0;
    let passed = 0;
    for (let run = 0; run < RUNS; run++) {
      const verdicts = Array.from(
        { length: VERDICTS },
        () => judgeShare(simulate(process, mean, 60), BUDGET, VERDICTS).verdict,
      );
      if (verdicts.includes("fail")) failed++;
      else if (verdicts.every((verdict) => verdict === "pass")) passed++;
    }
    whole.push([
      process,
      truth,
      percent(passed, RUNS),
      percent(failed, RUNS),
      percent(RUNS - passed - failed, RUNS),
    ]);
  }
}
table(
  `Verdicts of a whole run: the worst of ${VERDICTS}, phases of 60 s`,
  ["errors come", "truth", "pass", "fail", "inconclusive"],
  whole,
);

const differences = [];
for (const process of Object.keys(PROCESSES)) {
  for (const [truth, factor] of [
    ["no effect", 1],
    ["errors doubled", 2],
    ["errors x5", 5],
  ]) {
    const row = [process, truth];
    for (const seconds of [30, 60]) {
      let degraded = 0;
      for (let run = 0; run < RUNS; run++) {
        const mean = BUDGET / 2;
        const found = compareWithBaseline(
          simulate(process, mean, seconds),
          simulate(process, mean * factor, seconds),
        );
        if (found.degraded) degraded++;
      }
      row.push(percent(degraded, RUNS));
    }
    differences.push(row);
  }
}
table(
  'Fault against baseline: called "degraded"',
  ["errors come", "truth", "30 s each", "60 s each"],
  differences,
);

const recoveries = [];
for (const [truth, mean] of [
  ["back at a tenth of the budget after 5 s", BUDGET / 10],
  ["back at a quarter of the budget after 5 s", BUDGET / 4],
  ["stuck at twice the budget", 2 * BUDGET],
  ["stuck at five times the budget", 5 * BUDGET],
]) {
  let recovered = 0;
  let right = 0;
  let naive = 0;
  for (let run = 0; run < RUNS; run++) {
    const stuck = truth.startsWith("stuck");
    const shares = Array.from({ length: 60 }, (_, t) => (!stuck && t < 5 ? 0.5 : mean));
    const series = {
      due: shares.map(() => RATE_PER_S),
      bad: shares.map((share) => binomial(RATE_PER_S, share)),
    };
    const { atS } = recoveredAt(budgetCriterion(series, BUDGET, holdSeconds(BUDGET, RATE_PER_S)));
    if (atS !== null) recovered++;
    if (atS !== null && Math.abs(atS - 5) <= 1) right++;
    const violates = violationTest(BUDGET);
    const good = series.bad.map((bad, t) => !violates(series.due[t], bad));
    if (good.some((_, t) => t + 2 < good.length && good[t] && good[t + 1] && good[t + 2])) naive++;
  }
  const within = truth.startsWith("stuck") ? "" : percent(right, RUNS);
  recoveries.push([truth, percent(recovered, RUNS), within, percent(naive, RUNS)]);
}
table(
  "Recovery within 60 s",
  ["truth", "seen to recover", "and within 1 s of the truth", 'by "3 good seconds"'],
  recoveries,
);
/**
 * A system with stalls of 300 ms, seen by a load generator that is paused itself: for the time of a pause nothing is sent,
 * and what was due in it leaves at its end. With `isShared` the pauses stop the system as well.
 */
function pausedRun({ badShare, pausedShare, meanPauseMs, isShared, seconds }) {
  const [stallMs, limitMs, ratePerS] = [300, 100, 100];
  const endMs = seconds * 1000;
  const gapMs = (lengthMs, share) => (lengthMs * (1 - share)) / share;
  const stretches = (lengthOf, meanMs, share) => {
    const found = [];
    for (let at = -5_000 - Math.log(1 - random()) * gapMs(meanMs, share); at < endMs; ) {
      const length = lengthOf();
      found.push([at, at + length]);
      at += length - Math.log(1 - random()) * gapMs(meanMs, share);
    }
    return found;
  };
  const pauses =
    pausedShare === 0 ? [] : stretches(() => -meanPauseMs * Math.log(1 - random()), meanPauseMs, pausedShare);
  // Of a stall only what is left for longer than the limit makes a request bad.
  const stalls = stretches(() => stallMs, stallMs, badShare * (stallMs / (stallMs - limitMs)));
  const standing = isShared ? [...stalls, ...pauses].sort((a, b) => a[0] - b[0]) : stalls;
  /** When somebody who is stopped by these goes on; asked in the order of time. */
  const gate = (of) => {
    let next = 0;
    return (at) => {
      let time = at;
      while (next < of.length && of[next][1] <= at) next++;
      for (let i = next; i < of.length && of[i][0] <= time; i++) time = Math.max(time, of[i][1]);
      return time;
    };
  };
  const [leave, answer] = [gate(pauses), gate(standing)];
  const column = () => Array(seconds).fill(0);
  const counts = {
    due: column(),
    late: column(),
    fromDue: column(),
    fromDispatch: column(),
    offered: column(),
  };
  for (let n = 0; n < seconds * ratePerS; n++) {
    const dueMs = (n * 1000) / ratePerS;
    const second = Math.min(seconds - 1, Math.floor(dueMs / 1000));
    const sentMs = leave(dueMs);
    const doneMs = answer(sentMs) + 5;
    counts.due[second]++;
    counts.late[second] = Math.max(counts.late[second], sentMs - dueMs);
    if (sentMs < endMs) counts.offered[Math.floor(sentMs / 1000)]++;
    if (doneMs - dueMs > limitMs) counts.fromDue[second]++;
    if (doneMs - sentMs > limitMs) counts.fromDispatch[second]++;
  }
  return counts;
}

/** The record of such a run: what judging reads of it. Others than the system had the machine. */
function pausedPhase({ due, late, fromDue, fromDispatch, offered }) {
  const none = due.map(() => 0);
  const nothing = due.map(() => null);
  const histogram = new RecordedTimes(EMPTY_SPARSE_HISTOGRAM);
  return {
    ...{
      id: "fault",
      kind: "fault",
      fault: "stalls",
      startS: 0,
      durationS: due.length,
      requests: [],
      lost: null,
    },
    reasons: {},
    machine: {
      busy: 1,
      stolen: 0,
      seconds: { system: none, strangers: due, own: none, stolen: none, throttled: none, systemAtMost: none },
    },
    all: {
      request: null,
      scheduled: due,
      offered,
      outcomes: { ok: due, http_error: none, timeout: none, refused: none, reset: none, unsent: none },
      unsentByGenerator: none,
      slow: [{ limitUs: 100_000, due: fromDue, dispatch: fromDispatch }],
      latencyMs: { p50: nothing, p90: nothing, p99: nothing, max: nothing },
      lagP99Ms: late,
      histograms: { latency: histogram, dispatchLatency: histogram, lag: histogram },
    },
  };
}

const paused = [];
const { slo: promise } = parseSlo("p99 < 100ms");
/** Fewer where it takes long. Without pauses it is quick, and what passes there is compared with 5 %. */
const PAUSED_RUNS = Math.max(50, Math.round(RUNS / 10));
for (const isShared of [false, true]) {
  for (const [pausedShare, meanPauseMs] of [
    [0, 0],
    ...[0.05, 0.2, 0.4].flatMap((share) => [50, 200, 500].map((ms) => [share, ms])),
  ]) {
    if (isShared && pausedShare === 0) continue;
    const row = [
      pausedShare === 0 ? "none" : `${meanPauseMs} ms, ${pausedShare * 100}%${isShared ? ", both" : ""}`,
    ];
    for (const badShare of [BUDGET, BUDGET * 2, BUDGET / 10]) {
      const seen = { pass: 0, fail: 0, inconclusive: 0, invalid: 0, blind: 0 };
      const runs = pausedShare === 0 ? RUNS : PAUSED_RUNS;
      for (let run = 0; run < runs; run++) {
        const record = pausedPhase(pausedRun({ badShare, pausedShare, meanPauseMs, isShared, seconds: 60 }));
        const invalid = distrust(record, { model: "open" });
        const view = new PhaseView(record);
        const { verdict } = judgeSlo(
          { slo: promise, phase: "fault", view, baseline: null, after: null, invalid },
          { evidence: "interval", model: "open", timeoutMs: 5_000, verdicts: VERDICTS },
        );
        seen[verdict]++;
        const [{ due }] = record.all.slow;
        if (verdict === "pass" && due.every((bad) => bad === 0)) seen.blind++;
      }
      const cells =
        badShare === BUDGET
          ? ["pass", "blind"]
          : badShare > BUDGET
            ? ["pass", "fail"]
            : ["pass", "fail", "invalid"];
      for (const cell of cells) row.push(percent(seen[cell], runs));
    }
    paused.push(row);
  }
}
table(
  `A load generator that is paused (${PAUSED_RUNS} runs a cell, ${RUNS} without pauses): stalls of 300 ms, limit 100 ms, 100/s, 60 s`,
  [
    "pauses",
    "at the budget: pass",
    "of these, saw no stall",
    "twice: pass",
    "twice: fail",
    "a tenth: pass",
    "a tenth: fail",
    "a tenth: invalid",
  ],
  paused,
);
console.log(`\n${((performance.now() - began) / 1000).toFixed(1)} s`);
