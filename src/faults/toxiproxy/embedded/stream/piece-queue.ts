import type { Piece } from "./toxic.js";

/** First in, first out. Taking from the front does not move what is behind. */
export class PieceQueue {
  #pieces: Piece[] = [];
  #head = 0;

  get length(): number {
    return this.#pieces.length - this.#head;
  }

  push(piece: Piece): void {
    this.#pieces.push(piece);
  }

  shift(): Piece | undefined {
    const piece = this.#pieces[this.#head];
    if (!piece) return undefined;
    this.#head++;
    // Forgets what was taken once it is the larger part. So each piece is moved at most once on average.
    if (this.#head * 2 >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#head = 0;
    }
    return piece;
  }

  /** Puts a piece back in front. */
  unshift(piece: Piece): void {
    this.#pieces = [piece, ...this.#pieces.slice(this.#head)];
    this.#head = 0;
  }

  clear(): void {
    this.#pieces = [];
    this.#head = 0;
  }
}
