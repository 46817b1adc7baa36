import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, sparseQuantileUs } from "../../measure/histogram.js";
import { OUTCOMES, perOutcome } from "../../measure/outcome.js";
import type { LiveNumbers } from "../../measure/run-in-progress.js";
import { BEYOND_TIMEOUT } from "../../report/html/page-model.js";
import { SHOWN_QUANTILES, TAIL_SHARE } from "../../report/shown/seconds-of-run.js";
import { rankOfQuantile } from "../../slo/observations.js";
import type { LiveSecond } from "./live-model.js";

/** Samples come four times a second, each a little late or early. */
const WHOLE_SECOND_MS = 950;

/** Joins live samples to seconds. */
export class SecondSlices {
  #startMs: number | null = null;
  #widthMs = 0;
  #outcomes = perOutcome(() => 0);
  #latency = EMPTY_SPARSE_HISTOGRAM;

  /**
   * @param zeroMs when load began, on the clock of `LiveNumbers.atMs`.
   * @returns the second that this sample completes; null when it is not complete yet.
   */
  add({ atMs, intervalMs, outcomes, latency }: LiveNumbers, zeroMs: number): LiveSecond | null {
    this.#startMs ??= atMs - intervalMs;
    this.#widthMs += intervalMs;
    const before = this.#outcomes;
    this.#outcomes = perOutcome((outcome) => before[outcome] + outcomes[outcome]);
    this.#latency = mergeSparse(this.#latency, latency);
    if (this.#widthMs < WHOLE_SECOND_MS) return null;
    const second = this.#close((this.#startMs - zeroMs) / 1000, this.#widthMs / 1000);
    this.#startMs = null;
    this.#widthMs = 0;
    this.#outcomes = perOutcome(() => 0);
    this.#latency = EMPTY_SPARSE_HISTOGRAM;
    return second;
  }

  #close(atS: number, widthS: number): LiveSecond {
    const { ok } = this.#outcomes;
    const failed = OUTCOMES.reduce((sum, outcome) => sum + this.#outcomes[outcome], -ok);
    return {
      atS: rounded(Math.max(0, atS)),
      widthS: rounded(widthS),
      perS: perOutcome((outcome) => rounded(this.#outcomes[outcome] / widthS)),
      latencyMs: SHOWN_QUANTILES.map((quantile) => {
        const q = 1 - TAIL_SHARE[quantile];
        const rank = rankOfQuantile(q, ok, failed);
        if (rank === "inf") return BEYOND_TIMEOUT;
        const us = rank === null ? null : sparseQuantileUs(this.#latency, rank / ok);
        return us === null ? null : rounded(us / 1000);
      }),
    };
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
