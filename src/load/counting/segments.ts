import { SegmentRecorder } from "../../measure/segment-recorder.js";
import { SpareCounts } from "../../measure/segments/second-recorder.js";
import type { Segment } from "../session.js";

/**
 * For this long the segment that was found last is taken without looking. Looking regularly keeps compiled code from
 * starting anew, and so the load from slowing down, just where a segment ends.
 */
const RECENT_US = 100_000;

/** The segments of one thread: which one a due time belongs to, and which ones still wait for outcomes. */
export class Segments {
  readonly #names: readonly string[];
  readonly #spare = new SpareCounts();
  readonly #recorders: SegmentRecorder[] = [];
  /**
   * The segment of the last due time, and from when to when other due times belong to it. Nearly all find their segment
   * here.
   */
  #recent: SegmentRecorder | null = null;
  #recentFromUs = Number.POSITIVE_INFINITY;
  #recentUntilUs = Number.NEGATIVE_INFINITY;

  constructor(requestNames: readonly string[]) {
    this.#names = requestNames;
  }

  /** Oldest first. */
  get all(): readonly SegmentRecorder[] {
    return this.#recorders;
  }

  /** The segment that has begun last. An announced segment has not begun before its instant. */
  current(nowUs: number): SegmentRecorder | undefined {
    const last = this.#recorders.at(-1);
    return last !== undefined && last.startUs > nowUs ? (this.#recorders.at(-2) ?? last) : last;
  }

  find(id: string): SegmentRecorder | undefined {
    return this.#recorders.find((recorder) => recorder.id === id);
  }

  /**
   * @param startUs the instant that all threads agreed on.
   * @param assignedUpToUs everything that is due before already has its segment. When the news came late, the earlier
   *   segment keeps it.
   */
  begin(segment: Segment, startUs: number, assignedUpToUs: number): void {
    this.end(Math.max(startUs, assignedUpToUs));
    this.#recorders.push(new SegmentRecorder(segment.id, startUs, this.#names, segment.limits, this.#spare));
    this.#forgetRecent();
  }

  end(endUs: number): void {
    const last = this.#recorders.at(-1);
    if (last !== undefined && last.endUs === Number.POSITIVE_INFINITY) last.endUs = endUs;
    this.#forgetRecent();
  }

  remove(recorder: SegmentRecorder): void {
    this.#recorders.splice(this.#recorders.indexOf(recorder), 1);
    this.#forgetRecent();
  }

  /** The segment of a request that is due then. @returns null before the first segment and after the last. */
  at(dueUs: number): SegmentRecorder | null {
    if (dueUs >= this.#recentFromUs && dueUs < this.#recentUntilUs) return this.#recent;
    return this.#find(dueUs);
  }

  #find(dueUs: number): SegmentRecorder | null {
    for (let i = this.#recorders.length - 1; i >= 0; i--) {
      const recorder = this.#recorders[i]!;
      // The segment before may have heard of its end too late, and so have ended after this one's instant.
      const fromUs = Math.max(recorder.startUs, this.#recorders[i - 1]?.endUs ?? 0);
      if (dueUs < fromUs || dueUs >= recorder.endUs) continue;
      this.#recent = recorder;
      this.#recentFromUs = fromUs;
      this.#recentUntilUs = Math.min(recorder.endUs, dueUs + RECENT_US);
      return recorder;
    }
    return null;
  }

  #forgetRecent(): void {
    this.#recentFromUs = Number.POSITIVE_INFINITY;
  }
}
