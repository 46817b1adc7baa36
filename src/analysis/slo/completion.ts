/** "completion(checkout) p95 < 5s": holds the time until acknowledged work was seen as stored against the promise. */

import type { CompletionMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { BadSeries, Completions } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import { formatCount, formatMs, formatRatio } from "../../support/format.js";
import type { ShareEvidence } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { leastErrorFreeRequests, sum } from "../statistics/intervals.js";
import { completionText } from "../wording/completion-sentences.js";
import { neededText } from "../wording/wording.js";
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
    const reason = `How long completion took is not known: no check holds the ids of "${of}" against what was stored.`;
    return { ...NOTHING, verdict: "invalid", reason };
  }
  const failAboveMs = slo.target.kind === "absolute" ? slo.target.value : 0;
  const passUpToMs = leastTargetMs(slo, of, q, baseline) ?? failAboveMs;
  const [surely, maybe] = [
    completions.series(failAboveMs, "at_least"),
    completions.series(passUpToMs, "at_most"),
  ];
  if (sum(maybe.due) === 0) {
    const reason = `No request of "${of}" was acknowledged in this phase, so nothing is known.`;
    return { ...NOTHING, verdict: "inconclusive", reason };
  }
  const budget = q === 1 ? 0 : 1 - q;
  const shown = {
    observed: completions.quantile(q, "at_most"),
    interval: null,
    counts: { bad: sum(maybe.bad), total: sum(maybe.due), budget },
  };
  const told = toldOf(completions, { slo, q, failAboveMs, passUpToMs, surely, maybe });
  const [worst, best] = [decide(slo, maybe, budget, context), decide(slo, surely, budget, context)];
  if (best === "fail") return { ...shown, verdict: "fail", reason: `${told}.` };
  if (worst === "pass") return { ...shown, verdict: "pass", reason: `${told}.` };
  const why =
    worst === "fail" || best === "pass"
      ? "the looks at the store were too far apart to tell (see `every`)"
      : whatItTakes(maybe, budget);
  return { ...shown, verdict: "inconclusive", reason: `${told}, but ${why}.` };
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

/** "12 to 40 of 3,000 took longer than 5 s or were never stored (5.0% may); p95 is from 3.2 s to 4.1 s" */
function toldOf(completions: Completions, { slo, q, failAboveMs, passUpToMs, surely, maybe }: Seen): string {
  const [least, most, due] = [sum(surely.bad), sum(maybe.bad), sum(maybe.due)];
  const how = least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`;
  const allowed = q === 1 ? "none" : formatRatio(1 - q);
  const late =
    passUpToMs === failAboveMs
      ? `longer than ${formatMs(failAboveMs)}`
      : `longer than promised (${formatMs(passUpToMs)} to ${formatMs(failAboveMs)}: the baseline is not known better)`;
  const range = completionText({
    atLeast: completions.quantile(q, "at_least"),
    atMost: completions.quantile(q, "at_most"),
  });
  const name = q === 1 ? "the longest" : (metricOf(slo.metric).name.split(" ").at(-1) ?? "");
  return `${how} of ${formatCount(due)} acknowledged took ${late} to be stored, or never were; ${allowed} may; ${name} is ${range}`;
}

function whatItTakes({ due }: BadSeries, budget: number): string {
  const seconds = due.length;
  if (seconds < LEAST_SECONDS_TO_PASS) {
    return `a phase must last at least ${LEAST_SECONDS_TO_PASS} s to pass and this one lasted ${seconds} s`;
  }
  const least = leastErrorFreeRequests(budget, seconds);
  return sum(due) < least
    ? `${neededText(least)} acknowledged requests are needed to show it in ${seconds} s`
    : "that can still be chance: use a longer phase";
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
