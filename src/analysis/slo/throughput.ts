/** "throughput >= 180/s": good answers a second. */

import type { Slo } from "../../slo/slo.js";
import { formatRate, formatSeconds } from "../../support/format.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { type BadSeries, criticalT, longRunVariance, sum } from "../statistics/intervals.js";
import { badBy, type Reckoning } from "./bad-requests.js";
import { disturbanceOf, machineDecides } from "./disturbance.js";
import type { CertainFail, Judgement, JudgingContext } from "./judging-context.js";
import { shareReason } from "./share-reason.js";
import {
  judgeShare,
  LEAST_SECONDS_TO_PASS,
  observeShare,
  type ShareVerdict,
  windowZ,
} from "./share-verdict.js";
import { tightestLimitUs } from "./slo-budget.js";

/** With what it says of the system alone, when that is a failure; only the open model can tell the two apart. */
interface JudgedThroughput extends Judgement {
  readonly certainFail: CertainFail | null;
}

/**
 * In the open model the load decides how many requests are due, so "at least X good answers a second" is a budget:
 * at most 1 − X/rate of them may be bad. null in the closed model, and when less than X a second were due.
 */
export function throughputAsShare(
  slo: Slo,
  view: PhaseView,
  { model, ...grounds }: Pick<JudgingContext, "model" | "timeoutMs" | "control">,
  reckoning: Reckoning = "due",
): { readonly series: BadSeries; readonly budget: number } | null {
  if (model !== "open" || slo.target.kind !== "absolute") return null;
  const series = view.failures(slo.request);
  const duePerS = sum(series.due) / view.record.durationS;
  // 200/s over 30.02 s can come out a hair below 200.
  if (!(duePerS > 0) || slo.target.value > duePerS * 1.001) return null;
  const counted = reckoning === "due" ? series : badBy(reckoning, slo, view, grounds)!;
  return { series: counted, budget: Math.max(0, 1 - slo.target.value / duePerS) };
}

export function judgeThroughput(slo: Slo, view: PhaseView, context: JudgingContext): JudgedThroughput {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const observed = view.goodPerS(slo.request);
  const ofAll = (judged: Judgement) => ({ ...judged, certainFail: null });
  if (slo.windowS !== null) return ofAll(judgeWindowedThroughput(slo.windowS, target, slo, view, context));
  if (context.model === "closed") return ofAll(judgeMean(slo, target, view, context));
  const asShare = throughputAsShare(slo, view, context);
  if (asShare === null) {
    const due = formatRate(sum(view.failures(slo.request).due) / view.record.durationS);
    const reason = `Only ${due} were due, so ${formatRate(target)} could not be shown: raise the load's rate.`;
    return ofAll({ verdict: "inconclusive", reason, observed, interval: null, counts: null });
  }
  const { series, budget } = asShare;
  const duePerS = sum(series.due) / view.record.durationS;
  const counts = { bad: sum(series.bad), total: sum(series.due), budget };
  const reasonOf = (verdict: ShareVerdict["verdict"]) =>
    `${formatRate(observed)} good answers, ${formatRate(target)} promised: ` +
    shareReason({ slo, series, budget, verdict, context, phase: view.record });
  const decide = (of: BadSeries) =>
    context.evidence === "observed"
      ? observeShare(of, budget, false)
      : judgeShare(of, budget, context.verdicts).verdict;
  const seen = decide(throughputAsShare(slo, view, context, "judged")!.series);
  const systems = throughputAsShare(slo, view, context, "certain")!.series;
  const without = decide(systems);
  const certainFail =
    without === "fail" ? { reason: reasonOf("fail"), explained: counts.bad - sum(systems.bad) } : null;
  const { process } = judgeShare(series, budget, context.verdicts);
  const interval =
    context.evidence === "interval"
      ? ([duePerS * (1 - process.upper), duePerS * (1 - process.lower)] as const)
      : null;
  const shown = { observed, interval, counts, certainFail };
  return seen !== "pass" && seen !== without
    ? {
        ...shown,
        verdict: "inconclusive",
        reason: machineDecides(
          seen,
          without,
          view.record,
          disturbanceOf(view.record, tightestLimitUs([slo], context.timeoutMs), null),
        ),
        lateness: { decides: true, judgedFrom: "due" },
      }
    : { ...shown, verdict: seen, reason: reasonOf(seen) };
}

/** Good answers of each whole second. */
function goodPerSecond(slo: Slo, view: PhaseView): readonly number[] {
  const ok = view.series(slo.request)?.outcomes.ok ?? [];
  return ok.slice(0, view.wholeSeconds);
}

/** Closed model: the mean of the seconds, with the same long-run variance and Student's t. */
function judgeMean(slo: Slo, target: number, view: PhaseView, context: JudgingContext): Judgement {
  const good = goodPerSecond(slo, view);
  const seconds = good.length;
  const mean = sum(good) / seconds;
  const residuals = good.map((count) => count - mean);
  const t = criticalT(seconds, 98);
  const process = (t * Math.sqrt(longRunVariance(residuals))) / seconds;
  const squares = sum(residuals.map((z) => z * z));
  const window = (windowZ(context.verdicts) * Math.sqrt(squares)) / seconds;
  const shown = { observed: mean, counts: null };
  const held = `${formatRate(mean)} good answers over ${formatSeconds(seconds)}; ${formatRate(target)} promised`;
  if (context.evidence === "observed") {
    return { ...shown, verdict: mean >= target ? "pass" : "fail", reason: `${held}.`, interval: null };
  }
  const interval = [Math.max(0, mean - process), mean + process] as const;
  if (mean + window < target) return { ...shown, verdict: "fail", reason: `${held}.`, interval };
  if (seconds >= LEAST_SECONDS_TO_PASS && mean - process >= target) {
    return {
      ...shown,
      verdict: "pass",
      reason: `${held}; surely above ${formatRate(interval[0])}.`,
      interval,
    };
  }
  const reason =
    seconds < LEAST_SECONDS_TO_PASS
      ? `${held}, but a phase must last ${LEAST_SECONDS_TO_PASS} s to pass.`
      : `${held}, but it may be anything from ${formatRate(interval[0])} to ${formatRate(interval[1])}: use a longer phase.`;
  return { ...shown, verdict: "inconclusive", reason, interval };
}

/** The worst window of the phase, as it was. */
function judgeWindowedThroughput(
  windowS: number,
  target: number,
  slo: Slo,
  view: PhaseView,
  { evidence }: JudgingContext,
): Judgement {
  const good = goodPerSecond(slo, view);
  let worst: number | null = null;
  for (let from = 0; from + windowS <= good.length; from++) {
    const rate = sum(good.slice(from, from + windowS)) / windowS;
    if (worst === null || rate < worst) worst = rate;
  }
  const shown = { observed: worst, interval: null, counts: null };
  if (worst === null) {
    const reason = `The phase is shorter than the window of ${windowS} s.`;
    return { ...shown, verdict: "inconclusive", reason };
  }
  const held = `In its worst ${windowS} s there were ${formatRate(worst)} good answers; ${formatRate(target)} promised`;
  if (worst < target) return { ...shown, verdict: "fail", reason: `${held}.` };
  if (evidence === "interval" && good.length < LEAST_SECONDS_TO_PASS) {
    const reason = `${held}, but a phase must last ${LEAST_SECONDS_TO_PASS} s to pass.`;
    return { ...shown, verdict: "inconclusive", reason };
  }
  return { ...shown, verdict: "pass", reason: `${held}.` };
}
