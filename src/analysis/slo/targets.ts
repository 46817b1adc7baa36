/** SLOs as counters: which latency limits have to be counted, and what "3x baseline" comes to. */

import type { LatencyLimit } from "../../measure/latency-limits.js";
import type { PhaseRecord } from "../../measure/record.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Latency } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import { latenessOf } from "../measurement/lateness.js";
import { PhaseView } from "../measurement/phase-view.js";
import { limitOf } from "./slo-budget.js";

/** The latency limits that judging these SLOs or abort conditions needs, without repeats; relative ones have none yet. */
export function latencyLimits(slos: readonly Slo[]): LatencyLimit[] {
  const limits = new Map<string, LatencyLimit>();
  for (const slo of slos) {
    const limitUs = limitOf(slo);
    if (limitUs !== null) limits.set(`${limitUs} ${slo.request ?? ""}`, { request: slo.request, limitUs });
  }
  return [...limits.values()];
}

/**
 * The same SLOs with relative targets worked out from the baseline ("p99 < 3x baseline" → "p99 < 14.4 ms", its text
 * unchanged). One whose baseline has no value stays relative and cannot be judged.
 */
export function resolveAgainstBaseline(slos: readonly Slo[], baseline: PhaseRecord | null): Slo[] {
  if (baseline === null) return [...slos];
  const view = new PhaseView(baseline);
  return slos.map((slo) => resolve(slo, view));
}

function resolve(slo: Slo, baseline: PhaseView): Slo {
  if (slo.target.kind === "absolute") return slo;
  const before = measuredValue(slo, baseline);
  if (typeof before !== "number") return slo;
  const unit = metricOf(slo.metric).unit;
  const exact =
    slo.target.kind === "baseline_factor" ? before * slo.target.factor : before + slo.target.offset;
  // 3 · 12.175 is 36.525000000000006 before rounding.
  const value = Number(exact.toPrecision(12));
  return { ...slo, target: { kind: "absolute", value: clampToUnit(value, unit), unit } };
}

/** null also where the record cannot be read: the SLO then stays without a target, and its verdict says so. */
function measuredValue(slo: Slo, baseline: PhaseView): Latency {
  try {
    const metric = metricOf(slo.metric);
    const before = metric.value(baseline, slo.request);
    // A baseline that a late generator made look slow would allow the fault so much more.
    const isSlowed =
      metric.unit === "ms" &&
      typeof before === "number" &&
      latenessOf(baseline.record, before * 1000) !== null;
    return isSlowed ? metric.value(baseline.fromDispatch, slo.request) : before;
  } catch {
    return null;
  }
}

function clampToUnit(value: number, unit: string): number {
  const above = Math.max(0, value);
  return unit === "ratio" ? Math.min(1, above) : above;
}
