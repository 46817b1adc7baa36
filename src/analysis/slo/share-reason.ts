/** One sentence for a verdict on a share of bad requests: how far off it is, and what it would take. */

import { dueBetween } from "../../plan/profile.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Observations } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import { formatCount, formatMs, formatRate, formatRatio } from "../../support/format.js";
import { badEpisodes } from "../statistics/difference.js";
import { type BadSeries, leastErrorFreeRequests, sum } from "../statistics/intervals.js";
import { countOf, neededText } from "../wording/wording.js";
import type { JudgingContext } from "./judging-context.js";
import { judgeShare, LEAST_SECONDS_TO_PASS, type ShareVerdict, worstWindow } from "./share-verdict.js";
import { limitOf } from "./slo-budget.js";

/** Share of a phase. */
const FEW_SECONDS = 1 / 3;

export interface ShareFinding {
  readonly slo: Slo;
  readonly series: BadSeries;
  readonly budget: number;
  readonly verdict: ShareVerdict["verdict"];
  readonly context: JudgingContext;
  readonly phase: Pick<Observations, "startS" | "durationS">;
}

export function shareReason(finding: ShareFinding): string {
  const { slo, verdict, context, budget } = finding;
  const what = slo.windowS === null ? wholePhase(finding) : worstWindowOf(finding, slo.windowS);
  const tooShort = slo.windowS !== null && slo.windowS > finding.series.due.length;
  // `evidence: observed` claims nothing beyond the run. The report says so once.
  if (metricOf(slo.metric).fact !== null || tooShort || context.evidence === "observed") return `${what}.`;
  const interval = judgeShare(finding.series, budget, context.verdicts);
  switch (verdict) {
    case "fail":
      return interval.mayNotRepeat && slo.windowS === null ? `${what}. ${whyNotRepeat(finding)}` : `${what}.`;
    case "pass":
      return `${what}; in the long run at most ${formatRatio(interval.process.upper)}.`;
    case "inconclusive":
      return `${what}, but ${whatItTakes(finding)}.`;
  }
}

/** Why a failure of this run does not show what the system does in the long run. */
function whyNotRepeat({ series, budget }: ShareFinding): string {
  const seconds = series.due.length;
  const bad = series.due.map((due, t) => (series.bad[t]! > budget * due ? 1 : 0));
  const count = sum(bad);
  if (count > 0 && count <= seconds * FEW_SECONDS && badEpisodes(bad) === 1) {
    return "The bad seconds are few and close together, so it may not repeat.";
  }
  return seconds < LEAST_SECONDS_TO_PASS
    ? `The phase of ${seconds} s is too short to say that it would repeat.`
    : "The seconds differ too much to say that it would repeat.";
}

export function badWords(slo: Slo): string {
  const { bad } = metricOf(slo.metric);
  if (bad !== null) return bad.words(slo);
  const limitUs = limitOf(slo);
  return limitUs === null ? "failed" : `failed or took longer than ${formatMs(limitUs / 1000)}`;
}

const NOUN_OF_TIMED = { journey: "journey", until: "wait", stream: "event" } as const;

/** What an SLO counts, one of it. */
export function nounOf({ metric, timed }: Slo): string {
  if (timed !== undefined) return NOUN_OF_TIMED[timed];
  return metricOf(metric).among === "failed" ? "failed request" : "request";
}

function mayOf({ metric }: Slo): string {
  return metricOf(metric).bad?.may ?? "may";
}

function wholePhase({ slo, series, budget }: ShareFinding): string {
  const due = sum(series.due);
  const bad = sum(series.bad);
  const scope =
    slo.request === null ? countOf(due, nounOf(slo)) : `${countOf(due, nounOf(slo))} named "${slo.request}"`;
  const allowed = `${budget === 0 ? "none" : formatRatio(budget)} ${mayOf(slo)}`;
  if (bad === 0) return `None of ${scope} ${badWords(slo)}; ${allowed}`;
  if (bad === due) return `All ${scope} ${badWords(slo)}; ${allowed}`;
  return `${formatCount(bad)} of ${scope} (${formatRatio(bad / due)}) ${badWords(slo)}; ${allowed}`;
}

function worstWindowOf({ slo, series, budget }: ShareFinding, windowS: number): string {
  const worst = worstWindow(series, windowS);
  if (worst === null) return `The phase is shorter than the window of ${windowS} s`;
  return (
    `In the worst ${windowS} s (from second ${worst.fromS + 1}) ${formatRatio(worst.share)} of ` +
    `${countOf(sum(worst.series.due), "request")} ${badWords(slo)}; ${formatRatio(budget)} ${mayOf(slo)}`
  );
}

/** Why this run leaves the question open, and which run would not. */
function whatItTakes({ slo, series, budget, context, phase }: ShareFinding): string {
  const seconds = series.due.length;
  const due = sum(series.due);
  if (seconds < LEAST_SECONDS_TO_PASS) {
    return `a phase must last at least ${LEAST_SECONDS_TO_PASS} s to pass and this one lasted ${seconds} s`;
  }
  if (budget === 0) return "no number of requests can show that none ever will";
  const least = leastErrorFreeRequests(budget, seconds);
  if (due < least && metricOf(slo.metric).among === "failed")
    return `${neededText(least)} failed requests are needed to show it in ${seconds} s: promise failed.max or a lower percentile, or use a longer fault`;
  if (due < least) {
    const { model, profile } = context;
    // The load's rate counts all names, and journeys where there are any.
    const { startS, durationS } = phase;
    const load = profile ? dueBetween(profile, startS * 1000, (startS + durationS) * 1000) : due;
    const share = load > 0 ? due / load : 1;
    const remedy = model === "open" ? `: use ${rateOrDuration(budget, due / durationS, seconds, share)}` : "";
    return `${neededText(least)} requests are needed to show it in ${seconds} s${remedy}`;
  }
  const { process, window } = judgeShare(series, budget, context.verdicts);
  const range = `in the long run it may be anything up to ${formatRatio(process.upper)}`;
  if (window[0] <= budget && process.share > budget)
    return `that can still be chance (${range}): use a longer phase`;
  const why =
    process.designEffect > 2
      ? "bad requests came in runs"
      : `${metricOf(slo.metric).name} is close to its limit`;
  return `${range}, because ${why}: use a longer phase`;
}

/**
 * "rate: 690/s, or 75 s at 200/s": what would make a pass possible.
 * @param ratePerS rate of the requests that the SLO counts.
 * @param share how many of those come of each arrival of the load's rate.
 */
export function rateOrDuration(budget: number, ratePerS: number, seconds: number, share = 1): string {
  const length = Math.max(LEAST_SECONDS_TO_PASS, Math.floor(seconds));
  const least = leastErrorFreeRequests(budget, length);
  const load = formatRate(ratePerS / share);
  const enough = leastSeconds(budget, ratePerS);
  const byTime = enough === null ? null : `${formatCount(enough)} s at ${load}`;
  // A longer phase alone can do it. Then a higher rate is no better.
  if (ratePerS * length >= least && byTime !== null) return byTime;
  const byRate = `rate: ${formatRate(roundUpRate(least / length / share))}${length > seconds ? ` for ${length} s` : ""}`;
  return byTime === null ? byRate : `${byRate}, or ${byTime}`;
}

/** The shortest phase, rounded up to 5 s, that could pass at this rate. @returns null when it is longer than a day. */
function leastSeconds(budget: number, ratePerS: number): number | null {
  for (let seconds = LEAST_SECONDS_TO_PASS; seconds <= 120; seconds += 5) {
    if (ratePerS * seconds >= leastErrorFreeRequests(budget, seconds)) return seconds;
  }
  // From 120 s on the number no longer falls.
  const exact = leastErrorFreeRequests(budget, 120) / ratePerS;
  const rounded = Math.ceil(exact / 5) * 5;
  return rounded <= 86_400 ? rounded : null;
}

/** Rounds up to two significant digits. */
export function roundUpRate(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / step - 1e-9) * step;
}
