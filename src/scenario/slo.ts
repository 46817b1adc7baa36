/**
 * The language of service-level objectives.
 *
 *   slo       = metric [ "(" request ")" ] operator target [ "for" duration ]
 *   metric    = "availability" | "error_rate" | "p" digits [ "." digits ] | "max" | "throughput"
 *             | "recovery" | "detection"
 *   operator  = "<" | "<=" | ">" | ">="
 *   target    = percentage | duration | rate | number "x baseline" | "baseline" ("+"|"-") percentage-or-duration
 *
 * p999 reads as p99.9 and p9999 as p99.99: after the second digit a decimal point is implied.
 */

export type SloMetric =
  | { readonly kind: "availability" }
  | { readonly kind: "error_rate" }
  /** `q` in (0, 1): p99 is 0.99. */
  | { readonly kind: "quantile"; readonly q: number }
  | { readonly kind: "max" }
  /** Good answers a second. */
  | { readonly kind: "throughput" }
  | { readonly kind: "recovery" }
  | { readonly kind: "detection" };

export type SloOperator = "<" | "<=" | ">" | ">=";

/** ratio: 0..1 · ms: milliseconds · per_s: a second · s: seconds */
export type SloUnit = "ratio" | "ms" | "per_s" | "s";

export type SloTarget =
  | { readonly kind: "absolute"; readonly value: number; readonly unit: SloUnit }
  | { readonly kind: "baseline_factor"; readonly factor: number }
  /** `baseline + offset` (offset may be negative), in the metric's own unit. */
  | { readonly kind: "baseline_offset"; readonly offset: number; readonly unit: SloUnit };

/** Phases that an SLO may be held to. */
export type JudgedPhase = "baseline" | "fault" | "recovery";

export interface Slo {
  /** As the user wrote it, white space folded. */
  readonly text: string;
  readonly metric: SloMetric;
  /** Only requests of this name; null: all. */
  readonly request: string | null;
  readonly operator: SloOperator;
  readonly target: SloTarget;
  /** Worst sliding window of this many seconds instead of the whole phase; null: whole phase. */
  readonly windowS: number | null;
  /** Phases that it gates; default ["fault"]. The baseline is always checked first, whatever stands here. */
  readonly phases: readonly JudgedPhase[];
  /** Only in the fault of this name; null: in every fault. */
  readonly fault: string | null;
  /** Not in these faults: they set their own target for the same metric and request. */
  readonly exceptFaults: readonly string[];
}
