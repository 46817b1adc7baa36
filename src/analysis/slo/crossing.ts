/** "attempts(inventory) < 2x baseline": compares what crosses a proxy each second with the promise. */

import type { CrossingMetric } from "../../slo/metric.js";
import type { TimedCounts } from "../../slo/observations.js";
import { compares, type Slo } from "../../slo/slo.js";
import type { Reason } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { type FactsOf, reason } from "../reasons/reasons.js";
import { sum } from "../statistics/intervals.js";
import { harRate, scoreRate } from "../statistics/rates.js";
import type { Judgement, JudgingContext } from "./judging-context.js";
import { LEAST_SECONDS_TO_PASS, windowZ } from "./share-verdict.js";

/** Of a phase. Counters that were read for less say nothing of it. */
const LEAST_COVERED = 0.8;
/** Seconds at a phase's ends that may be missing, whatever their share. */
const FORGIVEN_S = 2;
/** A span that is longer than a window by more than this may hide a worse window. */
const SLACK_S = 0.5;

export function judgeCrossing(
  slo: Slo,
  { proxy, counts }: CrossingMetric,
  view: PhaseObservations,
  context: JudgingContext,
): Judgement {
  const invalid = (why: Reason): Judgement => ({ ...NOTHING, verdict: "invalid", because: [why] });
  const counted = view.crossed?.(proxy, counts) ?? null;
  if (counted === null) return invalid(reason("crossing_unknown", { proxy, counts }));
  const coveredS = sum(counted.lengthS);
  if (coveredS < LEAST_COVERED * view.durationS && coveredS < view.durationS - FORGIVEN_S) {
    return invalid(reason("counters_unread", { proxy, readS: coveredS, ofS: view.durationS }));
  }
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  if (slo.relative !== undefined && target === 0) {
    return invalid(reason("nothing_crossed_before", { proxy, counts }));
  }
  const got = (perS: number) => ({ proxy, counts, perS, operator: slo.operator, targetPerS: target });
  const told = { slo, target, counted, got, context };
  return slo.windowS === null ? judgeMean(told) : judgeWorstWindow(told, slo.windowS);
}

const NOTHING = { observed: null, interval: null, counts: null } as const;

interface Counted {
  readonly slo: Slo;
  /** Per second. */
  readonly target: number;
  readonly counted: TimedCounts;
  /** What was counted and promised. */
  readonly got: (perS: number) => Omit<FactsOf<"crossed">, "overS">;
  readonly context: JudgingContext;
}

function judgeMean({ slo, target, counted, got, context }: Counted): Judgement {
  const { perS, lower, upper, designEffect, totalS } = harRate(counted, 98);
  const held = reason("crossed", { ...got(perS), overS: totalS });
  if (context.evidence === "observed") {
    const verdict = compares(perS, slo.operator, target) ? "pass" : "fail";
    return { ...NOTHING, observed: perS, verdict, because: [held] };
  }
  const shown = { observed: perS, interval: [lower, upper] as const, counts: null };
  const [surely] = scoreRate(sum(counted.counts), totalS, windowZ(context.verdicts));
  if (surely > target) return { ...shown, verdict: "fail", because: [held] };
  if (totalS < LEAST_SECONDS_TO_PASS - SLACK_S) {
    return { ...shown, verdict: "inconclusive", because: [held, NEEDS_SECONDS] };
  }
  if (upper <= target) {
    const inLongRun = reason("long_run_at_most", { atMost: upper, unit: "per_s" });
    return { ...shown, verdict: "pass", because: [held, inLongRun] };
  }
  const range = { atLeast: lower, atMost: upper, unit: "per_s", inBursts: designEffect > 2 } as const;
  return { ...shown, verdict: "inconclusive", because: [held, reason("long_run_between", range)] };
}

const NEEDS_SECONDS = reason("needs_seconds", { leastS: LEAST_SECONDS_TO_PASS, lastedS: null });

/** The worst window of the phase, as it was counted: a fact about this run. */
function judgeWorstWindow({ slo, target, counted, got, context }: Counted, windowS: number): Judgement {
  const worst = worstWindow(counted, windowS);
  const shown = { ...NOTHING, observed: worst?.perS ?? null };
  if (worst === null) {
    const why = reason("shorter_than_window", { windowS });
    return { ...shown, verdict: "inconclusive", because: [why] };
  }
  const held = reason("crossed_in_window", { ...got(worst.perS), windowS, fromS: worst.fromS });
  if (!compares(worst.perS, slo.operator, target)) return { ...shown, verdict: "fail", because: [held] };
  const longestS = Math.max(...counted.lengthS);
  if (longestS > windowS + SLACK_S) {
    const gap = reason("counters_gap", { lengthS: longestS });
    return { ...shown, verdict: "inconclusive", because: [held, gap] };
  }
  if (context.evidence === "interval" && sum(counted.lengthS) < LEAST_SECONDS_TO_PASS - SLACK_S) {
    return { ...shown, verdict: "inconclusive", because: [held, NEEDS_SECONDS] };
  }
  return { ...shown, verdict: "pass", because: [held] };
}

/** Of all stretches of spans that just last as long as the window: the one with the highest rate. */
function worstWindow(
  { counts, lengthS }: TimedCounts,
  windowS: number,
): { readonly perS: number; readonly fromS: number } | null {
  let worst: { perS: number; fromS: number } | null = null;
  let fromS = 0;
  for (const [first, length] of lengthS.entries()) {
    let [count, lasts] = [0, 0];
    for (let at = first; at < counts.length && lasts < windowS - SLACK_S; at++) {
      count += counts[at] ?? 0;
      lasts += lengthS[at] ?? 0;
    }
    if (lasts >= windowS - SLACK_S && (worst === null || count / lasts > worst.perS)) {
      worst = { perS: count / lasts, fromS };
    }
    fromS += length;
  }
  return worst;
}
