/** Intervals of quantiles. They are shown; no verdict is made from them. */

import type { Latency, Observations } from "../../slo/observations.js";
import { type Confidence, harWilson } from "../statistics/intervals.js";

/**
 * Woodruff: the interval of the share above the observed quantile, read back through the distribution at 1 − upper and
 * 1 − lower. For a limit that was not counted, the share of each second is interpolated from its quantiles.
 * @returns null when the quantile does not exist.
 */
export function quantileInterval(
  of: Observations,
  request: string | null,
  q: number,
  confidence: Confidence,
): readonly [Latency, Latency] | null {
  const observed = of.quantile(request, q);
  if (observed === null) return null;
  if (observed === "inf") {
    const failed = harWilson(of.failures(request), confidence);
    // Failures are surely above 1 − q: the quantile lies beyond the timeout, whatever chance did.
    if (failed.lower > 1 - q) return ["inf", "inf"];
    return [of.quantile(request, q - (failed.upper - failed.share)), "inf"];
  }
  const slower = of.slowerAbout(request, Math.round(observed * 1000));
  if (slower === null) return null;
  const { lower, upper } = harWilson(slower, confidence);
  return [of.quantile(request, Math.min(q, 1 - upper)), of.quantile(request, Math.max(q, 1 - lower))];
}
