import type { Random } from "../../../../support/random.js";
import type { Piece, Settings, Toxic, ToxicLine, ToxicType } from "../stream/toxic.js";

type Attribute = "latency" | "jitter";

/** Delays every piece by latency ± jitter ms, counted from when it was read: a pipeline, not a queue. */
class DelayLine implements Toxic {
  constructor(
    private readonly settings: Settings<Attribute>,
    private readonly random: Random,
  ) {}

  take(piece: Piece, line: ToxicLine): void {
    line.acted();
    const delayed = { bytes: piece.bytes, atMs: piece.atMs + this.#delayMs() };
    const waitMs = delayed.atMs - performance.now();
    if (waitMs <= 0) line.send(delayed);
    else line.hold(waitMs, piece, () => line.send(delayed));
  }

  #delayMs(): number {
    const { latency, jitter } = this.settings;
    // uniform in [latency − jitter, latency + jitter)
    const delayMs = jitter > 0 ? latency + (2 * this.random() - 1) * jitter : latency;
    return Math.max(0, delayMs);
  }
}

// Above this, a doubled jitter no longer fits the integers of Toxiproxy, which then dies.
const LARGEST_JITTER_MS = 2 ** 62;

export const latencyToxic: ToxicType<Attribute> = {
  type: "latency",
  attributes: ["latency", "jitter"],
  bufferedPieces: 1024,
  refuse: ({ jitter }) => (jitter >= LARGEST_JITTER_MS ? `jitter must be below 2^62, not ${jitter}` : null),
  create: (settings, random) => new DelayLine(settings, random),
};
