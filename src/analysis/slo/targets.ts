/** Which latency limits have to be counted for SLOs, and what "3x baseline" comes to. */

import type { LatencyLimit } from "../../measure/latency-limits.js";
import type { PhaseRecord } from "../../measure/record.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Latency } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import { latenessOf } from "../measurement/lateness.js";
import { type PhaseObservations, PhaseView } from "../measurement/phase-view.js";
import { limitOf } from "./slo-budget.js";

/**
 * The latency limits that judging these SLOs or abort conditions needs, each once. Relative targets have no limit yet.
 */
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
 * unchanged). Where the baseline has no value, the SLO stays relative and cannot be judged.
 */
export function resolveAgainstBaseline(slos: readonly Slo[], baseline: PhaseRecord | null): Slo[] {
  return resolveAgainst(slos, baseline && new PhaseView(baseline));
}

/** As `resolveAgainstBaseline`, for any observations. */
export function resolveAgainst(slos: readonly Slo[], baseline: PhaseObservations | null): Slo[] {
  return baseline === null ? [...slos] : slos.map((slo) => resolve(slo, baseline));
}

function resolve(slo: Slo, baseline: PhaseObservations): Slo {
  if (slo.target.kind === "absolute") return slo;
  const before = measuredValue(slo, baseline);
  if (typeof before !== "number") return slo;
  const unit = metricOf(slo.metric).unit;
  const exact =
    slo.target.kind === "baseline_factor" ? before * slo.target.factor : before + slo.target.offset;
  // 3 · 12.175 is 36.525000000000006 before rounding.
  const value = Number(exact.toPrecision(12));
  const target = { kind: "absolute", value: clampToUnit(value, unit), unit } as const;
  return { ...slo, target, relative: slo.target };
}

function measuredValue(slo: Slo, baseline: PhaseObservations): Latency {
  const metric = metricOf(slo.metric);
  const before = metric.value(baseline, slo.request);
  const { ownLoad } = baseline;
  if (ownLoad === undefined || metric.unit !== "ms" || typeof before !== "number") return before;
  // A late generator makes a baseline look slow. The fault would be allowed so much more.
  const isSlowed = latenessOf(ownLoad.record, before * 1000) !== null;
  return isSlowed ? metric.value(ownLoad.fromDispatch, slo.request) : before;
}

function clampToUnit(value: number, unit: string): number {
  if (unit === "number") return value;
  const above = Math.max(0, value);
  return unit === "ratio" ? Math.min(1, above) : above;
}
