import type { SegmentRecorder } from "../../measure/segment-recorder.js";

/**
 * Bytes and connections. They are counted as they pass and credited to a segment now and then, so that no request waits
 * for that.
 */
export class LoadTraffic {
  #opened = 0;
  #sent = 0;
  #received = 0;
  #sentAgain = 0;

  opened(): void {
    this.#opened++;
  }

  sent(bytes: number): void {
    this.#sent += bytes;
  }

  sentAgain(): void {
    this.#sentAgain++;
  }

  received(bytes: number): void {
    this.#received += bytes;
  }

  /** Credits what has passed since the last call. */
  creditTo(segment: SegmentRecorder): void {
    segment.traffic(this.#opened, this.#sent, this.#received, this.#sentAgain);
    this.#opened = 0;
    this.#sent = 0;
    this.#received = 0;
    this.#sentAgain = 0;
  }
}
