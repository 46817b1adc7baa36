import { holdBytes, releaseBody } from "../http/held-bodies.js";

const NOTHING = Buffer.alloc(0);
const LEAST_BYTES = 256;
/** A buffer of more is not kept for the next message. */
const MOST_KEPT_BYTES = 4 * 1024;

/** A message that comes in pieces of any size. It takes twice its bytes at most, whatever is announced. */
export class GrowingBytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a stretch of a chunk, end exclusive. @returns why all that is kept is too much. null: it is kept. */
  add(chunk: Buffer, start: number, end: number): string | null {
    const length = this.#length + end - start;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length, LEAST_BYTES));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#length, start, end);
    this.#length = length;
    return holdBytes(end - start);
  }

  /** What is there, until the next piece comes. */
  get view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Bytes of their own, and nothing is left. */
  take(): Buffer {
    const bytes = this.#length === 0 ? NOTHING : Buffer.from(this.#buffer.subarray(0, this.#length));
    this.drop();
    return bytes;
  }

  drop(): void {
    releaseBody(this.#length);
    this.#length = 0;
    if (this.#buffer.length > MOST_KEPT_BYTES) this.#buffer = Buffer.alloc(0);
  }
}
