import { SegmentRecorder } from "../../measure/segment-recorder.js";
import type { Segment } from "../session.js";

/** The segments of one thread: which one a due time belongs to, and which of them still wait for outcomes. */
export class Segments {
  readonly #names: readonly string[];
  readonly #recorders: SegmentRecorder[] = [];

  constructor(requestNames: readonly string[]) {
    this.#names = requestNames;
  }

  /** Oldest first. */
  get all(): readonly SegmentRecorder[] {
    return this.#recorders;
  }

  /** The one that has begun last; one that was announced has not begun before its instant. */
  current(nowUs: number): SegmentRecorder | undefined {
    const last = this.#recorders.at(-1);
    return last !== undefined && last.startUs > nowUs ? (this.#recorders.at(-2) ?? last) : last;
  }

  find(id: string): SegmentRecorder | undefined {
    return this.#recorders.find((recorder) => recorder.id === id);
  }

  /**
   * `startUs` is the instant all threads agreed on. `assignedUpToUs`: everything due before then already has its
   * segment; when the news came late, the earlier segment keeps it.
   */
  begin(segment: Segment, startUs: number, assignedUpToUs: number): void {
    this.end(Math.max(startUs, assignedUpToUs));
    this.#recorders.push(new SegmentRecorder(segment.id, startUs, this.#names, segment.limits));
  }

  end(endUs: number): void {
    const last = this.#recorders.at(-1);
    if (last !== undefined && last.endUs === Number.POSITIVE_INFINITY) last.endUs = endUs;
  }

  remove(recorder: SegmentRecorder): void {
    this.#recorders.splice(this.#recorders.indexOf(recorder), 1);
  }

  /** The segment in which a request due then belongs; null before the first and after the last. */
  at(dueUs: number): SegmentRecorder | null {
    for (let i = this.#recorders.length - 1; i >= 0; i--) {
      const recorder = this.#recorders[i]!;
      if (dueUs < recorder.endUs && (i === 0 || dueUs >= this.#recorders[i - 1]!.endUs)) {
        return dueUs >= recorder.startUs || i > 0 ? recorder : null;
      }
    }
    return null;
  }
}
