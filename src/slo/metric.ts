import type { KnownNames, NameReader } from "./name-reader.js";
import type { BadSeries, Crossing, Latency, Observations, SignalReading } from "./observations.js";
import type { Slo, SloMetric, SloUnit } from "./slo.js";

/** Something that an SLO may promise. To add one: a file in metrics/ and a line in metrics/table.ts. */
export interface Metric {
  /** The metric in records. */
  readonly spec: SloMetric;
  /** The metric in the language: "p99.9", "availability". */
  readonly name: string;
  /** Unit of values and targets. */
  readonly unit: SloUnit;
  /**
   * Which comparisons are promises.
   * - at_least: a lower limit ("availability >= 99%").
   * - at_most: an upper one ("p99 < 500ms").
   * - either: both are promises ("detection < 5s", "detection > 10s").
   */
  readonly promise: "at_least" | "at_most" | "either";
  /** The time counts from the begin of this phase. null: the metric is no time, but measured over a phase. */
  readonly timing: "recovery" | "fault" | null;
  /** 0.99 for p99. null: it is no quantile. */
  readonly quantile: number | null;
  /** The metric needs this many requests. p99 of fewer than 100 is just the slowest of them. */
  readonly leastRequests: number;
  /** Why "for 10s" may not follow. null: it may. */
  readonly noWindow: string | null;
  /** How an abort condition compares with the last seconds, or why there can be none. */
  readonly abort: AbortTest | NoAbort;
  /**
   * "the longest request of the phase": a fact about this run, which claims nothing about other runs. null: the metric
   * may claim something.
   */
  readonly fact: string | null;
  /** Counted second by second, and its mean compared with the target. null: it is no rate. */
  readonly rate: RateMetric | null;
  /** It counts answers of its own kind as bad. null: those that failed or took longer than `limitUs`. */
  readonly bad: BadAnswers | null;
  /** Of which requests it is. "failed": those that were sent and failed, and nothing is said of the others. */
  readonly among: "due" | "failed";
  /** It is that of one journey, which has to be named. false: of requests, or of whatever is named. */
  readonly ofJourneys: boolean;
  /** Why its target cannot be one of the baseline. null: it can. */
  readonly noBaseline: string | null;
  /** It is about what crosses a proxy, whatever becomes of the load's own requests. null: it is about these. */
  readonly crossing: CrossingMetric | null;
  /** It is about what others know of the system. null: it is about the load's own requests, or a proxy. */
  readonly signal: SignalMetric | null;
  /** It is about when acknowledged work was seen as stored. null: it is about the answers themselves. */
  readonly completion: CompletionMetric | null;
  /** It is about an alert of the team's own monitoring. null: it is about something that is measured. */
  readonly alert: AlertMetric | null;
  /** The metric's value in its own unit. null when nothing was due, and for a time. */
  value(of: Observations, request: string | null): Latency;
  /** The metric's value where this share of the requests is bad. null: the share does not tell. */
  ofBadShare(badShare: number): number | null;
  /** An answer (a failure, among failed requests) that took longer counts as bad. null: no time is too long, or the target is still relative. */
  limitUs(slo: Slo): number | null;
  /**
   * The share (0..1) of requests that may be bad. Below 0 where fewer requests are due than are promised.
   * @param duePerS how many are due per second whatever the system does. null: that is not known.
   * @returns null when the metric has no such share, or the target is still relative.
   */
  budget(slo: Slo, duePerS: number | null): number | null;
}

export interface RateMetric {
  /** "good answers" */
  readonly of: string;
  perSecond(of: Observations, request: string | null): readonly number[];
}

export interface BadAnswers {
  /** "12 of 400 requests …": "were degraded". */
  words(slo: Slo): string;
  /** What goes with it: "5% may be". */
  readonly may: string;
  /** @returns null when they were not counted. */
  of(observed: Observations, slo: Slo): BadSeries | null;
}

export interface CrossingMetric {
  readonly proxy: string;
  readonly counts: Crossing;
}

export interface SignalMetric {
  /** The signal's name. */
  readonly name: string;
  /** - share: bad ones of all. - mean: of all samples. - sample: one of them, which is a fact about this run. */
  readonly judges: "share" | "mean" | "sample";
  /** "the highest of the samples" */
  readonly words: string;
  /** The metric's value, as far as the samples tell. null: there are none. */
  valueOf(reading: SignalReading): number | null;
}

export interface CompletionMetric {
  /** Name of a check on ids, or of the requests that one such check is about. */
  readonly of: string;
  /** A share of the acknowledged requests. 1: all of them. */
  readonly q: number;
}

export interface AlertMetric {
  /** The alert's name. */
  readonly name: string;
  /** fires: from the injection on. resolves: from the fault's removal on. */
  readonly measure: "fires" | "resolves";
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
  /** The part of `ok` that took longer than the condition's limit. */
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
  /**
   * Reads what stands behind the word, where the name in parentheses is a part of the metric and has to be there. Default:
   * it is that of a request, and may be left away.
   */
  readonly readName?: (spec: SloMetric, text: NameReader, known: KnownNames) => SloMetric;
  /** Names that suggestions may offer. */
  readonly names: readonly string[];
  /** What other tools call it, in lower case with "_" for "-". */
  readonly otherNames?: RegExp;
  /** The name to offer for one of `otherNames`. Default: the first of `names`. */
  suggest?(word: string): string;
  /** Reads a word of the language. @returns null when it is not of this family. */
  read(word: string): MetricRead | null;
  /** What is wrong with the parameters. @returns null when they fit the family. */
  problem?(spec: SloMetric): MetricProblem | null;
  /** Makes the metric. `spec` has no problem. */
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
