/** What an SLO is, once read; the language itself is in slo.ts. */

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
export const JUDGED_PHASES = ["baseline", "fault", "recovery"] as const;
export type JudgedPhase = (typeof JUDGED_PHASES)[number];

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

/** The unit in which a metric's values and targets are given. */
export function unitOf(metric: SloMetric): SloUnit {
  switch (metric.kind) {
    case "availability":
    case "error_rate":
      return "ratio";
    case "quantile":
    case "max":
      return "ms";
    case "throughput":
      return "per_s";
    case "recovery":
    case "detection":
      return "s";
  }
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

/** "p99.9", "availability": the metric as it is written. */
export function metricName(metric: SloMetric): string {
  // 0.999 · 100 is 99.9 only after rounding.
  return metric.kind === "quantile" ? `p${Number((metric.q * 100).toPrecision(12))}` : metric.kind;
}

/** "99.9%", "500ms", "180/s", "5s": an amount as the language writes it. */
export function describeAmount(value: number, unit: SloUnit): string {
  // Twelve digits hide binary rounding (0.999 · 100) and keep everything that a user writes.
  const plain = (n: number) => String(Number(n.toPrecision(12)));
  switch (unit) {
    case "ratio":
      return `${plain(value * 100)}%`;
    case "ms":
      return value >= 1000 && value % 1000 === 0 ? `${plain(value / 1000)}s` : `${plain(value)}ms`;
    case "per_s":
      return `${plain(value)}/s`;
    case "s":
      return `${plain(value)}s`;
  }
}
