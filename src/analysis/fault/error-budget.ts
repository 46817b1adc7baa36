/** How much of the error budget a fault used, with its recovery tail. */

import { type AroundChange, dueAndFailed } from "../../measure/around-change.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Observations } from "../../slo/observations.js";
import { formatSloTarget } from "../../slo/parse.js";
import type { Slo } from "../../slo/slo.js";
import { formatRatio, formatSeconds } from "../../support/format.js";
import type { ErrorBudget } from "../document/report.js";
import { badSeries } from "../slo/bad-requests.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { budgetOf } from "../slo/slo-budget.js";
import { type BadSeries, harWilson, sum } from "../statistics/intervals.js";
import { countOf, factorText } from "../wording/wording.js";

/** Requests around a change of the fault, and how long that took. */
export interface CostAround {
  readonly counts: AroundChange;
  readonly seconds: number;
}

export interface Costs {
  readonly during: Observations;
  readonly recovery: Observations | null;
  /** Seconds of the recovery that belong to the fault: until the system was back. */
  readonly tailS: number;
  /** A request of them is bad when it failed. */
  readonly around: readonly CostAround[];
}

/**
 * Counts the promise on good answers, else the one on latency.
 * @param slos what the scenario promises. A fault's own allowance is not what the month is promised.
 * @returns null when no promise has a budget above 0.
 */
export function errorBudget(
  slos: readonly Slo[],
  { during: fault, recovery, tailS, around }: Costs,
  evidence: JudgingContext["evidence"],
): ErrorBudget | null {
  const slo = budgetedSlo(slos);
  const asBudget = slo && budgetOf(slo);
  const during = slo && badSeries(slo, fault);
  if (!slo || !asBudget || !during || sum(during.due) === 0) return null;
  const tail = recovery ? cut(badSeries(slo, recovery), Math.ceil(tailS)) : null;
  const changes = around.map(({ counts, seconds }) => ({ ...dueAndFailed(counts, slo.request), seconds }));
  const failedAround = sum(changes.map(({ failed }) => failed));
  const whole: BadSeries = {
    due: [...during.due, ...(tail?.due ?? []), ...changes.map(({ due }) => due)],
    bad: [...during.bad, ...(tail?.bad ?? []), ...changes.map(({ failed }) => failed)],
  };
  const { budget } = asBudget;
  const estimate = harWilson(during, 98);
  const besideBad = (tail ? sum(tail.bad) : 0) + failedAround;
  const seconds = during.due.length + (tail?.due.length ?? 0) + sum(changes.map(({ seconds }) => seconds));
  const minutes = seconds / 60;
  const used = (share: number) => budgetConsumed(burnRate(share, budget), minutes);
  const due = sum(whole.due);
  const consumed = used(sum(whole.bad) / due);
  // The fault's share has an interval. What the tail and the changes cost is a plain number.
  const ofWhole = (share: number) => used(Math.min(1, (share * sum(during.due) + besideBad) / due));
  const interval = [ofWhole(estimate.lower), ofWhole(estimate.upper)] as const;
  const burn = burnRate(estimate.share, budget);
  const of = slo.request === null ? "" : `(${slo.request})`;
  const promised = `${metricOf(slo.metric).name}${of} ${slo.operator} ${formatSloTarget(slo.target)}`;
  const aroundWords =
    failedAround > 0 ? `, with ${countOf(failedAround, "failed request")} around its changes,` : "";
  const tailWords = tail && tail.due.length > 0 ? ` (${tail.due.length} s of recovery included)` : "";
  if (consumed === 0) {
    const sentence = `Nothing of the error budget of ${promised} was used while the fault was on.`;
    return { slo: slo.text, burnRate: burn, consumed, interval, sentence };
  }
  // With `evidence: observed`, the interval would be a claim beyond the run.
  const range =
    evidence === "interval" ? ` (${formatRatio(interval[0])} to ${formatRatio(interval[1])})` : "";
  const sentence =
    `The error budget of ${promised} burned ${factorText(burn)} as fast as it may while the fault was on; ` +
    `${formatSeconds(seconds)}${tailWords}${aroundWords} used ${formatRatio(consumed)} of a 30-day budget${range}, ` +
    `and one hour of it would use ` +
    `${formatRatio(budgetConsumed(burn, 60))}.`;
  return { slo: slo.text, burnRate: burn, consumed, interval, sentence };
}

function budgetedSlo(slos: readonly Slo[]): Slo | null {
  // An answer that is a fallback costs nothing of what is promised of good answers.
  const withBudget = slos.filter(
    (slo) => (budgetOf(slo)?.budget ?? 0) > 0 && metricOf(slo.metric).bad === null,
  );
  const ofAnswers = withBudget.filter((slo) => budgetOf(slo)?.limitUs === null);
  return ofAnswers.find(({ request }) => request === null) ?? ofAnswers[0] ?? withBudget[0] ?? null;
}

function cut(series: BadSeries | null, seconds: number): BadSeries | null {
  return series && { due: series.due.slice(0, seconds), bad: series.bad.slice(0, seconds) };
}

/** A budget is counted over 30 days, as SLOs usually are. */
const BUDGET_MINUTES = 30 * 24 * 60;

/** Bad share over allowed share. At 1 the budget is used up in exactly 30 days. */
export function burnRate(badShare: number, budget: number): number {
  return badShare / budget;
}

/** Share of a 30-day budget that `minutes` at this burn rate use. */
export function budgetConsumed(burn: number, minutes: number): number {
  return (burn * minutes) / BUDGET_MINUTES;
}
