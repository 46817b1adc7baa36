/** "signal(orders) error_rate < 1%": judges what others know of the system. The method is in docs/observability.md. */

import type { SignalMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import { restOf } from "../../slo/metrics/plain.js";
import type { BadSeries, SignalReading } from "../../slo/observations.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import { compares, type Slo } from "../../slo/slo.js";
import type { Reason } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { reason } from "../reasons/reasons.js";
import { criticalT, harWilson, longRunVariance, sum } from "../statistics/intervals.js";
import type { Judgement, JudgingContext } from "./judging-context.js";
import { judgeShare, LEAST_SAMPLES_TO_PASS, LEAST_SECONDS_TO_PASS, windowZ } from "./share-verdict.js";

/** A phase's last sample is a little before its end. */
const SLACK_S = 0.5;
/** Counters of two queries are not read at one instant. */
const MOST_BAD = 1.05;

const NOTHING = { observed: null, interval: null, counts: null } as const;

export function judgeSignal(
  slo: Slo,
  signal: SignalMetric,
  view: PhaseObservations,
  context: JudgingContext,
): Judgement {
  const reading = view.signal?.(signal.name) ?? null;
  if (reading === null) {
    return { ...NOTHING, verdict: "invalid", because: [reason("signal_unread", { signal: signal.name })] };
  }
  const told: Told = { slo, signal, reading, context, coveredS: view.durationS };
  return troubled(told) ?? judge(told);
}

/** What the signal counted. @returns null when it counts nothing, or cannot be trusted. */
export function signalCounts({ name }: SignalMetric, view: PhaseObservations): BadSeries | null {
  const reading = view.signal?.(name) ?? null;
  return reading?.counts && reading.troubles.length === 0 ? withinTotal(reading.counts) : null;
}

interface Told {
  readonly slo: Slo;
  readonly signal: SignalMetric;
  readonly reading: SignalReading;
  readonly context: JudgingContext;
  /** The length of the phase. */
  readonly coveredS: number;
}

/** After these, what was seen was seen nevertheless. */
const LEAVES_WHAT_WAS_SEEN: readonly SignalTrouble["id"][] = [
  "gap",
  "no_answer",
  "command_failed",
  "series_gone",
];

/** What cannot be trusted never holds. One sample beyond a limit breaks it, whatever is missing beside it. */
function troubled(told: Told): Judgement | null {
  const { slo, signal, reading } = told;
  const [trouble] = reading.troubles;
  if (!trouble) return null;
  const why = reason("signal_trouble", { signal: signal.name, trouble: trouble.id, facts: trouble.facts });
  const isExtreme = signal.judges === "sample" && metricOf(slo.metric).promise !== "either";
  if (isExtreme && LEAVES_WHAT_WAS_SEEN.includes(trouble.id)) {
    const seen = judgeSample(told);
    if (seen.verdict === "fail") return { ...seen, because: [...seen.because, why] };
  }
  return { ...NOTHING, verdict: "invalid", because: [why] };
}

function judge(told: Told): Judgement {
  switch (told.signal.judges) {
    case "share":
      return judgeCounts(told);
    case "mean":
      return judgeMean(told);
    case "sample":
      return judgeSample(told);
  }
}

/** The target. A relative one that the baseline cannot tell is refused before. */
function targetOf({ target }: Slo): number {
  return target.kind === "absolute" ? target.value : 0;
}

function judgeCounts(told: Told): Judgement {
  const { slo, signal, reading, context } = told;
  const series = withinTotal(reading.counts);
  const due = Math.round(sum(series.due));
  const bad = Math.round(sum(series.bad));
  const budget = metricOf(slo.metric).promise === "at_least" ? restOf(targetOf(slo)) : targetOf(slo);
  if (reading.counts && sum(reading.counts.bad) > MOST_BAD * sum(reading.counts.due)) {
    const why = reason("signal_more_bad_than_all", { signal: signal.name });
    return { ...NOTHING, verdict: "invalid", because: [why] };
  }
  if (sum(series.due) <= 0) {
    const why = reason("signal_counted_nothing", { signal: signal.name });
    return { ...NOTHING, verdict: "inconclusive", because: [why] };
  }
  const counts = { bad, total: due, budget };
  const observed = signal.valueOf(reading);
  const held = reason("signal_counted", { signal: signal.name, ...counts });
  if (context.evidence === "observed") {
    const isMet = observed !== null && compares(observed, slo.operator, targetOf(slo));
    return { ...NOTHING, observed, counts, verdict: isMet ? "pass" : "fail", because: [held] };
  }
  const { lower, upper } = harWilson(series, 98);
  const isRest = metricOf(slo.metric).promise === "at_least";
  const interval = isRest ? ([1 - upper, 1 - lower] as const) : ([lower, upper] as const);
  const shown = { observed, counts, interval };
  const { window } = judgeShare(series, budget, context.verdicts);
  if (window[0] > budget) return { ...shown, verdict: "fail", because: [held] };
  const missing = tooFew(told, true) ?? beyond(told, series, budget);
  if (missing !== null) return { ...shown, verdict: "inconclusive", because: [held, missing] };
  const inLongRun = reason("long_run_at_most", { atMost: upper, unit: "ratio" });
  return { ...shown, verdict: "pass", because: [held, inLongRun] };
}

/** @returns null when there is none too much. */
function beyond({ signal, reading }: Told, series: BadSeries, budget: number): Reason | null {
  const { upper, designEffect } = harWilson(series, 98);
  if (upper > budget) return reason("needs_more_counted", { atMost: upper, inRuns: designEffect > 2 });
  if (reading.restarts === 0) return null;
  // What a counter had counted before it began anew may all have been bad.
  const lost = (reading.restarts * sum(series.due)) / series.due.length;
  const worst = harWilson({ due: [...series.due, lost], bad: [...series.bad, lost] }, 98);
  const facts = { signal: signal.name, times: reading.restarts, lostAtMost: Math.ceil(lost) };
  return worst.upper <= budget ? null : reason("counter_began_anew", facts);
}

function withinTotal(counts: SignalReading["counts"]): BadSeries {
  const { due = [], bad = [] } = counts ?? {};
  return { due, bad: bad.map((count, at) => Math.min(count, due[at] ?? 0)) };
}

function judgeMean(told: Told): Judgement {
  const { slo, signal, reading, context } = told;
  const values = reading.values ?? [];
  const mean = signal.valueOf(reading);
  if (mean === null) return withoutSample(told);
  const target = targetOf(slo);
  const held = sampled(told, mean);
  if (context.evidence === "observed") {
    const verdict = compares(mean, slo.operator, target) ? "pass" : "fail";
    return { ...NOTHING, observed: mean, verdict, because: [held] };
  }
  const residuals = values.map((value) => value - mean);
  const plain = Math.sqrt(sum(residuals.map((each) => each * each))) / values.length;
  const longRun = Math.sqrt(Math.max(longRunVariance(residuals), 0)) / values.length;
  const reach = criticalT(values.length, 98) * Math.max(longRun, plain);
  const interval = [mean - reach, mean + reach] as const;
  const shown = { observed: mean, interval, counts: null };
  const isUpper = slo.operator.startsWith("<");
  const surely = windowZ(context.verdicts) * plain;
  if (isUpper ? mean - surely > target : mean + surely < target)
    return { ...shown, verdict: "fail", because: [held] };
  const missing = tooFew(told, true);
  if (missing !== null) return { ...shown, verdict: "inconclusive", because: [held, missing] };
  const worst = isUpper ? interval[1] : interval[0];
  if (compares(worst, slo.operator, target)) return { ...shown, verdict: "pass", because: [held] };
  const range = { atLeast: interval[0], atMost: interval[1], unit: "number", inBursts: false } as const;
  return { ...shown, verdict: "inconclusive", because: [held, reason("long_run_between", range)] };
}

function withoutSample({ signal }: Told): Judgement {
  const why = reason("signal_no_sample", { signal: signal.name });
  return { ...NOTHING, verdict: "inconclusive", because: [why] };
}

function sampled({ slo, signal, reading }: Told, value: number): Reason {
  return reason("signal_sample", {
    ...{ signal: signal.name, what: signal.words, value },
    ...{ operator: slo.operator, target: targetOf(slo), samples: reading.values?.length ?? 0 },
  });
}

/** One of the samples: a fact about this run. */
function judgeSample(told: Told): Judgement {
  const { slo, signal, reading } = told;
  const value = signal.valueOf(reading);
  if (value === null) return withoutSample(told);
  const held = sampled(told, value);
  const shown = { ...NOTHING, observed: value };
  if (!compares(value, slo.operator, targetOf(slo))) return { ...shown, verdict: "fail", because: [held] };
  // Of one moment, one sample tells. The highest of few may not be near the highest.
  const missing = metricOf(slo.metric).promise === "either" ? null : tooFew(told, false);
  if (missing !== null) return { ...shown, verdict: "inconclusive", because: [held, missing] };
  return { ...shown, verdict: "pass", because: [held] };
}

/** @param isClaim something is said of the long run. @returns null when there are enough samples to hold. */
function tooFew({ signal, reading, context, coveredS }: Told, isClaim: boolean): Reason | null {
  if (context.evidence === "observed") return null;
  const least = LEAST_SAMPLES_TO_PASS[signal.judges];
  if (reading.atS.length < least) return reason("needs_samples", { least, everyS: reading.everyS });
  return isClaim && coveredS < LEAST_SECONDS_TO_PASS - SLACK_S
    ? reason("needs_seconds", { leastS: LEAST_SECONDS_TO_PASS, lastedS: null })
    : null;
}
