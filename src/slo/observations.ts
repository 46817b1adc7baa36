/** What SLOs are judged on: (due, bad) per second, whoever counted them. */

import type { SignalTrouble } from "./signal-trouble.js";

/** One entry per second. `bad` never exceeds `due`. */
export interface BadSeries {
  readonly due: readonly number[];
  readonly bad: readonly number[];
}

/** Failures count as longer than anything: "inf" where too many failed. null where nothing was due. */
export type Latency = number | "inf" | null;

/** What may be counted at a proxy: requests of HTTP that crossed it, or connections that it accepted. */
export type Crossing = "requests" | "opened";

/** Counts of spans of about a second that follow each other. */
export interface TimedCounts {
  readonly counts: readonly number[];
  /** A counter that was read late has a longer span. */
  readonly lengthS: readonly number[];
}

/** Of each time two bounds are known: it was longer than the one, and at most the other. */
export type CompletionBound = "at_least" | "at_most";

/** How long acknowledged work took until it was seen as stored. What never was is longer than anything. */
export interface Completions {
  /** By the second in which the requests were due: those whose bound is above the limit. */
  series(limitMs: number, bound: CompletionBound): BadSeries;
  /** The least bound in ms that a share `q` kept to. null where nothing was acknowledged. */
  quantile(q: number, bound: CompletionBound): Latency;
  /** Those that were under way when the next fault went in, and of which nobody knows whether they would have kept to it. */
  undecided(limitMs: number): number;
}

/** One stretch of time. `request` is a request's name. null: all requests. */
export interface Observations {
  /** Seconds since the load began. */
  readonly startS: number;
  /** As measured, not as planned. */
  readonly durationS: number;
  /** The number of entries in each series. */
  readonly seconds: number;
  /** The same without a last second that was cut short. */
  readonly wholeSeconds: number;
  /** Over the whole stretch. */
  counts(request: string | null): { readonly scheduled: number; readonly ok: number };
  /** Requests that got no good answer. */
  failures(request: string | null): BadSeries;
  /** Requests that failed or took longer. null: nobody counted how many took longer than that. */
  slower(request: string | null, limitUs: number): BadSeries | null;
  /** The same, as near as can be told. Shown beside a verdict, never used for one. */
  slowerAbout(request: string | null, limitUs: number): BadSeries | null;
  /** The least latency in ms that a share `q` of all requests kept to. null also where latencies are not known. */
  quantile(request: string | null, q: number): Latency;
  /**
   * The requests that were sent and failed, with their failure as the answer. null: nobody counted how long they took.
   * Missing: this source does not know.
   */
  failed?(): Observations | null;
  /** Answers that were a fallback. null: nobody counted them. Missing: this source does not know them. */
  degraded?(request: string | null): BadSeries | null;
  /** What a system asked of what it depends on. null: nobody counted it. Missing: this source knows no proxies. */
  crossed?(proxy: string, crossing: Crossing): TimedCounts | null;
  /** By a check's name or a request's. null: nobody looked. Missing: this source knows no stores. */
  completions?(of: string): Completions | null;
  /** What a signal has told. null: it was not read. Missing: this source knows no signals. */
  signal?(name: string): SignalReading | null;
}

/** What others know of a stretch of time, in samples. */
export interface SignalReading {
  /** Seconds between two samples. */
  readonly everyS: number;
  /** When each sample was taken, in seconds since the stretch began. */
  readonly atS: readonly number[];
  /** null: the signal counts. */
  readonly values: readonly number[] | null;
  /** What was counted in the time before each sample. null: the signal has values. */
  readonly counts: BadSeries | null;
  /** How often a counter began anew. What it had counted since the sample before is lost. */
  readonly restarts: number;
  /** Why all of this says nothing of the stretch. Empty: nothing speaks against it. */
  readonly troubles: readonly SignalTrouble[];
}

export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The share of bad ones. null: nothing was due. */
export function badShareOf({ due, bad }: BadSeries): number | null {
  const all = sum(due);
  return all > 0 ? sum(bad) / all : null;
}

/** Good answers per second. */
export function goodPerS(of: Observations, request: string | null): number {
  return of.durationS > 0 ? of.counts(request).ok / of.durationS : 0;
}

/**
 * All requests in order of latency, failures as longer than anything: the place of the one that a share `q` does not
 * exceed.
 * @returns its rank among the good answers, from 1; "inf" when it is a failure; null when there is no request.
 */
export function rankOfQuantile(q: number, answers: number, failures: number): number | "inf" | null {
  const total = answers + failures;
  if (total === 0) return null;
  // 0.95 · 100 must be rank 95, not 96.
  const rank = Math.max(1, Math.ceil(q * total - 1e-9 * total));
  return rank > answers ? "inf" : rank;
}
