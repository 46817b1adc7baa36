/** Judges one SLO in one phase: one line of the report. The method is in docs/measurement.md. */

import { metricOf } from "../../slo/metrics/index.js";
import type { Observations } from "../../slo/observations.js";
import { asWritten, type JudgedPhase, type Slo } from "../../slo/slo.js";
import { messageOf } from "../../support/errors.js";
import type { Latency, Reason, ShareEvidence, SloResult, Verdict } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import type { Distrust } from "../measurement/validity.js";
import { because, reason, reasonText } from "../reasons/reasons.js";
import { badText } from "../reasons/share-reasons.js";
import { type BadSeries, harWilson, sum } from "../statistics/intervals.js";
import { badBy, badSeries, certainlyBadInAll } from "./bad-requests.js";
import { completionEvidence, judgeCompletion } from "./completion.js";
import { judgeCrossing } from "./crossing.js";
import { disturbanceOf, isNoExcuse, judgedFromDispatch, machineDecides } from "./disturbance.js";
import type { CertainFail, Judgement, JudgingContext } from "./judging-context.js";
import { quantileInterval } from "./quantile-interval.js";
import { judgeRate, rateAsShare } from "./rate.js";
import { evidenceOf } from "./share-evidence.js";
import { badRequestsOf, nounOf, whyOfShare } from "./share-reason.js";
import { judgeShare, judgeWindows, observeShare, type ShareVerdict, worstWindow } from "./share-verdict.js";
import { judgeSignal, signalCounts } from "./signal.js";
import { budgetOf, tightestLimitUs } from "./slo-budget.js";
import { worstRequest } from "./worst-request.js";

export interface JudgedSlo {
  /** With its target worked out against the baseline. */
  readonly slo: Slo;
  readonly phase: JudgedPhase;
  readonly view: PhaseObservations;
  readonly baseline: PhaseObservations | null;
  /** The recovery, for the table. */
  readonly after: PhaseObservations | null;
  /** Why this phase's measurement cannot be trusted. */
  readonly invalid: Distrust | null;
}

/** Judges the SLO. An error inside becomes an `invalid` of this SLO alone. */
export function judgeSlo(judged: JudgedSlo, context: JudgingContext): SloResult {
  const { slo, phase, baseline, after } = judged;
  const base = {
    expect: slo.text,
    slo: asWritten(slo),
    phase,
    unit: metricOf(slo.metric).unit,
    target: slo.target.kind === "absolute" ? slo.target.value : null,
    censored: false,
  };
  try {
    const worst = worstRequest(slo, judged.view);
    const found = namingWorst(judge(judged, context), worst?.because ?? null);
    const { because: why, ...trusted } = trust(found, judged, context);
    const isBroken = trusted.verdict === "fail";
    // Values that stand side by side have one clock.
    const clock = trusted.lateness?.judgedFrom ?? "due";
    const value = (of: PhaseObservations | null) =>
      of ? metricOf(slo.metric).value(of.ownLoad?.countedFrom(clock) ?? of, slo.request) : null;
    return {
      ...base,
      ...trusted,
      ...because(...why),
      mostly: isBroken && worst ? reasonText([worst.because]) : null,
      ...(isBroken && worst ? { mostlyOf: worst.facts } : {}),
      baseline: value(phase === "baseline" ? judged.view : baseline),
      after: value(after),
      share: shareEvidence(slo, judged.view, context),
    };
  } catch (error) {
    return {
      ...base,
      verdict: "invalid",
      ...because(reason("error", { error: messageOf(error) })),
      baseline: null,
      observed: null,
      after: null,
      interval: null,
      counts: null,
      share: null,
    };
  }
}

/** A failure, with the request name that most of it is about. */
function namingWorst(found: JudgedTwice, worst: Reason | null): JudgedTwice {
  if (worst === null) return found;
  const { certainFail } = found;
  return {
    ...found,
    because: found.verdict === "fail" ? [...found.because, worst] : found.because,
    certainFail: certainFail && { ...certainFail, because: [...certainFail.because, worst] },
  };
}

/**
 * A phase that cannot be trusted can still show a failure: one that the generator cannot have caused. Where the
 * generator was late, the failure says that this is not the reason.
 */
function trust(
  { certainFail, ...found }: JudgedTwice,
  { invalid, slo, view }: JudgedSlo,
  { timeoutMs }: JudgingContext,
): Judgement {
  if (invalid?.isInPart === true) {
    return certainFail === null
      ? { ...found, verdict: "inconclusive", because: invalid.because }
      : { ...found, verdict: "fail", because: [...certainFail.because, ...invalid.because] };
  }
  if (invalid !== null && (invalid.lateness === null || certainFail === null)) {
    const lateness = invalid.lateness === null ? {} : { lateness: DECIDES };
    const shared = view.ownLoad && ({ id: "not_offered", of: view.ownLoad.record.id, own: "" } as const);
    return { ...found, ...lateness, verdict: "invalid", because: invalid.because, shared };
  }
  const disturbance = disturbanceOf(view, tightestLimitUs([slo], timeoutMs), invalid);
  if (certainFail === null || disturbance === null || (invalid === null && found.verdict === "pass"))
    return found;
  const { lateness: _, shared: __, ...rest } = found;
  const why = isNoExcuse(disturbance, certainFail.explained);
  return { ...rest, verdict: "fail", because: [...certainFail.because, why] };
}

const DECIDES = { decides: true, judgedFrom: "due" } as const;

/** Also has what it says of the system alone, when that is a failure. */
type JudgedTwice = Judgement & { readonly certainFail: CertainFail | null };

function judge(judged: JudgedSlo, context: JudgingContext): JudgedTwice {
  const { slo, view } = judged;
  if (slo.target.kind !== "absolute") {
    return sayingOnly("invalid", reason("no_baseline_value", { metric: metricOf(slo.metric).name }));
  }
  const { rate, crossing, completion, signal } = metricOf(slo.metric);
  if (signal !== null) return { ...judgeSignal(slo, signal, view, context), certainFail: null };
  if (crossing !== null) return { ...judgeCrossing(slo, crossing, view, context), certainFail: null };
  if (completion !== null) {
    return { ...judgeCompletion(slo, completion, view, judged.baseline, context), certainFail: null };
  }
  if (sum(view.failures(slo.request).due) === 0) {
    const facts = { request: slo.request, counts: nounOf(slo), isEnd: slo.timed !== undefined };
    return sayingOnly("inconclusive", reason("nothing_due", facts));
  }
  return rate === null ? judgeBudget(slo, view, context) : judgeRate(slo, rate, view, context);
}

function sayingOnly(verdict: Verdict, why: Reason): JudgedTwice {
  return { verdict, because: [why], observed: null, interval: null, counts: null, certainFail: null };
}

/** Judges every metric that is a budget for bad requests. */
function judgeBudget(slo: Slo, view: PhaseObservations, context: JudgingContext): JudgedTwice {
  const { budget, limitUs } = budgetOf(slo)!;
  const series = badSeries(slo, view);
  if (series === null) {
    const facts =
      limitUs === null || metricOf(slo.metric).bad !== null
        ? { isBad: badText(badRequestsOf(slo)), longerThanMs: null }
        : { isBad: null, longerThanMs: limitUs / 1000 };
    return sayingOnly("invalid", reason("not_counted", facts));
  }
  const counts = { bad: sum(series.bad), total: sum(series.due), budget };
  if (counts.total === 0 && metricOf(slo.metric).among === "failed") {
    return { ...sayingOnly("pass", reason("none_failed", {})), counts };
  }
  const shown = {
    observed: observedValue(slo, series, view),
    interval: context.evidence === "interval" ? shownInterval(slo, series, view) : null,
    counts,
  };
  // Not null: what can be counted from when a request was due can be counted from when it left, too.
  const judged = badBy("judged", slo, view, context)!;
  const seen = decide(slo, judged, budget, context);
  const systems = certainly(slo, view, budget, context);
  const certainFail =
    systems.verdict === "fail"
      ? {
          because: whyOfShare({ slo, series, budget, verdict: "fail", context, phase: view }),
          explained: counts.bad - systems.bad,
        }
      : null;
  const { ownLoad } = view;
  if (ownLoad !== undefined && seen !== "pass" && seen !== systems.verdict) {
    const disturbance = disturbanceOf(view, tightestLimitUs([slo], context.timeoutMs), null);
    const why = machineDecides(seen, systems.verdict, ownLoad.record, disturbance);
    const of = `${ownLoad.record.id} ${seen} ${systems.verdict}`;
    const shared = { id: "lateness_decides", of, own: "" } as const;
    return { ...shown, verdict: "inconclusive", because: [why], certainFail, lateness: DECIDES, shared };
  }
  if (ownLoad !== undefined && seen === "pass" && decide(slo, series, budget, context) !== "pass") {
    const own = whyOfShare({ slo, series: judged, budget, verdict: seen, context, phase: view });
    return {
      verdict: seen,
      because: [...own, judgedFromDispatch(ownLoad)],
      shared: { id: "judged_from_dispatch", of: ownLoad.record.id, own: reasonText(own) },
      observed: observedValue(slo, judged, view, ownLoad.fromDispatch),
      // An interval would be of what was counted from when requests were due.
      interval: null,
      counts: { bad: sum(judged.bad), total: sum(judged.due), budget },
      certainFail,
      lateness: { decides: false, judgedFrom: "dispatch" },
    };
  }
  const least = tooFewFor(slo, counts.total);
  if (least !== null && seen === "inconclusive") {
    const facts = { metric: metricOf(slo.metric).name, least, of: counts.total, counts: nounOf(slo) };
    return { ...shown, verdict: seen, because: [reason("too_few_requests", facts)], certainFail };
  }
  const why = whyOfShare({ slo, series, budget, verdict: seen, context, phase: view });
  return { ...shown, verdict: seen, because: why, certainFail };
}

/** The verdict on what the generator's lateness cannot have caused. */
function certainly(
  slo: Slo,
  view: PhaseObservations,
  budget: number,
  context: JudgingContext,
): { readonly verdict: ShareVerdict["verdict"]; readonly bad: number } {
  const series =
    slo.windowS === null ? certainlyBadInAll(slo, view, context)! : badBy("certain", slo, view, context)!;
  return { verdict: decide(slo, series, budget, context), bad: sum(series.bad) };
}

/**
 * The number of requests that a quantile needs to be more than the slowest of them. @returns null when there are
 * enough.
 */
function tooFewFor({ metric }: Slo, requests: number): number | null {
  const least = metricOf(metric).leastRequests;
  return requests < least ? least : null;
}

/** Whether this share of bad requests keeps to the budget. */
export function decide(
  slo: Slo,
  series: BadSeries,
  budget: number,
  { evidence, verdicts }: JudgingContext,
): ShareVerdict["verdict"] {
  // A target from the baseline may be 0. "less than" could never meet it.
  const strict =
    (slo.operator === "<" || slo.operator === ">") && budget > 0 && metricOf(slo.metric).quantile === null;
  if (metricOf(slo.metric).fact !== null) return observeShare(series, budget, false);
  if (tooFewFor(slo, sum(series.due)) !== null) {
    // Enough bad requests are a fact, even where no number of requests would be enough to pass.
    return judgeShare(series, budget, verdicts).verdict === "fail" ? "fail" : "inconclusive";
  }
  if (slo.windowS !== null) {
    return judgeWindows(series, slo.windowS, budget, verdicts, evidence, strict).verdict;
  }
  return evidence === "observed"
    ? observeShare(series, budget, strict)
    : judgeShare(series, budget, verdicts).verdict;
}

function observedValue(slo: Slo, series: BadSeries, view: Observations, of: Observations = view): Latency {
  if (slo.windowS === null) return metricOf(slo.metric).value(of, slo.request);
  const worst = worstWindow(series, slo.windowS);
  if (worst === null) return null;
  // For single windows the share is known, not the quantile itself.
  return metricOf(slo.metric).ofBadShare(worst.share) ?? metricOf(slo.metric).value(view, slo.request);
}

/** The 98 % interval in the metric's own unit. */
function shownInterval(slo: Slo, series: BadSeries, view: Observations): readonly [Latency, Latency] | null {
  const metric = metricOf(slo.metric);
  if (slo.windowS !== null || metric.fact !== null) return null;
  if (metric.quantile !== null) return intervalOf(slo, metric.quantile, view);
  const { lower, upper } = harWilson(series, 98);
  const [one, other] = [metric.ofBadShare(lower), metric.ofBadShare(upper)];
  if (one === null || other === null) return null;
  return one < other ? [one, other] : [other, one];
}

function intervalOf(slo: Slo, q: number, view: Observations): readonly [Latency, Latency] | null {
  const of = metricOf(slo.metric).among === "failed" ? (view.failed?.() ?? null) : view;
  return of && quantileInterval(of, slo.request, q, 98);
}

/** The share of bad requests with its 95 % interval, for comparison with another run. */
function shareEvidence(slo: Slo, view: PhaseObservations, context: JudgingContext): ShareEvidence | null {
  const { quantile, rate, signal, completion } = metricOf(slo.metric);
  if (completion !== null) return completionEvidence(slo, completion, view);
  const series =
    signal !== null
      ? signalCounts(signal, view)
      : rate === null
        ? badSeries(slo, view)
        : rateAsShare(slo, view, context)?.series;
  return series ? evidenceOf(series, quantile === null ? null : intervalOf(slo, quantile, view)) : null;
}
