/** "attempts(inventory) < 2x baseline": compares what crosses a proxy each second with the promise. */

import type { CrossingMetric } from "../../slo/metric.js";
import type { Crossing, TimedCounts } from "../../slo/observations.js";
import { compares, type Slo } from "../../slo/slo.js";
import { formatRate, formatRateOf, formatSeconds } from "../../support/format.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
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

/** What is counted. */
export const NOUN_OF_CROSSING = {
  requests: "requests",
  opened: "connections",
} as const satisfies Record<Crossing, string>;

export function judgeCrossing(
  slo: Slo,
  { proxy, counts: crossing }: CrossingMetric,
  view: PhaseObservations,
  context: JudgingContext,
): Judgement {
  const invalid = (reason: string): Judgement => ({ ...NOTHING, verdict: "invalid", reason });
  const what = NOUN_OF_CROSSING[crossing];
  const counted = view.crossed?.(proxy, crossing) ?? null;
  if (counted === null) {
    const why =
      crossing === "requests"
        ? "nothing could be read from its gateway"
        : "its server does not count them, or could not be read";
    return invalid(`How many ${what} "${proxy}" got is not known: ${why}.`);
  }
  const coveredS = sum(counted.lengthS);
  if (coveredS < LEAST_COVERED * view.durationS && coveredS < view.durationS - FORGIVEN_S) {
    const of = `${formatSeconds(coveredS)} of ${formatSeconds(view.durationS)}`;
    return invalid(`The counters of "${proxy}" could be read for ${of} only.`);
  }
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  if (slo.relative !== undefined && target === 0) {
    return invalid(`"${proxy}" got no ${what} in the baseline, so there is nothing to compare with.`);
  }
  const got = (perS: number) => `"${proxy}" got ${formatRateOf(perS, perS === 1 ? what.slice(0, -1) : what)}`;
  const told = { slo, target, counted, got, context };
  return slo.windowS === null ? judgeMean(told) : judgeWorstWindow(told, slo.windowS);
}

const NOTHING = { observed: null, interval: null, counts: null } as const;

interface Counted {
  readonly slo: Slo;
  /** Per second. */
  readonly target: number;
  readonly counted: TimedCounts;
  /** '"inventory" got 80 requests/s' */
  readonly got: (perS: number) => string;
  readonly context: JudgingContext;
}

function judgeMean({ slo, target, counted, got, context }: Counted): Judgement {
  const { perS, lower, upper, designEffect, totalS } = harRate(counted, 98);
  const held = `${got(perS)} over ${formatSeconds(totalS)}; ${promised(slo, target)}`;
  if (context.evidence === "observed") {
    const verdict = compares(perS, slo.operator, target) ? "pass" : "fail";
    return { ...NOTHING, observed: perS, verdict, reason: `${held}.` };
  }
  const shown = { observed: perS, interval: [lower, upper] as const, counts: null };
  const [surely] = scoreRate(sum(counted.counts), totalS, windowZ(context.verdicts));
  if (surely > target) return { ...shown, verdict: "fail", reason: `${held}.` };
  if (totalS < LEAST_SECONDS_TO_PASS - SLACK_S) {
    const reason = `${held}, but a phase must last ${LEAST_SECONDS_TO_PASS} s to pass.`;
    return { ...shown, verdict: "inconclusive", reason };
  }
  if (upper <= target) {
    return { ...shown, verdict: "pass", reason: `${held}; in the long run at most ${formatRate(upper)}.` };
  }
  const why = designEffect > 2 ? ", as they came in bursts" : "";
  const range = `in the long run it may be anything from ${formatRate(lower)} to ${formatRate(upper)}${why}`;
  return { ...shown, verdict: "inconclusive", reason: `${held}, but ${range}: use a longer phase.` };
}

/** The worst window of the phase, as it was counted: a fact about this run. */
function judgeWorstWindow({ slo, target, counted, got, context }: Counted, windowS: number): Judgement {
  const worst = worstWindow(counted, windowS);
  const shown = { ...NOTHING, observed: worst?.perS ?? null };
  if (worst === null) {
    const reason = `The phase is shorter than the window of ${windowS} s.`;
    return { ...shown, verdict: "inconclusive", reason };
  }
  const from = `from second ${Math.floor(worst.fromS) + 1}`;
  const held = `In the worst ${windowS} s (${from}) ${got(worst.perS)}; ${promised(slo, target)}`;
  if (!compares(worst.perS, slo.operator, target)) return { ...shown, verdict: "fail", reason: `${held}.` };
  const longestS = Math.max(...counted.lengthS);
  if (longestS > windowS + SLACK_S) {
    const reason = `${held}, but the counters were not read for ${formatSeconds(longestS)}, in which there may have been more.`;
    return { ...shown, verdict: "inconclusive", reason };
  }
  if (context.evidence === "interval" && sum(counted.lengthS) < LEAST_SECONDS_TO_PASS - SLACK_S) {
    const reason = `${held}, but a phase must last ${LEAST_SECONDS_TO_PASS} s to pass.`;
    return { ...shown, verdict: "inconclusive", reason };
  }
  return { ...shown, verdict: "pass", reason: `${held}.` };
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

function promised({ operator }: Slo, target: number): string {
  return `${operator === "<" ? "less than" : "at most"} ${formatRate(target)} promised`;
}
