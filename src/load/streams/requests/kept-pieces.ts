/** So many pieces lie side by side until they are joined. */
const MOST_LOOSE = 256;

/**
 * Copies of the pieces in which an answer comes. A Buffer takes about 100 bytes beside its own, and a server may send one
 * byte at a time: small pieces are joined before there are many of them.
 */
export class KeptPieces {
  readonly #joined: Buffer[] = [];
  #loose: Buffer[] = [];

  /** In the order in which they came. */
  get all(): readonly Buffer[] {
    return this.#joined.length === 0 ? this.#loose : [...this.#joined, ...this.#loose];
  }

  /** `piece` may change afterwards. */
  add(piece: Buffer): void {
    this.#loose.push(Buffer.from(piece));
    if (this.#loose.length < MOST_LOOSE) return;
    this.#joined.push(Buffer.concat(this.#loose));
    this.#loose = [];
  }
}
