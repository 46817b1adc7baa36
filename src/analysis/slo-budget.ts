/** What an SLO says by itself, before anything is measured. Apart, so that `validate` need not load histograms. */

import { type Slo, unitOf } from "../scenario/slo.js";

/** Of a quantile or max with an absolute target: in whole microseconds; null otherwise. */
export function limitOf(slo: Slo): number | null {
  if (unitOf(slo.metric) !== "ms" || slo.target.kind !== "absolute") return null;
  return Math.round(slo.target.value * 1000);
}

/**
 * The tightest latency target, which says how late the generator may be. The timeout is one in every run: it makes
 * answers bad that come later.
 */
export function tightestLimitUs(slos: readonly Slo[], timeoutMs: number): number {
  return Math.min(timeoutMs * 1000, ...slos.flatMap((slo) => limitOf(slo) ?? []));
}

/**
 * An SLO as a budget for bad requests: "p99 < 500 ms" is "at most 1 % fail or take longer than 500 ms".
 * null for throughput, recovery and detection, and while the target is relative.
 */
export function budgetOf(slo: Slo): { readonly budget: number; readonly limitUs: number | null } | null {
  if (slo.target.kind !== "absolute") return null;
  // 1 − 0.999 is 0.0010000000000000009 before rounding.
  const rest = (share: number) => Number((1 - share).toPrecision(12));
  switch (slo.metric.kind) {
    case "availability":
      return { budget: rest(slo.target.value), limitUs: null };
    case "error_rate":
      return { budget: slo.target.value, limitUs: null };
    case "quantile":
      return { budget: rest(slo.metric.q), limitUs: limitOf(slo) };
    case "max":
      return { budget: 0, limitUs: limitOf(slo) };
    default:
      return null;
  }
}

/** From so many requests on a quantile is more than the slowest of them: 100 for p99. */
export function leastRequestsFor(q: number): number {
  return Math.ceil(1 / (1 - q) - 1e-6);
}
