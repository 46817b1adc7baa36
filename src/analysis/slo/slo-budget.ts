/**
 * What an SLO says by itself, before anything is measured. A file of its own, so that `validate` need not load
 * histograms.
 */

import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";

/** At most this share of requests may fail or take longer than `limitUs` (null: however long they take). */
export interface Budget {
  /** 0..1 */
  readonly budget: number;
  /** Microseconds. */
  readonly limitUs: number | null;
}

/**
 * The latency limit in whole microseconds. @returns null when the SLO is about no latency, or its target is still
 * relative.
 */
export function limitOf(slo: Slo): number | null {
  return metricOf(slo.metric).limitUs(slo);
}

/**
 * The tightest latency target: it says how late the generator may be. The timeout is a target in every run, because
 * answers that come later are bad.
 */
export function tightestLimitUs(slos: readonly Slo[], timeoutMs: number): number {
  return Math.min(timeoutMs * 1000, ...slos.flatMap((slo) => limitOf(slo) ?? []));
}

/**
 * An SLO as a budget for bad requests: "p99 < 500 ms" is "at most 1 % fail or take longer than 500 ms".
 * @returns null for rates and timings, and while the target is relative.
 */
export function budgetOf(slo: Slo): Budget | null {
  const budget = metricOf(slo.metric).budget(slo, null);
  return budget === null ? null : { budget, limitUs: limitOf(slo) };
}
