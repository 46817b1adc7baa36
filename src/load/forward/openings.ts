import { monotonicMs } from "../../support/clock.js";

const MOST_TICK_MS = 250;

/**
 * Connections of the load that are being opened, and what is said of those that take long. Their requests wait meanwhile: what
 * they lose by it is the way's doing. It is said before the load gives up on them, and again for as long as it lasts.
 */
export class Openings {
  readonly #slowMs: number;
  readonly #onSlow: (afterMs: number) => void;
  /** When each began, the oldest first. */
  readonly #began = new Set<{ readonly atMs: number }>();
  readonly #tick: NodeJS.Timeout;

  /** @param slowMs from when on one is slow. */
  constructor(slowMs: number, onSlow: (afterMs: number) => void) {
    this.#slowMs = slowMs;
    this.#onSlow = onSlow;
    // What came while this process stood still is read first.
    const look = () => void setImmediate(() => this.#look());
    this.#tick = setInterval(look, Math.min(MOST_TICK_MS, slowMs / 4)).unref();
  }

  /** @returns what is called when it is open, or will not be. */
  begin(): () => void {
    const opening = { atMs: monotonicMs() };
    this.#began.add(opening);
    return () => {
      if (this.#began.delete(opening)) this.#judge(opening.atMs);
    };
  }

  close(): void {
    clearInterval(this.#tick);
    this.#began.clear();
  }

  #look(): void {
    const [oldest] = this.#began;
    if (oldest !== undefined) this.#judge(oldest.atMs);
  }

  #judge(atMs: number): void {
    const afterMs = monotonicMs() - atMs;
    if (afterMs >= this.#slowMs) this.#onSlow(afterMs);
  }
}
