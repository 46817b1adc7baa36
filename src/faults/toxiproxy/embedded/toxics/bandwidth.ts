import type { Piece, Settings, Toxic, ToxicLine, ToxicType } from "../stream/toxic.js";

type Attribute = "rate";

/**
 * 1 KB is 1,000 bytes, so KB/s is also bytes/ms. A piece worth more than a tenth of a second is cut into such parts.
 * After the process was late, no more than that is made up: a longer standstill must not end in a flood.
 */
const PART_MS = 100;

/** Lets `rate` KB/s through, on each connection. A rate of 0 or below is no limit: everything passes at once. */
class Bandwidth implements Toxic {
  /**
   * When everything that came so far has had its time, in ms of `performance.now()`. The next piece's time begins here,
   * and not when a late timer or a late read gets to it: the lateness of each piece would add up to a lower rate.
   */
  #dueMs = 0;

  constructor(private readonly settings: Settings<Attribute>) {}

  start(): void {
    this.#dueMs = performance.now();
  }

  take(piece: Piece, line: ToxicLine): void {
    const bytesPerMs = this.settings.rate;
    if (bytesPerMs <= 0) {
      line.send(piece);
      return;
    }
    line.acted();
    // A pause of the source saves nothing up.
    if (!piece.hasWaited) this.#dueMs = Math.max(this.#dueMs, piece.atMs);
    this.#pass(piece, bytesPerMs, line);
  }

  #pass(piece: Piece, bytesPerMs: number, line: ToxicLine): void {
    const part = Math.min(piece.bytes.length, bytesPerMs * PART_MS);
    const now = performance.now();
    this.#dueMs = Math.max(this.#dueMs, now - PART_MS) + part / bytesPerMs;
    line.hold(this.#dueMs - now, piece, () => {
      line.send({ ...piece, bytes: piece.bytes.subarray(0, part) });
      const rest = piece.bytes.subarray(part);
      if (rest.length > 0) this.#pass({ ...piece, bytes: rest }, bytesPerMs, line);
    });
  }
}

export const bandwidthToxic: ToxicType<Attribute> = {
  type: "bandwidth",
  attributes: ["rate"],
  create: (settings) => new Bandwidth(settings),
};
