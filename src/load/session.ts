import type { LatencyLimit } from "../measure/latency-limits.js";
import type { OutcomeCounts } from "../measure/outcome.js";
import type { LiveNumbers, LiveTrace } from "../measure/run-in-progress.js";
import type { SegmentMeasurement } from "../measure/segment-accumulator.js";
import type { LoadPlan } from "../plan/load-plan.js";

/**
 * A stretch of due time. Each scheduled request belongs to the segment in which it was due. Segments follow one another
 * without a gap. The runner puts unjudged ones ("settle") around each change of a fault.
 */
export interface Segment {
  readonly id: string;
  readonly limits: readonly LatencyLimit[];
}

export interface LiveCounts extends OutcomeCounts {
  /** The part of `unsent` that is the generator's own doing. */
  readonly unsentByGenerator: number;
}

/**
 * Numbers since the last sample, counted by when a request ended (not when it was due). For the screen and for abort
 * conditions.
 */
export interface LiveSample extends LiveNumbers {
  readonly segmentId: string;
  readonly outcomes: LiveCounts;
  /** The same for each request name. */
  readonly requests: ReadonlyMap<string, LiveCounts>;
  /** `ok` answers over each of the segment's limits, in their order. The generator's lateness is taken off. */
  readonly slow: readonly number[];
}

export interface LoadSession {
  /** A change of segment has to be asked for this long ahead, or it comes later than asked for. */
  readonly announceMs: number;
  /**
   * Ends the current segment and begins the next at the same instant: at `atMs`, or as soon as possible after it. The
   * first call starts the load.
   */
  begin(
    segment: Segment,
    atMs?: number,
  ): Promise<{
    /** On the clock of `monotonicMs()`. */
    readonly startedAtMs: number;
  }>;
  /**
   * Resolves with what was measured, when every request that was due in an ended segment has its outcome (bounded by
   * the plan's timeout and a grace). Then the segment's numbers are dropped from memory.
   */
  drain(segmentId: string): Promise<SegmentMeasurement>;
  /** What is known of a segment so far. Nothing is ended or dropped. */
  snapshot(segmentId: string): Promise<SegmentMeasurement>;
  /**
   * Ends the current segment without a next one, at `atMs` or as soon as possible after it. Nothing becomes due any
   * more. What is in flight goes on to its outcome (await it with `drain`).
   */
  end(atMs?: number): Promise<void>;
  /** Stops sending, closes all sockets, ends the threads. Idempotent. */
  stop(): Promise<void>;
}

export interface LoadSessionOptions {
  readonly plan: LoadPlan;
  readonly onLive?: (sample: LiveSample) => void;
  /** A thread died: its segments carry `lost`. */
  readonly onLost?: (reason: string) => void;
  /** Ids of requests could not be written down: the plan's `ids` are not all there. */
  readonly onIdsLost?: (reason: string) => void;
  /** Sampled requests have failed, or were slow. */
  readonly onTraces?: (traces: readonly LiveTrace[]) => void;
}

export type StartLoad = (options: LoadSessionOptions) => Promise<LoadSession>;
