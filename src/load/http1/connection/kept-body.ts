import { holdPiece, releaseBody } from "../../http/held-bodies.js";

/**
 * What is kept of the body of the answer that is being read: all of it, or its beginning as an example. Each connection
 * has one of these. It is used again for each answer.
 */
export class KeptBody {
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Bytes that are still wanted as an example. */
  #sampleRoom = 0;

  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  /** @param sampleRoom how many bytes are wanted as an example. */
  begin(sampleRoom: number): void {
    this.#sampleRoom = sampleRoom;
  }

  /** Keeps a piece. @returns why it was not kept; null when it was. */
  keep(piece: Buffer): string | null {
    this.#bytes += piece.length;
    const problem = holdPiece(piece.length, this.#bytes);
    // A copy: the chunk's memory is read into again.
    if (problem === null) this.#pieces.push(Buffer.from(piece));
    return problem;
  }

  /** Keeps what is wanted of a piece that nobody looks into. */
  keepSample(piece: Buffer): void {
    const kept = Math.min(piece.length, this.#sampleRoom);
    if (kept === 0) return;
    this.#sampleRoom -= kept;
    this.#pieces.push(Buffer.from(piece.subarray(0, kept)));
  }

  /** The answer is over. Whoever has its pieces keeps them. */
  forget(): void {
    this.#pieces = [];
    releaseBody(this.#bytes);
    this.#bytes = 0;
    this.#sampleRoom = 0;
  }
}
