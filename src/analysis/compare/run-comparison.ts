import type { Latency, SloResult, Verdict } from "../document/report.js";

/** fixed: it was broken, and holds now. */
export type ComparisonAnswer = "regressed" | "fixed" | "same" | "cannot_tell";

export interface ComparedSlo {
  /** null: the baseline. */
  readonly fault: string | null;
  readonly slo: string;
  readonly phase: SloResult["phase"];
  readonly unit: SloResult["unit"];
  /** null: that run did not have this SLO. */
  readonly old: ComparedValue | null;
  readonly new: ComparedValue | null;
  readonly answer: ComparisonAnswer;
  readonly reason: string;
}

export interface ComparedValue {
  readonly verdict: Verdict;
  readonly observed: Latency;
  readonly censored: boolean;
}

/** One run held against an earlier one. */
export interface RunComparison {
  /** none_shown: some SLOs are the same, and of others it cannot be told. */
  readonly answer: ComparisonAnswer | "none_shown";
  readonly exitCode: number;
  readonly reason: string;
  readonly slos: readonly ComparedSlo[];
  /** What makes the two runs different tests; not empty only when it was forced. */
  readonly mismatches: readonly string[];
  /** Lesser differences, worth knowing. */
  readonly notes: readonly string[];
}
