/** Compares fault and baseline for each SLO, in numbers and one sentence. */

import { metricOf } from "../../slo/metrics/index.js";
import type { Observations } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import { formatRatio } from "../../support/format.js";
import type { Comparison } from "../document/report.js";
import { badSeries } from "../slo/bad-requests.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { quantileInterval } from "../slo/quantile-interval.js";
import { budgetOf } from "../slo/slo-budget.js";
import {
  asEstimate,
  compareWithBaseline,
  moverRatio,
  smallestVisibleDifference,
  smallestVisibleRatio,
} from "../statistics/difference.js";
import { type BadSeries, criticalT, harWilson, sum } from "../statistics/intervals.js";
import { type LoadShift, loadShiftText } from "../wording/load-shift-words.js";
import { factorText } from "../wording/wording.js";

/**
 * With `evidence: observed` the sentence has no intervals: they would be a claim beyond the run.
 * @param loadShift how the load itself differed; then nothing is blamed on the fault. null: it did not differ.
 * @returns null when one of the phases had no request of this SLO, or when the SLO is not about bad requests.
 */
export function compareSlo(
  slo: Slo,
  baseline: Observations,
  fault: Observations,
  evidence: JudgingContext["evidence"],
  loadShift: LoadShift | null,
): Comparison | null {
  const asBudget = budgetOf(slo);
  const during = badSeries(slo, fault);
  if (asBudget === null || during === null) return null;
  const before =
    asBudget.limitUs === null
      ? badSeries(slo, baseline)
      : baseline.slowerAbout(slo.request, asBudget.limitUs);
  if (before === null || sum(before.due) === 0 || sum(during.due) === 0) return null;
  const difference = compareWithBaseline(before, during);
  const smallestVisible = smallestVisibleDifference(before, during);
  const { quantile } = metricOf(slo.metric);
  const ratio = quantile === null ? null : compareQuantile(slo.request, quantile, baseline, fault);
  const numbers = {
    slo: slo.text,
    difference: difference.value,
    interval: [difference.lower, difference.upper] as const,
    degraded: difference.degraded && loadShift === null,
    smallestVisible,
    ratio,
  };
  const metric = metricOf(slo.metric).name;
  if (loadShift !== null) {
    const sentence = `Not comparable, as the load differed (${loadShiftText(loadShift)}): ${seen(numbers, metric, { before, during })}`;
    return { ...numbers, sentence };
  }
  const words = evidence === "interval" ? claimed : seen;
  return { ...numbers, sentence: words(numbers, metric, { before, during }) };
}

/** MOVER on log quantiles with 95 % intervals. @returns null when an interval reaches into the failures or is empty. */
function compareQuantile(
  request: string | null,
  q: number,
  baseline: Observations,
  fault: Observations,
): Comparison["ratio"] {
  const [before, during] = [quantileEstimate(baseline, request, q), quantileEstimate(fault, request, q)];
  const ratio = before && during && moverRatio(before, during);
  if (!ratio) return null;
  const [tBefore, tDuring] = [criticalT(baseline.seconds, 95), criticalT(fault.seconds, 95)];
  // Relative standard errors, from the width of the intervals on the logarithm.
  const cv = ({ lower, upper }: { lower: number; upper: number }, t: number) =>
    (Math.log(upper) - Math.log(lower)) / (2 * t);
  return {
    value: ratio.value,
    interval: [ratio.lower, ratio.upper],
    smallestVisible: smallestVisibleRatio(
      cv(before, tBefore),
      cv(during, tDuring),
      Math.max(tBefore, tDuring),
    ),
  };
}

function quantileEstimate(view: Observations, request: string | null, q: number) {
  const value = view.quantile(request, q);
  const interval = quantileInterval(view, request, q, 95);
  if (typeof value !== "number" || typeof interval?.[0] !== "number" || typeof interval[1] !== "number")
    return null;
  return { value, lower: interval[0], upper: interval[1] };
}

interface Compared {
  readonly before: BadSeries;
  readonly during: BadSeries;
}

/** What was seen, and nothing beyond it. */
function seen({ ratio }: Omit<Comparison, "sentence">, metric: string, compared: Compared): string {
  const times = ratio === null ? "" : `; ${metric} was ${factorText(ratio.value)} the baseline's`;
  return `${shares(compared)}${times}.`;
}

function claimed(numbers: Omit<Comparison, "sentence">, metric: string, compared: Compared): string {
  const { interval, degraded, smallestVisible } = numbers;
  const rates = `${shares(compared)} (95% interval of the difference ${signed(interval[0])} to ${signed(interval[1])})`;
  const ratio = ratioText(numbers.ratio, metric);
  if (degraded) return `Degraded: ${rates}${ratio}.`;
  const limit =
    smallestVisible === null
      ? "this run could not have shown a difference"
      : `a difference below ${formatRatio(smallestVisible)} would not have been seen`;
  const head = surelyLonger(numbers.ratio)
    ? "Slower, but no more bad requests shown"
    : "No degradation shown";
  return `${head}: ${rates}; ${limit}${ratio}.`;
}

function shares({ before, during }: Compared): string {
  const [b, f] = [asEstimate(harWilson(before, 95)), asEstimate(harWilson(during, 95))];
  return `${formatRatio(f.value)} bad during the fault, ${formatRatio(b.value)} before`;
}

function ratioText(ratio: Comparison["ratio"], metric: string): string {
  if (ratio === null) return "";
  const [lower, upper] = ratio.interval.map(factorText);
  const was = `; ${metric} was ${factorText(ratio.value)} the baseline's (95% interval ${lower} to ${upper})`;
  if (surelyLonger(ratio)) return was;
  return `${was}, and a rise below ${factorText(ratio.smallestVisible)} would not have been seen`;
}

function surelyLonger(ratio: Comparison["ratio"]): boolean {
  return ratio !== null && ratio.interval[0] > 1;
}

function signed(share: number): string {
  return `${share < 0 ? "-" : "+"}${formatRatio(Math.abs(share))}`;
}
