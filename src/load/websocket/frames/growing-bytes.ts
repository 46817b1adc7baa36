import { holdBytes, releaseBody } from "../../http/held-bodies.js";

const LEAST_BYTES = 256;
/** A buffer of more is not kept for the next message. */
const MOST_KEPT_BYTES = 64 * 1024;

/** A message that comes in pieces of any size. It takes twice its bytes at most, whatever is announced. */
export class GrowingBytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `piece` is valid during the call only. @returns why all that is kept is too much. null: it is kept. */
  add(piece: Buffer): string | null {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length, LEAST_BYTES));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    piece.copy(this.#buffer, this.#length);
    this.#length = length;
    return holdBytes(piece.length);
  }

  /** Bytes of their own, and nothing is left. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.drop();
    return bytes;
  }

  drop(): void {
    releaseBody(this.#length);
    this.#length = 0;
    if (this.#buffer.length > MOST_KEPT_BYTES) this.#buffer = Buffer.alloc(0);
  }
}
