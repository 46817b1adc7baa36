import type { SegmentRecorder } from "../../measure/segment-recorder.js";
import type { Segment } from "../session.js";
import type { LiveCounters } from "./live-counters.js";
import type { FromThread } from "./messages.js";
import type { Segments } from "./segments.js";

/** Tells the session what the thread has counted: completed seconds, live numbers, settled segments. */
export class Reporter {
  readonly #segments: Segments;
  readonly #live: LiveCounters;
  readonly #send: (message: FromThread) => void;
  /** The segment of the last live report: reports go on under its name when no segment is open any more. */
  #liveSegment: Segment | null = null;

  constructor(segments: Segments, live: LiveCounters, send: (message: FromThread) => void) {
    this.#segments = segments;
    this.#live = live;
    this.#send = send;
  }

  /** `pumpedUs`: everything that was due before has its segment. */
  progress(pumpedUs: number): void {
    for (const segment of this.#segments.all) this.#segment(segment, pumpedUs);
  }

  snapshot(segmentId: string, question: number, pumpedUs: number): void {
    const recorder = this.#segments.find(segmentId);
    if (recorder !== undefined) this.#segment(recorder, pumpedUs);
    this.#send({ kind: "snapshot", question, open: recorder?.peekOpen() ?? [] });
  }

  live(nowUs: number, inFlight: number): void {
    this.#liveSegment = this.#segments.current(nowUs) ?? this.#liveSegment;
    const segment = this.#liveSegment;
    // Before the first segment's instant there is nothing to tell.
    if (segment === null || nowUs <= this.#live.sinceUs) return;
    this.#send({ kind: "live", ...this.#live.take(segment.id, nowUs, inFlight, segment.limits) });
  }

  /** Reports a segment for the last time once it is over and all its requests have their outcome. */
  ifDrained(segment: SegmentRecorder, pumpedUs: number): void {
    if (segment.unsettled > 0 || segment.endUs > pumpedUs) return;
    this.#segment(segment, pumpedUs);
    this.#segments.remove(segment);
    this.#send({ kind: "drained", segmentId: segment.id, endUs: segment.endUs });
  }

  #segment(segment: SegmentRecorder, pumpedUs: number): void {
    this.#send({
      kind: "progress",
      segmentId: segment.id,
      seconds: segment.takeCompleted(pumpedUs),
      totals: segment.takeTotals(),
    });
  }
}
