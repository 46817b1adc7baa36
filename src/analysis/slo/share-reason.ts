/** Why a share of bad requests has its verdict: how far off it is, and what it would take. */

import { dueBetween } from "../../plan/profile.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Observations } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import type { Reason } from "../document/report.js";
import { type FactsOf, reason } from "../reasons/reasons.js";
import { badEpisodes } from "../statistics/difference.js";
import { type BadSeries, leastErrorFreeRequests, sum } from "../statistics/intervals.js";
import type { JudgingContext } from "./judging-context.js";
import { remedyFor } from "./remedy.js";
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

export function whyOfShare(finding: ShareFinding): readonly Reason[] {
  const { slo, verdict, context, budget } = finding;
  const what = slo.windowS === null ? wholePhase(finding) : worstWindowOf(finding, slo.windowS);
  const tooShort = slo.windowS !== null && slo.windowS > finding.series.due.length;
  // `evidence: observed` claims nothing beyond the run. The report says so once.
  if (metricOf(slo.metric).fact !== null || tooShort || context.evidence === "observed") return [what];
  const interval = judgeShare(finding.series, budget, context.verdicts);
  switch (verdict) {
    case "fail":
      return interval.mayNotRepeat && slo.windowS === null ? [what, whyNotRepeat(finding)] : [what];
    case "pass":
      return [what, reason("long_run_at_most", { atMost: interval.process.upper, unit: "ratio" })];
    case "inconclusive":
      return [what, whatItTakes(finding)];
  }
}

/** Why a failure of this run does not show what the system does in the long run. */
function whyNotRepeat({ series, budget }: ShareFinding): Reason {
  const seconds = series.due.length;
  const bad = series.due.map((due, t) => (series.bad[t]! > budget * due ? 1 : 0));
  const count = sum(bad);
  const areClose = count > 0 && count <= seconds * FEW_SECONDS && badEpisodes(bad) === 1;
  const isShort = seconds < LEAST_SECONDS_TO_PASS;
  const why = areClose ? "close_together" : isShort ? "short_phase" : "seconds_differ";
  return reason("may_not_repeat", { why, seconds });
}

/** What makes a request bad, as facts. */
export function badRequestsOf(
  slo: Slo,
): Omit<FactsOf<"share">, "bad" | "of" | "budget" | "request" | "counts"> {
  const { bad } = metricOf(slo.metric);
  const limitUs = limitOf(slo);
  return {
    limitMs: limitUs === null ? null : limitUs / 1000,
    isBad: bad?.words(slo) ?? null,
    may: bad?.may ?? "may",
  };
}

const NOUN_OF_TIMED = { journey: "journey", until: "wait", stream: "event" } as const;

/** What an SLO counts, one of it. */
export function nounOf({ metric, timed }: Slo): string {
  if (timed !== undefined) return NOUN_OF_TIMED[timed];
  return metricOf(metric).among === "failed" ? "failed request" : "request";
}

function wholePhase({ slo, series, budget }: ShareFinding): Reason {
  return reason("share", {
    ...{ bad: sum(series.bad), of: sum(series.due), budget },
    ...{ request: slo.request, counts: nounOf(slo), ...badRequestsOf(slo) },
  });
}

function worstWindowOf({ slo, series, budget }: ShareFinding, windowS: number): Reason {
  const worst = worstWindow(series, windowS);
  if (worst === null) return reason("shorter_than_window", { windowS });
  return reason("worst_window", {
    ...{ windowS, fromS: worst.fromS, share: worst.share, of: sum(worst.series.due), budget },
    ...badRequestsOf(slo),
  });
}

/** Why this run leaves the question open, and which run would not. */
function whatItTakes({ slo, series, budget, context, phase }: ShareFinding): Reason {
  const seconds = series.due.length;
  const due = sum(series.due);
  if (seconds < LEAST_SECONDS_TO_PASS) {
    return reason("needs_seconds", { leastS: LEAST_SECONDS_TO_PASS, lastedS: seconds });
  }
  if (budget === 0) return reason("needs_the_impossible", {});
  const least = leastErrorFreeRequests(budget, seconds);
  if (due < least && metricOf(slo.metric).among === "failed") {
    return reason("needs_failures", { least, seconds });
  }
  if (due < least) {
    const { model, profile } = context;
    // The load's rate counts all names, and journeys where there are any.
    const { startS, durationS } = phase;
    const load = profile ? dueBetween(profile, startS * 1000, (startS + durationS) * 1000) : due;
    const share = load > 0 ? due / load : 1;
    const remedy = model === "open" ? remedyFor(budget, due / durationS, seconds, share) : null;
    return reason("needs_requests", { least, seconds, remedy });
  }
  const { process, window } = judgeShare(series, budget, context.verdicts);
  const mayBeChance = window[0] <= budget && process.share > budget;
  const why = mayBeChance ? "chance" : process.designEffect > 2 ? "in_runs" : "close_to_limit";
  return reason("needs_certainty", {
    atMost: process.upper,
    why,
    metric: metricOf(slo.metric).name,
  });
}
