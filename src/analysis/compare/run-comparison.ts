import type { Latency, RunVerdict, SloResult, Verdict } from "../document/report.js";

/**
 * fixed: the SLO or check was broken and holds now. improved: the SLO held or broke in both runs, and is better by more
 * than chance.
 */
export type ComparisonAnswer = "regressed" | "fixed" | "improved" | "same" | "cannot_tell";

/**
 * Why the comparison cannot be told.
 * - too_few: the intervals reach from the same to worse.
 * - few_seconds: worse, but in few seconds.
 * - one_timing: each run has one recovery only.
 * - no_numbers: one of the runs has no numbers.
 * - one_run: only one run has this SLO or check.
 * - not_judged: one of the runs did not judge it.
 * - broken_in_both: a check that did not hold in either run. How much worse it is cannot be told.
 */
export type Undecided =
  | "too_few"
  | "few_seconds"
  | "one_timing"
  | "no_numbers"
  | "one_run"
  | "not_judged"
  | "broken_in_both";

/** A reason as data: what it is about, and what it says. Numbers are in the SLO's unit. */
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
  /** null: that run does not have this SLO. */
  readonly old: ComparedValue | null;
  readonly new: ComparedValue | null;
  readonly answer: ComparisonAnswer;
  /** Only there with "cannot_tell". */
  readonly undecided?: Undecided;
  /** Equal for SLOs that cannot be told for the same reason. */
  readonly because: Because;
  readonly reason: string;
}

/** A check of the scenario in two runs. */
export interface ComparedCheck {
  readonly check: string;
  /** null: that run does not have this check. */
  readonly old: Verdict | null;
  readonly new: Verdict | null;
  readonly answer: ComparisonAnswer;
  /** Only there with "cannot_tell". */
  readonly undecided?: Undecided;
  readonly because: Because;
  readonly reason: string;
}

/** A run as a whole. */
export interface ComparedRun {
  readonly verdict: RunVerdict;
  /** null: the run has no score. */
  readonly score: number | null;
}

export interface ComparedValue {
  readonly verdict: Verdict;
  readonly observed: Latency;
  readonly censored: boolean;
}

/** One run compared with an earlier one. */
export interface RunComparison {
  /** none_shown: some SLOs and checks are the same, and the rest cannot be told. */
  readonly answer: ComparisonAnswer | "none_shown";
  readonly exitCode: number;
  readonly reason: string;
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  readonly slos: readonly ComparedSlo[];
  /** Empty when neither run has checks. */
  readonly checks: readonly ComparedCheck[];
  /** What makes the two runs different tests. Only a forced comparison has any. */
  readonly mismatches: readonly string[];
  /** Smaller differences that are worth knowing. */
  readonly notes: readonly string[];
}
