/** "throughput >= 180/s": compares a count per second with the promise. */

import type { RateMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Latency } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import type { Reason } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { type FactsOf, reason } from "../reasons/reasons.js";
import { type BadSeries, criticalT, longRunVariance, sum } from "../statistics/intervals.js";
import { badBy, type Reckoning } from "./bad-requests.js";
import { disturbanceOf, machineDecides } from "./disturbance.js";
import type { CertainFail, Judgement, JudgingContext } from "./judging-context.js";
import { whyOfShare } from "./share-reason.js";
import {
  judgeShare,
  LEAST_SECONDS_TO_PASS,
  observeShare,
  type ShareVerdict,
  windowZ,
} from "./share-verdict.js";
import { tightestLimitUs } from "./slo-budget.js";

/** Also has what it says of the system alone, when that is a failure. Only the open model can tell the two apart. */
interface JudgedRate extends Judgement {
  readonly certainFail: CertainFail | null;
}

/**
 * In the open model the load decides how many requests are due. So "at least X good answers a second" is a budget: at
 * most 1 − X/rate of them may be bad.
 * @returns null in the closed model, and when less than X a second were due.
 */
export function rateAsShare(
  slo: Slo,
  of: PhaseObservations,
  { model, ...grounds }: Pick<JudgingContext, "model" | "timeoutMs" | "control">,
  reckoning: Reckoning = "due",
): { readonly series: BadSeries; readonly budget: number } | null {
  if (model !== "open") return null;
  const duePerS = sum(of.failures(slo.request).due) / of.durationS;
  const budget = metricOf(slo.metric).budget(slo, duePerS);
  const series = badBy(reckoning, slo, of, grounds);
  // 200/s over 30.02 s can come out slightly below 200.
  if (budget === null || series === null || budget < -0.001) return null;
  return { series, budget: Math.max(0, budget) };
}

export function judgeRate(
  slo: Slo,
  rate: RateMetric,
  of: PhaseObservations,
  context: JudgingContext,
): JudgedRate {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const observed = metricOf(slo.metric).value(of, slo.request);
  const perSecond = rate.perSecond(of, slo.request).slice(0, of.wholeSeconds);
  const had: Had = (perS) => ({ perS, of: rate.of, targetPerS: target });
  const ofAll = (judged: Judgement) => ({ ...judged, certainFail: null });
  if (slo.windowS !== null) return ofAll(judgeWorstWindow(slo.windowS, target, perSecond, had, context));
  if (context.model === "closed") return ofAll(judgeMean(target, perSecond, had, context));
  const asShare = rateAsShare(slo, of, context);
  if (asShare === null) {
    const duePerS = sum(of.failures(slo.request).due) / of.durationS;
    const why = reason("load_too_small", { duePerS, targetPerS: target });
    return ofAll({ verdict: "inconclusive", because: [why], observed, interval: null, counts: null });
  }
  const { series, budget } = asShare;
  const duePerS = sum(series.due) / of.durationS;
  const counts = { bad: sum(series.bad), total: sum(series.due), budget };
  const why = (verdict: ShareVerdict["verdict"]): readonly Reason[] => [
    reason("rate", had(observed)),
    ...whyOfShare({ slo, series, budget, verdict, context, phase: of }),
  ];
  const decide = (counted: BadSeries) =>
    context.evidence === "observed"
      ? observeShare(counted, budget, false)
      : judgeShare(counted, budget, context.verdicts).verdict;
  const seen = decide(rateAsShare(slo, of, context, "judged")!.series);
  const systems = rateAsShare(slo, of, context, "certain")!.series;
  const without = decide(systems);
  const certainFail =
    without === "fail" ? { because: why("fail"), explained: counts.bad - sum(systems.bad) } : null;
  const { process } = judgeShare(series, budget, context.verdicts);
  const interval =
    context.evidence === "interval"
      ? ([duePerS * (1 - process.upper), duePerS * (1 - process.lower)] as const)
      : null;
  const shown = { observed, interval, counts, certainFail };
  return of.ownLoad !== undefined && seen !== "pass" && seen !== without
    ? {
        ...shown,
        verdict: "inconclusive",
        because: [
          machineDecides(
            seen,
            without,
            of.ownLoad.record,
            disturbanceOf(of, tightestLimitUs([slo], context.timeoutMs), null),
          ),
        ],
        lateness: { decides: true, judgedFrom: "due" },
      }
    : { ...shown, verdict: seen, because: why(seen) };
}

/** What was counted and promised, as facts. */
type Had = (perS: Latency) => FactsOf<"rate">;

const NEEDS_SECONDS = reason("needs_seconds", { leastS: LEAST_SECONDS_TO_PASS, lastedS: null });

/** Closed model: the mean of the seconds, with the same long-run variance and Student's t. */
function judgeMean(target: number, counted: readonly number[], had: Had, context: JudgingContext): Judgement {
  const seconds = counted.length;
  const mean = sum(counted) / seconds;
  const residuals = counted.map((count) => count - mean);
  const t = criticalT(seconds, 98);
  const process = (t * Math.sqrt(longRunVariance(residuals))) / seconds;
  const squares = sum(residuals.map((z) => z * z));
  const window = (windowZ(context.verdicts) * Math.sqrt(squares)) / seconds;
  const shown = { observed: mean, counts: null };
  const held = reason("mean_rate", { ...had(mean), overS: seconds });
  if (context.evidence === "observed") {
    return { ...shown, verdict: mean >= target ? "pass" : "fail", because: [held], interval: null };
  }
  const interval = [Math.max(0, mean - process), mean + process] as const;
  if (mean + window < target) return { ...shown, verdict: "fail", because: [held], interval };
  if (seconds >= LEAST_SECONDS_TO_PASS && mean - process >= target) {
    const surely = reason("long_run_above", { perS: interval[0] });
    return { ...shown, verdict: "pass", because: [held, surely], interval };
  }
  const why =
    seconds < LEAST_SECONDS_TO_PASS
      ? NEEDS_SECONDS
      : reason("rate_between", { atLeast: interval[0], atMost: interval[1] });
  return { ...shown, verdict: "inconclusive", because: [held, why], interval };
}

/** The worst window of the phase, as it was observed. */
function judgeWorstWindow(
  windowS: number,
  target: number,
  counted: readonly number[],
  had: Had,
  { evidence }: JudgingContext,
): Judgement {
  let worst: number | null = null;
  for (let from = 0; from + windowS <= counted.length; from++) {
    const rate = sum(counted.slice(from, from + windowS)) / windowS;
    if (worst === null || rate < worst) worst = rate;
  }
  const shown = { observed: worst, interval: null, counts: null };
  if (worst === null) {
    const why = reason("shorter_than_window", { windowS });
    return { ...shown, verdict: "inconclusive", because: [why] };
  }
  const held = reason("rate_in_window", { ...had(worst), windowS });
  if (worst < target) return { ...shown, verdict: "fail", because: [held] };
  if (evidence === "interval" && counted.length < LEAST_SECONDS_TO_PASS) {
    return { ...shown, verdict: "inconclusive", because: [held, NEEDS_SECONDS] };
  }
  return { ...shown, verdict: "pass", because: [held] };
}
