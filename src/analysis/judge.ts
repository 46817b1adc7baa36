/** One SLO in one phase → one line of the report. The method is in docs/measurement.md. */

import { type JudgedPhase, metricName, type Slo, unitOf } from "../scenario/slo.js";
import { messageOf } from "../support/errors.js";
import { formatCount } from "../support/format.js";
import { badEpisodes } from "./difference.js";
import { type BadSeries, harWilson, type Interval, sum } from "./intervals.js";
import type { Judgement, JudgingContext } from "./judgement.js";
import type { Latency, ShareEvidence, SloResult, Verdict } from "./model.js";
import type { LatencyClock, PhaseView } from "./phase-view.js";
import { quantileInterval } from "./quantile-interval.js";
import { shareReason } from "./reasons.js";
import { budgetOf, leastRequestsFor } from "./slo-budget.js";
import { metricValue } from "./targets.js";
import { judgeThroughput, throughputAsShare } from "./throughput.js";
import { judgeShare, judgeWindows, observeShare, type ShareVerdict, worstWindow } from "./verdict.js";
import { latenessDecides, neededText } from "./wording.js";

export interface JudgedSlo {
  /** With its target worked out against the baseline. */
  readonly slo: Slo;
  readonly phase: JudgedPhase;
  readonly view: PhaseView;
  readonly baseline: PhaseView | null;
  /** The recovery, for the table. */
  readonly after: PhaseView | null;
  /** Why this phase's measurement cannot be trusted. */
  readonly invalid: string | null;
}

/** Judges; whatever goes wrong in it becomes an `invalid` of this SLO alone. */
export function judgeSlo(judged: JudgedSlo, context: JudgingContext): SloResult {
  const { slo, phase, baseline, after } = judged;
  const base = {
    expect: slo.text,
    phase,
    unit: unitOf(slo.metric),
    target: slo.target.kind === "absolute" ? slo.target.value : null,
    censored: false,
  };
  try {
    const value = (view: PhaseView | null) => (view ? metricValue(slo.metric, slo.request, view) : null);
    const found = judge(judged, context);
    const trusted =
      judged.invalid === null ? found : { ...found, verdict: "invalid" as const, reason: judged.invalid };
    return {
      ...base,
      ...trusted,
      baseline: value(phase === "baseline" ? judged.view : baseline),
      after: value(after),
      share: shareEvidence(slo, judged.view, context.model),
    };
  } catch (error) {
    return {
      ...base,
      verdict: "invalid",
      reason: `This SLO could not be judged: ${messageOf(error)}.`,
      baseline: null,
      observed: null,
      after: null,
      interval: null,
      counts: null,
      share: null,
    };
  }
}

function judge(judged: JudgedSlo, context: JudgingContext): Judgement {
  const { slo, view } = judged;
  if (slo.target.kind !== "absolute") {
    const what = metricName(slo.metric);
    return undecided("invalid", `The baseline has no ${what} to compare with, so this SLO has no target.`);
  }
  if (sum(view.failures(slo.request).due) === 0) {
    const of = slo.request === null ? "No request" : `No request named "${slo.request}"`;
    return undecided("inconclusive", `${of} was due in this phase, so nothing is known.`);
  }
  if (slo.metric.kind === "throughput") return judgeThroughput(slo, view, context);
  return judgeBudget(slo, view, context);
}

function undecided(verdict: Verdict, reason: string): Judgement {
  return { verdict, reason, observed: null, interval: null, counts: null };
}

/** Everything that is a budget for bad requests. */
function judgeBudget(slo: Slo, view: PhaseView, context: JudgingContext): Judgement {
  const { budget, limitUs } = budgetOf(slo)!;
  const series = badSeries(slo, view, "due");
  if (series === null) {
    return undecided(
      "invalid",
      `How many requests took longer than ${limitUs! / 1000} ms was not counted in this run.`,
    );
  }
  const verdict = decide(slo, series, budget, context);
  const counts = { bad: sum(series.bad), total: sum(series.due), budget };
  const shown = {
    observed: observedValue(slo, series, view),
    interval: context.evidence === "interval" ? shownInterval(slo, series, view) : null,
    counts,
  };
  const fromDispatch =
    limitUs === null ? verdict : decide(slo, badSeries(slo, view, "dispatch")!, budget, context);
  if (fromDispatch !== verdict) {
    return { ...shown, verdict: "inconclusive", reason: latenessDecides(verdict, fromDispatch) };
  }
  const least = tooFewFor(slo, counts.total);
  if (least !== null && verdict === "inconclusive") {
    const reason = `${metricName(slo.metric)} exists from ${neededText(least)} requests on, and there were ${formatCount(counts.total)}.`;
    return { ...shown, verdict, reason };
  }
  return { ...shown, verdict, reason: shareReason({ slo, series, budget, verdict, context }) };
}

/** The requests that a quantile needs to be more than the slowest of them; null when there are enough. */
function tooFewFor({ metric }: Slo, requests: number): number | null {
  const least = metric.kind === "quantile" ? leastRequestsFor(metric.q) : 0;
  return requests < least ? least : null;
}

function decide(
  slo: Slo,
  series: BadSeries,
  budget: number,
  { evidence, verdicts }: JudgingContext,
): ShareVerdict["verdict"] {
  // A target from the baseline may be 0, which "less than" could never meet.
  const strict =
    (slo.operator === "<" || slo.operator === ">") && budget > 0 && slo.metric.kind !== "quantile";
  // The greatest value is what it was; nothing more is claimed, in either mode.
  if (slo.metric.kind === "max") return observeShare(series, 0, false);
  if (tooFewFor(slo, sum(series.due)) !== null) {
    // So many bad ones that no number of requests would help are a fact all the same.
    return judgeShare(series, budget, verdicts).verdict === "fail" ? "fail" : "inconclusive";
  }
  if (slo.windowS !== null) {
    return judgeWindows(series, slo.windowS, budget, verdicts, evidence, strict).verdict;
  }
  return evidence === "observed"
    ? observeShare(series, budget, strict)
    : judgeShare(series, budget, verdicts).verdict;
}

/** Requests that this SLO counts as bad; null when they were not counted. Throughput has none of its own. */
export function badSeries(slo: Slo, view: PhaseView, clock: LatencyClock): BadSeries | null {
  const asBudget = budgetOf(slo);
  if (asBudget === null) return null;
  return asBudget.limitUs === null
    ? view.failures(slo.request)
    : view.slower(slo.request, asBudget.limitUs, clock);
}

function observedValue(slo: Slo, series: BadSeries, view: PhaseView): Latency {
  if (slo.windowS === null) return metricValue(slo.metric, slo.request, view);
  const worst = worstWindow(series, slo.windowS);
  if (worst === null) return null;
  if (slo.metric.kind === "availability") return 1 - worst.share;
  // Of single windows the share is known, not the quantile itself.
  return slo.metric.kind === "error_rate" ? worst.share : metricValue(slo.metric, slo.request, view);
}

/** The 98 % interval in the metric's own unit. */
function shownInterval(slo: Slo, series: BadSeries, view: PhaseView): readonly [Latency, Latency] | null {
  if (slo.windowS !== null || slo.metric.kind === "max") return null;
  if (slo.metric.kind === "quantile") return quantileInterval(view, slo.request, slo.metric.q, 98);
  const { lower, upper } = harWilson(series, 98);
  return slo.metric.kind === "availability" ? [1 - upper, 1 - lower] : ([lower, upper] satisfies Interval);
}

/** The share of bad requests with its 95 % interval, for comparison with another run. */
function shareEvidence(slo: Slo, view: PhaseView, model: JudgingContext["model"]): ShareEvidence | null {
  const series =
    slo.metric.kind === "throughput"
      ? throughputAsShare(slo, view, model)?.series
      : badSeries(slo, view, "due");
  if (!series || sum(series.due) === 0) return null;
  const { share, lower, upper, seconds } = harWilson(series, 95);
  return {
    value: share,
    lower95: lower,
    upper95: upper,
    seconds,
    badSeconds: series.bad.filter((count) => count > 0).length,
    episodes: badEpisodes(series.bad),
  };
}
