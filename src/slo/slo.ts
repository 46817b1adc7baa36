/**
 * An SLO after parsing: plain data that records and reports carry. The language is in parse.ts, the metrics' meaning in
 * metrics/.
 */

import type { TimedName } from "./timed-name.js";

/** A metric as data: its kind and its parameters, if it has any (`q` for a quantile). */
export interface SloMetric {
  readonly kind: string;
  readonly [parameter: string]: string | number;
}

export type SloOperator = "<" | "<=" | ">" | ">=";

/** ratio: 0..1 · ms: milliseconds · per_s: per second · s: seconds · number: whatever a signal counts */
export type SloUnit = "ratio" | "ms" | "per_s" | "s" | "number";

export type SloTarget =
  | { readonly kind: "absolute"; readonly value: number; readonly unit: SloUnit }
  | { readonly kind: "baseline_factor"; readonly factor: number }
  /** `baseline + offset` (offset may be negative), in the metric's own unit. */
  | { readonly kind: "baseline_offset"; readonly offset: number; readonly unit: SloUnit };

/** Phases that an SLO may be held to. */
export const JUDGED_PHASES = ["baseline", "fault", "recovery"] as const;
export type JudgedPhase = (typeof JUDGED_PHASES)[number];

export interface Slo {
  /** As the user wrote it, with white space folded. */
  readonly text: string;
  readonly metric: SloMetric;
  /** Only requests of this name. null: all. */
  readonly request: string | null;
  /** What `request` names. Missing: a request. */
  readonly timed?: TimedName["what"] | undefined;
  readonly operator: SloOperator;
  readonly target: SloTarget;
  /** The relative target that `target` was worked out from. */
  readonly relative?: SloTarget | undefined;
  /** The worst sliding window of this many seconds. null: the whole phase. */
  readonly windowS: number | null;
  /** Phases that it gates. Default: ["fault"]. The baseline is always checked first, whatever is listed here. */
  readonly phases: readonly JudgedPhase[];
  /** Only in the fault of this name. null: in every fault. */
  readonly fault: string | null;
  /** Not in these faults: they set their own target for the same metric and request. */
  readonly exceptFaults: readonly string[];
}

/** With the target that the user wrote. */
export function asWritten({ relative, ...slo }: Slo): Slo {
  return relative === undefined ? slo : { ...slo, target: relative };
}

/** Whether "value operator target" is true. */
export function compares(value: number, operator: SloOperator, target: number): boolean {
  switch (operator) {
    case "<":
      return value < target;
    case "<=":
      return value <= target;
    case ">":
      return value > target;
    case ">=":
      return value >= target;
  }
}
