import type { Framing } from "../message/head-text.js";

/** Of a body whose length is not said, the share is taken of so much at the most. */
const GATHERED_BYTES = 1024 * 1024;

/** Lets a share of a body through. Where its length is not said it is held until it is known. */
export class Cut {
  isDone = false;
  readonly #share: number;
  /** null: the length is not said. */
  #left: number | null;
  #gathered: Buffer[] = [];
  #bytes = 0;

  constructor(framing: Framing, share: number) {
    this.#share = share;
    this.#left = framing.kind === "length" ? Math.floor(framing.bytes * share) : null;
  }

  /** @returns what goes on of these bytes. */
  take(bytes: Buffer, isOver: boolean): Buffer {
    if (this.#left !== null) {
      const through = bytes.subarray(0, this.#left);
      this.#left -= through.length;
      this.isDone = this.#left === 0;
      return through;
    }
    this.#gathered.push(bytes);
    this.#bytes += bytes.length;
    return isOver || this.#bytes >= GATHERED_BYTES ? this.rest() : Buffer.alloc(0);
  }

  /** To be called when the body is over. @returns the share of what was held. */
  rest(): Buffer {
    this.isDone = true;
    const all = Buffer.concat(this.#gathered);
    this.#gathered = [];
    return all.subarray(0, Math.floor(all.length * this.#share));
  }
}
