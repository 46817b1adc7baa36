import type { Latency, Observations } from "./observations.js";
import type { Slo, SloMetric, SloUnit } from "./slo.js";

/** Something that an SLO may promise. To add one: a file in metrics/ and a line in metrics/table.ts. */
export interface Metric {
  /** As records hold it. */
  readonly spec: SloMetric;
  /** As the language writes it: "p99.9", "availability". */
  readonly name: string;
  /** Unit of values and targets. */
  readonly unit: SloUnit;
  /**
   * at_least: a promise is a lower limit ("availability >= 99%") · at_most: an upper one ("p99 < 500ms") ·
   * either: both are promises ("detection < 5s", "detection > 10s").
   */
  readonly promise: "at_least" | "at_most" | "either";
  /** The phase whose begin this is a time from; null: it is measured over a phase. */
  readonly timing: "recovery" | "fault" | null;
  /** 0.99 of p99; null: it is no quantile. */
  readonly quantile: number | null;
  /** With fewer requests it does not exist: p99 of fewer than 100 is the slowest of them. */
  readonly leastRequests: number;
  /** Why "for 10s" may not follow; null: it may. */
  readonly noWindow: string | null;
  /** How an abort condition is held against the last seconds; or why it cannot be one. */
  readonly abort: AbortTest | NoAbort;
  /** "the longest request of the phase": it is what it was, and no claim on other runs; null: it may be one. */
  readonly fact: string | null;
  /** Counted second by second, its mean held against the target; null: it is no rate. */
  readonly rate: Rate | null;
  /** What it came to, in its own unit; null where nothing was due, and of a timing. */
  value(of: Observations, request: string | null): Latency;
  /** What it comes to where this share of the requests is bad; null: their share does not tell. */
  ofBadShare(badShare: number): number | null;
  /** A good answer that took longer is bad all the same; null: however long it took, or the target is relative still. */
  limitUs(slo: Slo): number | null;
  /**
   * The share (0..1) of requests that may be bad, below 0 where fewer are due than are promised; null: there is none, or
   * the target is relative still.
   * @param duePerS how many are due a second whatever the system does; null: that is not known.
   */
  budget(slo: Slo, duePerS: number | null): number | null;
}

export interface Rate {
  /** "good answers" */
  readonly of: string;
  perSecond(of: Observations, request: string | null): readonly number[];
}

export interface NoAbort {
  readonly refusal: string;
  readonly suggestion: string | null;
}

export interface AbortTest {
  /** @returns null while nothing is known. */
  look(condition: Slo, ended: EndedRequests): AbortLook | null;
}

/** Requests that ended in the last seconds. */
export interface EndedRequests {
  readonly ms: number;
  readonly ok: number;
  readonly failed: number;
  /** Of `ok`: took longer than the condition's limit. */
  readonly slow: number;
}

export interface AbortLook {
  readonly isMet: boolean;
  /** "12 % of 300 requests failed" */
  readonly seen: string;
}

/** How the language finds a metric: one entry of the table. */
export interface MetricFamily {
  readonly kind: string;
  /** For messages: "availability", "p<N>". */
  readonly form: string;
  /** Names that suggestions may offer. */
  readonly names: readonly string[];
  /** What other tools call it, in lower case with "_" for "-". */
  readonly otherNames?: RegExp;
  /** The name to offer for one of `otherNames`; the first of `names` when not said. */
  suggest?(word: string): string;
  /** Reads a word of the language; null: it is not of this family. */
  read(word: string): MetricRead | null;
  /** What is wrong with the parameters. @returns null when they are those of the family. */
  problem?(spec: SloMetric): MetricProblem | null;
  /** `spec` has no problem. */
  of(spec: SloMetric): Metric;
}

export interface MetricProblem {
  readonly key: string;
  /** "expected a number below 1" */
  readonly expected: string;
}

export type MetricRead =
  | { readonly ok: true; readonly metric: SloMetric }
  | { readonly ok: false; readonly message: string; readonly suggestion: string | null };
