import { type FailureCounts, mergeFailures } from "./failures/failure-times.js";
import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, type SparseHistogram } from "./histogram.js";

/**
 * What one load thread saw of one request name in one second of due time, as plain data. `outcomes` is in the order of
 * OUTCOMES; `slowDue` and `slowDispatch` are in the order of the name's latency limits.
 */
export interface SecondCounts {
  readonly scheduled: number;
  /**
   * Requests handed in this second to a connection, or to the queue for one. Requests that were due in another second
   * count as well.
   */
  readonly offered: number;
  readonly outcomes: readonly number[];
  readonly unsentByGenerator: number;
  readonly slowDue: readonly number[];
  readonly slowDispatch: readonly number[];
  readonly latency: SparseHistogram;
  readonly dispatchLatency: SparseHistogram;
  readonly lag: SparseHistogram;
  /** The part of the `ok` answers that is a fallback. */
  readonly degraded: number;
  /** Of those, from when they were due. */
  readonly degradedLatency: SparseHistogram;
  /** Redirects that were followed. Each is a request more to the system, and none of those that were due. */
  readonly redirects: number;
  /** How long those that were sent and failed took. null: none did. */
  readonly failures: FailureCounts | null;
}

export function emptySecondCounts(outcomeKinds: number, limits: number): SecondCounts {
  return {
    scheduled: 0,
    offered: 0,
    outcomes: new Array<number>(outcomeKinds).fill(0),
    unsentByGenerator: 0,
    slowDue: new Array<number>(limits).fill(0),
    slowDispatch: new Array<number>(limits).fill(0),
    latency: EMPTY_SPARSE_HISTOGRAM,
    dispatchLatency: EMPTY_SPARSE_HISTOGRAM,
    lag: EMPTY_SPARSE_HISTOGRAM,
    degraded: 0,
    degradedLatency: EMPTY_SPARSE_HISTOGRAM,
    redirects: 0,
    failures: null,
  };
}

/** Sum of two parts of the same second and name (two threads, later two machines). Exact, in any order. */
export function mergeSecondCounts(a: SecondCounts, b: SecondCounts): SecondCounts {
  return {
    scheduled: a.scheduled + b.scheduled,
    offered: a.offered + b.offered,
    outcomes: addedUp(a.outcomes, b.outcomes),
    unsentByGenerator: a.unsentByGenerator + b.unsentByGenerator,
    slowDue: addedUp(a.slowDue, b.slowDue),
    slowDispatch: addedUp(a.slowDispatch, b.slowDispatch),
    latency: mergeSparse(a.latency, b.latency),
    dispatchLatency: mergeSparse(a.dispatchLatency, b.dispatchLatency),
    lag: mergeSparse(a.lag, b.lag),
    degraded: a.degraded + b.degraded,
    degradedLatency: mergeSparse(a.degradedLatency, b.degradedLatency),
    redirects: a.redirects + b.redirects,
    failures: mergeFailures(a.failures, b.failures),
  };
}

function addedUp(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + b[i]!);
}
