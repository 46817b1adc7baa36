import type { SegmentRecorder } from "../../measure/segment-recorder.js";
import type { Segment } from "../session.js";
import { nowUs } from "../thread-clock.js";
import type { FromThread } from "../thread-messages.js";
import type { LiveCounters } from "./live-counters.js";
import { LoadTraffic } from "./load-traffic.js";
import type { Segments } from "./segments.js";

const REPORT_EVERY_MS = 250;
/** Traffic is credited this often, for the same reason as in `Segments`. */
const TRAFFIC_EVERY_US = 100_000;
/** The settling of an ended segment may be noticed this late. */
const SETTLED_EVERY_MS = 2;

/**
 * Tells the session what the thread has counted: completed seconds, live numbers, settled segments. It has timers of
 * its own. Checks in the load's turns would be slow just when a segment ends.
 */
export class SegmentReporter {
  readonly traffic = new LoadTraffic();
  readonly #segments: Segments;
  readonly #live: LiveCounters;
  readonly #pumpedUs: () => number;
  readonly #send: (message: FromThread) => void;
  /** The segment of the last live report. Reports go on under its name when no segment is open any more. */
  #liveSegment: Segment | null = null;
  /** Where traffic is counted until it is time to credit it. */
  #trafficSegment: SegmentRecorder | undefined;
  #creditAtUs = Number.POSITIVE_INFINITY;
  #nextStartUs = Number.POSITIVE_INFINITY;
  #reporting: NodeJS.Timeout | null = null;
  /** Runs while an ended segment still has requests without an outcome. */
  #settling: NodeJS.Timeout | null = null;

  /** `pumpedUs`: everything that was due before has its segment. */
  constructor(
    segments: Segments,
    live: LiveCounters,
    pumpedUs: () => number,
    send: (message: FromThread) => void,
  ) {
    this.#segments = segments;
    this.#live = live;
    this.#pumpedUs = pumpedUs;
    this.#send = send;
  }

  /** A segment begins at that instant, and the one before it ends. */
  begun(atUs: number): void {
    this.#nextStartUs = atUs;
    this.#creditAtUs = Math.min(this.#creditAtUs, atUs);
    this.#reporting ??= setInterval(() => {
      this.#progress();
      this.live();
    }, REPORT_EVERY_MS);
    this.ended();
  }

  /** The end of a segment is known. */
  ended(): void {
    this.#settling ??= setInterval(() => this.#reportSettled(), SETTLED_EVERY_MS);
  }

  /** To be called in each turn of the event loop. */
  turn(now: number): void {
    if (now < this.#creditAtUs) return;
    this.#creditTraffic();
    this.#trafficSegment = this.#segments.current(now);
    this.#creditAtUs = now + TRAFFIC_EVERY_US;
    if (now < this.#nextStartUs && this.#nextStartUs < this.#creditAtUs) this.#creditAtUs = this.#nextStartUs;
  }

  snapshot(segmentId: string, question: number): void {
    this.#creditTraffic();
    const recorder = this.#segments.find(segmentId);
    if (recorder !== undefined) this.#segment(recorder);
    this.#send({ kind: "snapshot", question, open: recorder?.peekOpen() ?? [] });
  }

  live(): void {
    const now = nowUs();
    this.#liveSegment = this.#segments.current(now) ?? this.#liveSegment;
    const segment = this.#liveSegment;
    // Before the first segment's instant there is nothing to tell.
    if (segment === null || now <= this.#live.sinceUs) return;
    this.#send({ kind: "live", ...this.#live.take(segment.id, now, segment.limits) });
  }

  #progress(): void {
    this.#creditTraffic();
    for (const segment of this.#segments.all) this.#segment(segment);
  }

  /** Reports a segment for the last time, once it is over and all its requests have their outcome. */
  #reportSettled(): void {
    const ended = this.#segments.all.filter(({ endUs }) => endUs < Number.POSITIVE_INFINITY);
    for (const segment of ended) {
      if (segment.unsettled > 0 || segment.endUs > this.#pumpedUs()) continue;
      // The load is over, and the thread may be ended at once: what ended last would be told to nobody.
      if (this.#segments.all.length === 1) this.live();
      this.#creditTraffic();
      this.#segment(segment);
      this.#segments.remove(segment);
      this.#send({ kind: "drained", segmentId: segment.id, endUs: segment.endUs });
    }
    if (ended.length > 0 || this.#settling === null) return;
    clearInterval(this.#settling);
    this.#settling = null;
  }

  #creditTraffic(): void {
    if (this.#trafficSegment) this.traffic.creditTo(this.#trafficSegment);
  }

  #segment(segment: SegmentRecorder): void {
    this.#send({
      kind: "progress",
      segmentId: segment.id,
      seconds: segment.takeCompleted(this.#pumpedUs()),
      totals: segment.takeTotals(),
    });
  }
}
