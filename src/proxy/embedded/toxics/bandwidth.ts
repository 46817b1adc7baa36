import type { Piece, Settings, Toxic, ToxicLine, ToxicType } from "../toxic.js";

type Attribute = "rate";

/** 1 KB is 1,000 bytes, so KB/s is also bytes/ms. More than a tenth of a second's worth is cut into such parts. */
const PART_MS = 100;

/** Lets `rate` KB/s through, on each connection; 0 lets nothing through and loses nothing. */
class Bandwidth implements Toxic {
  /** Time that what was let through must still take; below 0 after a wait that came out too long. */
  #owedMs = 0;

  constructor(private readonly settings: Settings<Attribute>) {}

  take(piece: Piece, line: ToxicLine): void {
    line.acted();
    const bytesPerMs = this.settings.rate;
    if (bytesPerMs === 0) line.hold(Number.POSITIVE_INFINITY, piece, () => {});
    else this.#pass(piece, bytesPerMs, line);
  }

  updated(): void {
    this.#owedMs = 0;
  }

  #pass(piece: Piece, bytesPerMs: number, line: ToxicLine): void {
    const part = Math.min(piece.bytes.length, bytesPerMs * PART_MS);
    const waitMs = this.#owedMs + part / bytesPerMs;
    const startedMs = performance.now();
    const send = () => {
      // Timers are late by a millisecond or so: what a wait overslept is taken off the next.
      this.#owedMs = waitMs - (performance.now() - startedMs);
      line.send({ bytes: piece.bytes.subarray(0, part), atMs: piece.atMs });
      const rest = piece.bytes.subarray(part);
      if (rest.length > 0) this.#pass({ bytes: rest, atMs: piece.atMs }, bytesPerMs, line);
    };
    line.hold(Math.max(waitMs, 0), piece, send);
  }
}

export const bandwidth: ToxicType<Attribute> = {
  type: "bandwidth",
  attributes: ["rate"],
  refuse: ({ rate }) => (rate < 0 ? `rate must not be negative, not ${rate}` : null),
  create: (settings) => new Bandwidth(settings),
};
