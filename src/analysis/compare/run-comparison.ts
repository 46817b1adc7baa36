import type { Latency, RunVerdict, SloResult, Verdict } from "../document/report.js";

/** fixed: it was broken, and holds now. improved: it held or broke in both, and is surely better by more than chance. */
export type ComparisonAnswer = "regressed" | "fixed" | "improved" | "same" | "cannot_tell";

/**
 * Why it cannot be told. too_few: the intervals reach from the same to worse. few_seconds: worse, but in few seconds.
 * one_timing: one recovery each. no_numbers: one of the runs has none. one_run: only one has this SLO. not_judged: one
 * of the runs did not judge it.
 */
export type Undecided = "too_few" | "few_seconds" | "one_timing" | "no_numbers" | "one_run" | "not_judged";

/** What a reason is about and says, as data. Numbers are in the SLO's unit. */
export interface Because {
  readonly id: string;
  readonly [fact: string]: string | number | null;
}

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
  /** Of "cannot_tell" alone. */
  readonly undecided?: Undecided;
  /** Of two SLOs of which it cannot be told the same: the same reason. */
  readonly because: Because;
  readonly reason: string;
}

/** A run as a whole. */
export interface ComparedRun {
  readonly verdict: RunVerdict;
  /** null: it has none. */
  readonly score: number | null;
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
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  readonly slos: readonly ComparedSlo[];
  /** What makes the two runs different tests; not empty only when it was forced. */
  readonly mismatches: readonly string[];
  /** Lesser differences, worth knowing. */
  readonly notes: readonly string[];
}
