/** "completion(checkout) p95 < 5s": holds the time until acknowledged work was seen as stored against the promise. */

import type { CompletionMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { BadSeries, Completions, Latency } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import type { Reason, ShareEvidence } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { reason } from "../reasons/reasons.js";
import { leastErrorFreeRequests, sum } from "../statistics/intervals.js";
import type { Judgement, JudgingContext } from "./judging-context.js";
import { evidenceOf } from "./share-evidence.js";
import { judgeShare, LEAST_SECONDS_TO_PASS, observeShare, type ShareVerdict } from "./share-verdict.js";

const NOTHING = { observed: null, interval: null, counts: null } as const;

/**
 * Looks at a store tell two times for each id: it took longer than the one, and at most the other. A fail needs the first,
 * a pass the second.
 */
export function judgeCompletion(
  slo: Slo,
  { of, q }: CompletionMetric,
  view: PhaseObservations,
  baseline: PhaseObservations | null,
  context: JudgingContext,
): Judgement {
  const completions = view.completions?.(of) ?? null;
  if (completions === null) {
    return { ...NOTHING, verdict: "invalid", because: [reason("completion_unknown", { of })] };
  }
  const failAboveMs = slo.target.kind === "absolute" ? slo.target.value : 0;
  const passUpToMs = leastTargetMs(slo, of, q, baseline) ?? failAboveMs;
  const [surely, maybe] = [
    completions.series(failAboveMs, "at_least"),
    completions.series(passUpToMs, "at_most"),
  ];
  if (sum(maybe.due) === 0) {
    return { ...NOTHING, verdict: "inconclusive", because: [reason("nothing_acknowledged", { of })] };
  }
  const budget = q === 1 ? 0 : 1 - q;
  const shown = {
    observed: observedOf(completions, q),
    interval: null,
    counts: { bad: sum(maybe.bad), total: sum(maybe.due), budget },
  };
  const told = toldOf(completions, { slo, q, failAboveMs, passUpToMs, surely, maybe });
  const [worst, best] = [decide(slo, maybe, budget, context), decide(slo, surely, budget, context)];
  if (best === "fail") return { ...shown, verdict: "fail", because: [told] };
  if (worst === "pass") return { ...shown, verdict: "pass", because: [told] };
  const underWay = completions.undecided(passUpToMs);
  const isOpen = worst === "fail" || best === "pass" || sum(surely.due) === 0;
  const why = !isOpen
    ? whatItTakes(maybe, budget)
    : underWay > 0
      ? reason("still_under_way", { underWay })
      : reason("looks_too_far_apart", {});
  return { ...shown, verdict: "inconclusive", because: [told, why] };
}

/** "never" is for what no look had. Where the next fault went in before, nobody knows. */
function observedOf(completions: Completions, q: number): Latency {
  const atMost = completions.quantile(q, "at_most");
  return atMost === "inf" && completions.quantile(q, "at_least") !== "inf" ? null : atMost;
}

/** A relative target, worked out from what the baseline took at least. @returns null for a target of its own. */
function leastTargetMs(
  { relative }: Slo,
  of: string,
  q: number,
  baseline: PhaseObservations | null,
): number | null {
  if (relative === undefined || relative.kind === "absolute") return null;
  const before = baseline?.completions?.(of)?.quantile(q, "at_least") ?? null;
  if (typeof before !== "number") return null;
  return relative.kind === "baseline_factor"
    ? before * relative.factor
    : Math.max(0, before + relative.offset);
}

function decide(
  slo: Slo,
  series: BadSeries,
  budget: number,
  { evidence, verdicts }: JudgingContext,
): ShareVerdict["verdict"] {
  const { fact, leastRequests } = metricOf(slo.metric);
  if (fact !== null) return observeShare(series, budget, false);
  const { verdict } = judgeShare(series, budget, verdicts);
  if (sum(series.due) < leastRequests) return verdict === "fail" ? "fail" : "inconclusive";
  return evidence === "observed" ? observeShare(series, budget, false) : verdict;
}

interface Seen {
  readonly slo: Slo;
  readonly q: number;
  readonly failAboveMs: number;
  readonly passUpToMs: number;
  readonly surely: BadSeries;
  readonly maybe: BadSeries;
}

function toldOf(completions: Completions, { slo, q, failAboveMs, passUpToMs, surely, maybe }: Seen): Reason {
  return reason("completion", {
    ...{ atLeast: sum(surely.bad), atMost: sum(maybe.bad), of: sum(maybe.due) },
    quantile: q === 1 ? null : (metricOf(slo.metric).name.split(" ").at(-1) ?? ""),
    budget: q === 1 ? 0 : 1 - q,
    ...{ longerThanMs: failAboveMs, onTimeUpToMs: passUpToMs },
    value: { atLeast: completions.quantile(q, "at_least"), atMost: completions.quantile(q, "at_most") },
  });
}

function whatItTakes({ due }: BadSeries, budget: number): Reason {
  const seconds = due.length;
  if (seconds < LEAST_SECONDS_TO_PASS) {
    return reason("needs_seconds", { leastS: LEAST_SECONDS_TO_PASS, lastedS: seconds });
  }
  const least = leastErrorFreeRequests(budget, seconds);
  return sum(due) < least ? reason("needs_acknowledged", { least, seconds }) : reason("may_be_chance", {});
}

/** For comparison with another run: by what the looks say at most. */
export function completionEvidence(
  slo: Slo,
  { of }: CompletionMetric,
  view: PhaseObservations,
): ShareEvidence | null {
  const completions = view.completions?.(of) ?? null;
  if (completions === null || slo.target.kind !== "absolute") return null;
  return evidenceOf(completions.series(slo.target.value, "at_most"), null);
}
