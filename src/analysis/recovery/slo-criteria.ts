/** The SLOs of a phase as tests on its seconds. Recovery and detection are made from them. */

import type { RateMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import { excusedSeconds } from "../measurement/lateness.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { badBy, type Reckoning } from "../slo/bad-requests.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { rateAsShare } from "../slo/rate.js";
import { budgetOf } from "../slo/slo-budget.js";
import { type BadSeries, sum } from "../statistics/intervals.js";
import {
  budgetCriterion,
  holdSeconds,
  observedHoldSeconds,
  type RecoveryCriterion,
  violatesAtEnd,
} from "./good-seconds.js";

export interface SloCriterion {
  readonly slo: Slo;
  readonly criterion: RecoveryCriterion;
  /** Still broken when the phase ended. */
  readonly violatesAtEnd: boolean;
}

export interface CriteriaOptions {
  readonly baseline: PhaseObservations | null;
  readonly context: Pick<JudgingContext, "evidence" | "model" | "timeoutMs" | "control">;
  /** Upper limit for the seconds that must be good, whatever the budget would ask for. */
  readonly maxHoldS?: number;
  /** Seconds before the phase that count to it as well. */
  readonly earlierS?: number;
  /** Which requests are bad. "due" by default. */
  readonly reckoning?: Reckoning;
}

/** The SLOs whose seconds can be told good from bad. Targets must be worked out already. */
export function criteriaOf(
  slos: readonly Slo[],
  view: PhaseObservations,
  options: CriteriaOptions,
): SloCriterion[] {
  return slos.flatMap((slo) => {
    const reduced = asShare(slo, view, options);
    if (reduced !== null) return [shareCriterion(slo, reduced, view, options)];
    const { rate } = metricOf(slo.metric);
    return rate === null ? [] : rateCriterion(slo, rate, view, options);
  });
}

/** Below this rate per second, a second may well be empty by chance. */
const LEAST_RATE_TO_STALL = 10;

function asShare(
  slo: Slo,
  view: PhaseObservations,
  { context, reckoning = "due" }: CriteriaOptions,
): { series: BadSeries; budget: number } | null {
  const { rate, among } = metricOf(slo.metric);
  if (rate !== null) return rateAsShare(slo, view, context, reckoning);
  // A second without failures is neither good nor bad.
  if (among === "failed") return null;
  const asBudget = budgetOf(slo);
  if (asBudget === null) return null;
  const series = badBy(reckoning, slo, view, context);
  if (series === null) return null;
  return {
    series: reckoning === "judged" ? withoutStandstills(series, view) : series,
    budget: asBudget.budget,
  };
}

/** Takes out seconds in which the generator let nothing go for reasons of its own. They say nothing of the system. */
function withoutStandstills({ due, bad }: BadSeries, { ownLoad }: PhaseObservations): BadSeries {
  const offered = ownLoad?.record.all.offered;
  if (ownLoad === undefined || offered === undefined) return { due, bad };
  const excused = excusedSeconds(ownLoad.record);
  const told = (counts: readonly number[]) =>
    counts.map((count, t) => (excused[t] && (offered[t] ?? 0) === 0 ? 0 : count));
  return { due: told(due), bad: told(bad) };
}

function shareCriterion(
  slo: Slo,
  { series, budget }: { series: BadSeries; budget: number },
  view: PhaseObservations,
  { baseline, context, maxHoldS, earlierS = 0 }: CriteriaOptions,
): SloCriterion {
  const before = (baseline ?? view).failures(slo.request).due;
  const ratePerS = before.length > 0 ? sum(before) / before.length : 0;
  const hold = Math.min(holdSeconds(budget, ratePerS), maxHoldS ?? Number.POSITIVE_INFINITY);
  const holdS = context.evidence === "observed" ? observedHoldSeconds(hold, view.seconds + earlierS) : hold;
  // In the closed model a system that answers nothing is asked nothing. In the open model "nothing due" is the load's
  // doing.
  const isStall = (second: number) =>
    context.model === "closed" && ratePerS >= LEAST_RATE_TO_STALL && second < view.wholeSeconds;
  const filled = ratePerS > 0 ? before.filter((due) => due > 0).length / before.length : 1;
  const criterion = budgetCriterion(series, budget, holdS, filled, isStall);
  return { slo, criterion, violatesAtEnd: violatesAtEnd(criterion, series, budget) };
}

/**
 * Closed model: a second is bad when its count is below the promise by more than chance (3.09 σ of a Poisson count).
 */
function rateCriterion(
  slo: Slo,
  rate: RateMetric,
  view: PhaseObservations,
  { context, maxHoldS, earlierS = 0 }: CriteriaOptions,
): SloCriterion[] {
  if (context.model !== "closed" || slo.target.kind !== "absolute") return [];
  const target = slo.target.value;
  const counted = rate.perSecond(view, slo.request);
  const least = target - 3.09 * Math.sqrt(target);
  const hold = Math.min(10, maxHoldS ?? 10);
  const criterion: RecoveryCriterion = {
    seconds: view.wholeSeconds,
    holdS: context.evidence === "observed" ? observedHoldSeconds(hold, view.wholeSeconds + earlierS) : hold,
    violates: (t) => (counted[t] ?? 0) < least,
    keeps: (from, to) => sum(counted.slice(from, to)) >= target * (to - from),
    mayBegin: (t) => (counted[t] ?? 0) >= least,
  };
  const atEnd = [1, 2, 3].some(
    (back) => back <= criterion.seconds && criterion.violates(criterion.seconds - back),
  );
  return [{ slo, criterion, violatesAtEnd: atEnd }];
}
