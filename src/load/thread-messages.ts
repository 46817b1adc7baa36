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
  | { readonly kind: "ready" }
  /** It could not start; a user's mistake when `code` is set. */
  | { readonly kind: "failed"; readonly code: ErrorCode | null; readonly message: string }
  | ({ readonly kind: "progress" } & SegmentProgress)
  /** Every request that was due in the segment has its outcome; all of it was reported. */
  | {
      readonly kind: "drained";
      readonly segmentId: string;
      /** When it ended in this thread; later than all agreed on when the thread heard of it late. */
      readonly endUs: number;
    }
  | {
      readonly kind: "snapshot";
      readonly question: number;
      /** Seconds that are not complete. */
      readonly open: readonly SecondReport[];
    }
  | ({ readonly kind: "live" } & LiveReport);

export interface SegmentProgress {
  readonly segmentId: string;
  /** Seconds that are complete; each is reported once. */
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
   * For each request name (in their order) its counts in the order of OUTCOMES, and after them those of `unsent` that
   * are the generator's own doing; one name after the other.
   */
  readonly outcomes: readonly number[];
  readonly latency: SparseHistogram;
  /** `ok` answers over each of the segment's limits, the generator's lateness taken off. */
  readonly slow: readonly number[];
}
