/** Joins what is told of a run while it goes on to seconds: for screens and for telemetry, never for verdicts. */

import { type Latency, rankOfQuantile } from "../../slo/observations.js";
import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, type SparseHistogram, sparseQuantileUs } from "../histogram.js";
import { OUTCOMES, type OutcomeCounts, perOutcome } from "../outcome.js";
import type { LiveNumbers } from "../run-in-progress.js";

/** Samples come four times a second, each a little late or early. */
const WHOLE_SECOND_MS = 950;

/** About a second, with what ended in it. */
export interface EndedSecond {
  /** On the clock of `LiveNumbers.atMs`. */
  readonly startMs: number;
  readonly widthMs: number;
  readonly outcomes: OutcomeCounts;
  /** Of good answers, from when they were due. */
  readonly latency: SparseHistogram;
}

export class EndedSeconds {
  #open: EndedSecond | null = null;

  /** @returns the second that this sample completes; null when it is not complete yet. */
  add({ atMs, intervalMs, outcomes, latency }: LiveNumbers): EndedSecond | null {
    const before = this.#open;
    this.#open = {
      startMs: before?.startMs ?? atMs - intervalMs,
      widthMs: (before?.widthMs ?? 0) + intervalMs,
      outcomes: perOutcome((outcome) => (before?.outcomes[outcome] ?? 0) + outcomes[outcome]),
      latency: mergeSparse(before?.latency ?? EMPTY_SPARSE_HISTOGRAM, latency),
    };
    return this.#open.widthMs < WHOLE_SECOND_MS ? null : this.cut();
  }

  /** Ends the second that is not complete. @returns null when nothing was added to it. */
  cut(): EndedSecond | null {
    const second = this.#open;
    this.#open = null;
    return second;
  }
}

/** In ms. Failures count as longer than anything. */
export function quantileOfSecond({ outcomes, latency }: EndedSecond, q: number): Latency {
  const { ok } = outcomes;
  const rank = rankOfQuantile(q, ok, endedIn(outcomes) - ok);
  if (typeof rank !== "number") return rank;
  const us = sparseQuantileUs(latency, rank / ok);
  return us === null ? null : us / 1000;
}

function endedIn(outcomes: OutcomeCounts): number {
  return OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0);
}
