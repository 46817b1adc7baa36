import type { SparseHistogram } from "../measure/histogram.js";
import type { SecondReport, SegmentTotals } from "../measure/segment-accumulator.js";
import type { LoadPlan } from "../plan/load-plan.js";
import type { ErrorCode } from "../support/errors.js";
import type { Segment } from "./session.js";

/** What a load thread is started with. */
export interface ThreadStart {
  readonly plan: LoadPlan;
  /** 0 … threads − 1 */
  readonly thread: number;
  readonly threads: number;
}

/** Times in µs on the clock that all threads share. */
export type ToThread =
  | { readonly kind: "begin"; readonly segment: Segment; readonly atUs: number }
  | { readonly kind: "end"; readonly atUs: number }
  | { readonly kind: "snapshot"; readonly segmentId: string; readonly question: number };

export type FromThread =
  /** `takesLeave`: it has connections that want an end of their own. */
  | { readonly kind: "ready"; readonly takesLeave?: true }
  /** The thread could not start. With `code` it is a user's mistake. */
  | { readonly kind: "failed"; readonly code: ErrorCode | null; readonly message: string }
  | ({ readonly kind: "progress" } & SegmentProgress)
  /** Every request that was due in the segment has its outcome, and all of it was reported. */
  | {
      readonly kind: "drained";
      readonly segmentId: string;
      /** When the segment ended in this thread. Later than agreed when the thread heard of it late. */
      readonly endUs: number;
    }
  | {
      readonly kind: "snapshot";
      readonly question: number;
      /** Seconds that are not complete. */
      readonly open: readonly SecondReport[];
    }
  | ({ readonly kind: "live" } & LiveReport)
  /** The ids of requests are not written down any more. */
  | { readonly kind: "ids_lost"; readonly reason: string };

/** To a thread that takes leave, from who ends it. The answer says that it may be ended. */
export interface Leave {
  readonly kind: "leave";
}
export interface Left {
  readonly kind: "left";
}

export interface SegmentProgress {
  readonly segmentId: string;
  /** Seconds that are complete. Each is reported once. */
  readonly seconds: readonly SecondReport[];
  /** Since the last report. */
  readonly totals: SegmentTotals;
}

/** What ended in one thread since its last report. */
export interface LiveReport {
  readonly segmentId: string;
  readonly atMs: number;
  readonly intervalMs: number;
  /**
   * For each request name, in their order: its counts in the order of OUTCOMES, then the part of `unsent` that is the
   * generator's own doing.
   */
  readonly outcomes: readonly number[];
  readonly latency: SparseHistogram;
  /** `ok` answers over each of the segment's limits. The generator's lateness is taken off. */
  readonly slow: readonly number[];
}
