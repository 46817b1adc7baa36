/** Clocks of machines drift apart by up to about 0.1 ms in a second. */
const DRIFT = 1e-4;
/** Older round trips are forgotten. */
const KEPT = 64;

/** What is known of another machine's clock. */
export interface OffsetEstimate {
  /** Its clock is ahead of this one by so much. */
  readonly offsetMs: number;
  /** And at most so much more or less. */
  readonly errorMs: number;
}

/** How far another machine's clock is ahead, by round trips: its answer lies between the question and the answer's coming. */
export class ClockOffset {
  readonly #trips: { readonly atMs: number; readonly offsetMs: number; readonly errorMs: number }[] = [];

  /**
   * Takes a round trip: this side asked at `askedMs`, the other heard it at `heardMs` and answered at `answeredMs` on its
   * own clock, and the answer came at `cameMs`.
   */
  add(askedMs: number, heardMs: number, answeredMs: number, cameMs: number): void {
    const underWayMs = cameMs - askedMs - (answeredMs - heardMs);
    const offsetMs = (heardMs - askedMs + (answeredMs - cameMs)) / 2;
    this.#trips.push({ atMs: cameMs, offsetMs, errorMs: Math.max(0, underWayMs) / 2 });
    if (this.#trips.length > KEPT) this.#trips.shift();
  }

  get trips(): number {
    return this.#trips.length;
  }

  /** The longest of the last round trips, without the time that the other side took. */
  get longestTripMs(): number {
    return 2 * Math.max(0, ...this.#trips.map(({ errorMs }) => errorMs));
  }

  /** The round trip that tells most: a short one, and not long ago. @returns null when there was none. */
  best(nowMs: number): OffsetEstimate | null {
    let best: OffsetEstimate | null = null;
    for (const { atMs, offsetMs, errorMs: ofTripMs } of this.#trips) {
      const errorMs = ofTripMs + DRIFT * Math.max(0, nowMs - atMs);
      if (best === null || errorMs < best.errorMs) best = { offsetMs, errorMs };
    }
    return best;
  }
}
