/** Whether answers took longer under a fault, or were fewer, or whether nothing of the kind was seen. */

import { goodPerS } from "../../slo/observations.js";
import { formatMs, formatRate } from "../../support/format.js";
import type { Latency } from "../document/report.js";
import type { LatencyClock, PhaseView } from "../measurement/phase-view.js";
import { factorText } from "../wording/wording.js";
import { moreDegraded } from "./degraded-answers.js";
import { allFailed, failedAround } from "./failure-findings.js";
import { type FaultFacts, type Told, told } from "./finding.js";

/** Said only where promises were judged by different clocks. */
const CLOCK_WORDS = {
  due: ", counted from when requests were due",
  dispatch: ", counted from when requests left",
} as const satisfies Record<LatencyClock, string>;

function shownQuantile(view: PhaseView | null, q: number, clock: LatencyClock | null): Latency {
  return view?.countedFrom(clock ?? "due").quantile(null, q) ?? null;
}

export function latencyTold({ baseline, fault, timeoutMs, clock }: FaultFacts): Told | null {
  const of = (view: PhaseView | null): Latency => shownQuantile(view, 0.99, clock);
  const [before, during] = [of(baseline), of(fault)];
  const counted = clock === null ? "" : CLOCK_WORDS[clock];
  if (typeof before !== "number" || during === null) return null;
  const data = { quantile: 0.99, beforeMs: before, duringMs: during, countedFrom: clock ?? "due" };
  if (during === "inf") {
    const median = shownQuantile(fault, 0.5, clock);
    const rest = typeof median === "number" ? ` (p50: ${formatMs(median)})` : "";
    return told(
      `p99 rose from ${formatMs(before)} beyond the timeout of ${formatMs(timeoutMs)}, as more than 1% of requests failed${rest}${counted}.`,
      data,
    );
  }
  if (!isNews(before, during)) return null;
  return told(
    `p99 rose from ${formatMs(before)} to ${formatMs(during)} (${factorText(during / before)})${counted}.`,
    data,
  );
}

/** Whether a difference of latencies (ms) is large enough. A smaller one may be the machine's. */
function isNews(before: number, during: number): boolean {
  return during >= 1.5 * before && during - before >= 1;
}

export function throughputTold(facts: FaultFacts): Told | null {
  const { baseline, fault, model, shift } = facts;
  // With another load the number of good answers changes anyway.
  if (!baseline || shift !== null || allFailed(facts)) return null;
  const [before, during] = [goodPerS(baseline, null), goodPerS(fault, null)];
  if (before <= 0 || during > 0.8 * before) return null;
  const why = model === "closed" ? ": in the closed model slow answers also mean fewer requests" : "";
  return told(`Good answers fell from ${formatRate(before)} to ${formatRate(during)}${why}.`, {
    beforePerS: before,
    duringPerS: during,
  });
}

/** Nothing was seen from outside: no failures, no fewer answers, no longer times. */
export function absorbed(facts: FaultFacts): Told | null {
  const { fault, baseline, recovery, untrusted } = facts;
  if (untrusted !== null || !baseline || failedShare(fault) > failedShare(baseline)) return null;
  const around = failedAround(facts);
  if (around.injection + around.removal > 0) return null;
  if (latencyTold(facts) !== null || throughputTold(facts) !== null || someRequestSlower(baseline, fault))
    return null;
  const [before, during] = [baseline, fault].map((view) => shownQuantile(view, 0.99, facts.clock));
  if (typeof before !== "number" || typeof during !== "number") return null;
  if (facts.comparison.some(({ degraded }) => degraded) || moreDegraded(facts) !== null) return null;
  // What came after the fault counts as seen, too.
  if (recovery && failedShare(recovery) > failedShare(baseline)) return null;
  return told(
    `Callers noticed nothing: no more failures than before, p99 ${formatMs(during)} after ${formatMs(before)} in the baseline${facts.clock === null ? "" : CLOCK_WORDS[facts.clock]}.`,
    { quantile: 0.99, beforeMs: before, duringMs: during, countedFrom: facts.clock ?? "due" },
  );
}

function failedShare(view: PhaseView): number {
  const { scheduled, ok } = view.counts(null);
  return scheduled === 0 ? 0 : (scheduled - ok) / scheduled;
}

/**
 * Whether half of the load, or of one request name, takes longer. p99 alone may have been as long before, for other
 * reasons.
 */
function someRequestSlower(baseline: PhaseView, fault: PhaseView): boolean {
  const names = fault.record.requests.map(({ request }) => request);
  return [null, ...names].some((request) => {
    const [before, during] = [baseline.quantile(request, 0.5), fault.quantile(request, 0.5)];
    if (typeof before !== "number" || during === null) return false;
    return during === "inf" || isNews(before, during);
  });
}
