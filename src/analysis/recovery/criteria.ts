/** The SLOs of a phase as tests on its seconds: what recovery and detection go by. */

import type { Slo } from "../../slo/slo.js";
import { excusedSeconds } from "../measurement/lateness.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { badBy, type Reckoning } from "../slo/bad-requests.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { budgetOf } from "../slo/slo-budget.js";
import { throughputAsShare } from "../slo/throughput.js";
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
  readonly baseline: PhaseView | null;
  readonly context: Pick<JudgingContext, "evidence" | "model" | "timeoutMs" | "control">;
  /** At most so many seconds must be good, whatever the budget would ask for. */
  readonly maxHoldS?: number;
  /** Which requests are bad; "due" when not said. */
  readonly reckoning?: Reckoning;
}

/** Those SLOs whose seconds can be told good from bad; targets must be worked out already. */
export function criteriaOf(slos: readonly Slo[], view: PhaseView, options: CriteriaOptions): SloCriterion[] {
  return slos.flatMap((slo) => {
    const reduced = asShare(slo, view, options);
    if (reduced !== null) return [shareCriterion(slo, reduced, view, options)];
    return slo.metric.kind === "throughput" ? throughputCriterion(slo, view, options) : [];
  });
}

/** Below this a second may well be empty by chance. */
const LEAST_RATE_TO_STALL = 10;

function asShare(
  slo: Slo,
  view: PhaseView,
  { context, reckoning = "due" }: CriteriaOptions,
): { series: BadSeries; budget: number } | null {
  if (slo.metric.kind === "throughput") return throughputAsShare(slo, view, context, reckoning);
  const asBudget = budgetOf(slo);
  if (asBudget === null) return null;
  const series = badBy(reckoning, slo, view, context);
  if (series === null) return null;
  return {
    series: reckoning === "judged" ? withoutStandstills(series, view) : series,
    budget: asBudget.budget,
  };
}

/** A second in which the generator let nothing go, for nothing that the system did, says nothing of the system. */
function withoutStandstills({ due, bad }: BadSeries, view: PhaseView): BadSeries {
  const { offered } = view.record.all;
  if (offered === undefined) return { due, bad };
  const excused = excusedSeconds(view.record);
  const told = (counts: readonly number[]) =>
    counts.map((count, t) => (excused[t] && (offered[t] ?? 0) === 0 ? 0 : count));
  return { due: told(due), bad: told(bad) };
}

function shareCriterion(
  slo: Slo,
  { series, budget }: { series: BadSeries; budget: number },
  view: PhaseView,
  { baseline, context, maxHoldS }: CriteriaOptions,
): SloCriterion {
  const before = (baseline ?? view).failures(slo.request).due;
  const ratePerS = before.length > 0 ? sum(before) / before.length : 0;
  const hold = Math.min(holdSeconds(budget, ratePerS), maxHoldS ?? Number.POSITIVE_INFINITY);
  const holdS = context.evidence === "observed" ? observedHoldSeconds(hold, view.seconds) : hold;
  // In the closed model a system that answers nothing is asked nothing. In the open one nothing due is the load's doing.
  const isStall = (second: number) =>
    context.model === "closed" && ratePerS >= LEAST_RATE_TO_STALL && second < view.wholeSeconds;
  const filled = ratePerS > 0 ? before.filter((due) => due > 0).length / before.length : 1;
  const criterion = budgetCriterion(series, budget, holdS, filled, isStall);
  return { slo, criterion, violatesAtEnd: violatesAtEnd(criterion, series, budget) };
}

/** Closed model: a second is bad when its good answers are too few for chance (3.09 σ of a Poisson count). */
function throughputCriterion(
  slo: Slo,
  view: PhaseView,
  { context, maxHoldS }: CriteriaOptions,
): SloCriterion[] {
  if (context.model !== "closed" || slo.target.kind !== "absolute") return [];
  const target = slo.target.value;
  const good = view.series(slo.request)?.outcomes.ok ?? [];
  const least = target - 3.09 * Math.sqrt(target);
  const hold = Math.min(10, maxHoldS ?? 10);
  const criterion: RecoveryCriterion = {
    seconds: view.wholeSeconds,
    holdS: context.evidence === "observed" ? observedHoldSeconds(hold, view.wholeSeconds) : hold,
    violates: (t) => (good[t] ?? 0) < least,
    keeps: (from, to) => sum(good.slice(from, to)) >= target * (to - from),
    mayBegin: (t) => (good[t] ?? 0) >= least,
  };
  const atEnd = [1, 2, 3].some(
    (back) => back <= criterion.seconds && criterion.violates(criterion.seconds - back),
  );
  return [{ slo, criterion, violatesAtEnd: atEnd }];
}
