/** What an SLO says by itself, before anything is measured. Apart, so that `validate` need not load histograms. */

import type { Budget } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";

/** Of a quantile or max with an absolute target: in whole microseconds; null otherwise. */
export function limitOf(slo: Slo): number | null {
  return budgetOf(slo)?.limitUs ?? null;
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
export function budgetOf(slo: Slo): Budget | null {
  return metricOf(slo.metric).budget(slo);
}
