/** Intervals of quantiles; shown, never judged by. */

import type { Latency } from "../document/report.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { type Confidence, harWilson } from "../statistics/intervals.js";

/**
 * Woodruff: the interval of the share above the observed quantile, read back through the distribution at 1 − upper and
 * 1 − lower. Seconds' shares above a limit that was not counted are interpolated from their quantiles. null when the
 * quantile does not exist.
 */
export function quantileInterval(
  view: PhaseView,
  request: string | null,
  q: number,
  confidence: Confidence,
): readonly [Latency, Latency] | null {
  const distribution = view.distribution(request);
  const observed = distribution?.quantile(q);
  if (!distribution || observed === undefined || observed === null) return null;
  if (observed === "inf") {
    const failed = harWilson(view.failures(request), confidence);
    // Failures surely above 1 − q: the quantile lies beyond the timeout, whatever chance did.
    if (failed.lower > 1 - q) return ["inf", "inf"];
    return [distribution.quantile(q - (failed.upper - failed.share)), "inf"];
  }
  const { lower, upper } = harWilson(view.slowerAbout(request, Math.round(observed * 1000)), confidence);
  return [distribution.quantile(Math.min(q, 1 - upper)), distribution.quantile(Math.max(q, 1 - lower))];
}
