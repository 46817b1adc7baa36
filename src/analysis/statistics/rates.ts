/** Confidence intervals for how often something happens in a second. The method is in docs/measurement.md. */

import type { TimedCounts } from "../../slo/observations.js";
import { type Confidence, criticalT, type Interval, longRunVariance, sum } from "./intervals.js";

export interface HarRate {
  readonly perS: number;
  readonly lower: number;
  readonly upper: number;
  /** How many times less the counts tell than those of independent events would. At least 1. */
  readonly designEffect: number;
  /** All spans together. */
  readonly totalS: number;
}

/** Score interval of a Poisson rate: (√(N + z²/4) ± z/2)² / T. */
export function scoreRate(count: number, totalS: number, z: number): Interval {
  if (!(totalS > 0)) return [0, Number.POSITIVE_INFINITY];
  const root = Math.sqrt(count + (z * z) / 4);
  return [count <= 0 ? 0 : (root - z / 2) ** 2 / totalS, (root + z / 2) ** 2 / totalS];
}

/**
 * The score interval on the counts of T/designEffect seconds. The design effect comes from the long-run variance, as
 * that of shares does, with Student's t for its few degrees of freedom.
 */
export function harRate({ counts, lengthS }: TimedCounts, confidence: Confidence): HarRate {
  const count = sum(counts);
  const totalS = sum(lengthS);
  const perS = totalS > 0 ? count / totalS : 0;
  const residuals = counts.map((each, at) => each - perS * (lengthS[at] ?? 0));
  const designEffect = count > 0 ? Math.max(1, longRunVariance(residuals) / count) : 1;
  const t = criticalT(Math.max(1, counts.length), confidence);
  const [lower, upper] = scoreRate(count / designEffect, totalS / designEffect, t);
  return { perS, lower, upper, designEffect, totalS };
}
