/** How long requests took to fail, as one load thread sees it, and as threads report it. */

import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, type SparseHistogram, TimeHistogram } from "../histogram.js";
import { OUTCOMES, type Outcome } from "../outcome.js";

/** Outcomes of requests that were sent and failed. A request that was never sent took no time to fail. */
export const FAILED_OUTCOMES = [
  "http_error",
  "timeout",
  "refused",
  "reset",
] as const satisfies readonly Outcome[];

export type FailedOutcome = (typeof FAILED_OUTCOMES)[number];

/** Position in OUTCOMES → position in FAILED_OUTCOMES. */
const KINDS: readonly Outcome[] = FAILED_OUTCOMES;
const AT = OUTCOMES.map((outcome) => KINDS.indexOf(outcome));

/** Failures of one request name in one second, as plain data. `slow…` are in the order of the name's latency limits. */
export interface FailureCounts {
  /** In the order of FAILED_OUTCOMES, from when requests were due. */
  readonly byOutcome: readonly SparseHistogram[];
  /** All of them, from when requests were sent. */
  readonly dispatch: SparseHistogram;
  readonly slowDue: readonly number[];
  readonly slowDispatch: readonly number[];
}

/** Used again for one second after the other. */
export class FailureTimes {
  readonly #byOutcome = FAILED_OUTCOMES.map(() => new TimeHistogram());
  readonly #dispatch = new TimeHistogram();
  #slowDue = new Uint32Array(0);
  #slowDispatch = new Uint32Array(0);
  #count = 0;

  begin(limits: number): void {
    // Most seconds have no failure.
    if (this.#count > 0) {
      for (const times of this.#byOutcome) times.clear();
      this.#dispatch.clear();
      this.#count = 0;
    }
    this.#slowDue = new Uint32Array(limits);
    this.#slowDispatch = new Uint32Array(limits);
  }

  /** @param limits in µs. A timeout takes exactly as long as it is set to, and is no good end for a limit as long. */
  record(outcome: number, latencyUs: number, lagUs: number, limits: Float64Array): void {
    const dispatchUs = latencyUs - lagUs;
    this.#count++;
    this.#byOutcome[AT[outcome]!]!.record(latencyUs);
    this.#dispatch.record(dispatchUs);
    for (let i = 0; i < limits.length; i++) {
      this.#slowDue[i]! += latencyUs >= limits[i]! ? 1 : 0;
      this.#slowDispatch[i]! += dispatchUs >= limits[i]! ? 1 : 0;
    }
  }

  /** @returns null when nothing failed. */
  toCounts(): FailureCounts | null {
    if (this.#count === 0) return null;
    return {
      byOutcome: this.#byOutcome.map((times) => times.toSparse()),
      dispatch: this.#dispatch.toSparse(),
      slowDue: [...this.#slowDue],
      slowDispatch: [...this.#slowDispatch],
    };
  }
}

/** Sum of two parts. Exact, in any order. null: no failures. */
export function mergeFailures(a: FailureCounts | null, b: FailureCounts | null): FailureCounts | null {
  if (a === null) return b;
  if (b === null) return a;
  return {
    byOutcome: a.byOutcome.map((times, i) => mergeSparse(times, b.byOutcome[i]!)),
    dispatch: mergeSparse(a.dispatch, b.dispatch),
    slowDue: a.slowDue.map((count, i) => count + b.slowDue[i]!),
    slowDispatch: a.slowDispatch.map((count, i) => count + b.slowDispatch[i]!),
  };
}

/** From when requests were due, whatever they failed by. */
export function allFailures({ byOutcome }: FailureCounts): SparseHistogram {
  return byOutcome.reduce(mergeSparse, EMPTY_SPARSE_HISTOGRAM);
}
