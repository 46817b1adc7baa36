/** What an SLO says by itself, before anything is measured. Apart, so that `validate` need not load histograms. */

import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";

/** At most this share of requests may fail or take longer than `limitUs` (null: however long they take). */
export interface Budget {
  /** 0..1 */
  readonly budget: number;
  /** Microseconds. */
  readonly limitUs: number | null;
}

/** In whole microseconds; null: it is about no latency, or its target is relative still. */
export function limitOf(slo: Slo): number | null {
  return metricOf(slo.metric).limitUs(slo);
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
 * null for rates and timings, and while the target is relative.
 */
export function budgetOf(slo: Slo): Budget | null {
  const budget = metricOf(slo.metric).budget(slo, null);
  return budget === null ? null : { budget, limitUs: limitOf(slo) };
}
