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

interface Trip {
  readonly atMs: number;
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** How far another machine's clock is ahead, by round trips: its answer lies between the question and the answer's coming. */
export class ClockOffset {
  readonly #trips: Trip[] = [];
  /** The one that tells most. All become less exact at the same pace, so it stays that one until it is forgotten. */
  #best: Trip | null = null;

  /**
   * Takes a round trip: this side asked at `askedMs`, the other heard it at `heardMs` and answered at `answeredMs` on its
   * own clock, and the answer came at `cameMs`.
   */
  add(askedMs: number, heardMs: number, answeredMs: number, cameMs: number): void {
    const underWayMs = cameMs - askedMs - (answeredMs - heardMs);
    const offsetMs = (heardMs - askedMs + (answeredMs - cameMs)) / 2;
    const trip = { atMs: cameMs, offsetMs, errorMs: Math.max(0, underWayMs) / 2 };
    this.#trips.push(trip);
    if (this.#best === null || tellsMore(trip, this.#best)) this.#best = trip;
    if (this.#trips.length <= KEPT) return;
    const forgotten = this.#trips.shift();
    if (forgotten !== this.#best) return;
    this.#best = this.#trips.reduce((best, other) => (tellsMore(other, best) ? other : best));
  }

  get trips(): number {
    return this.#trips.length;
  }

  /** The longest of the last round trips, without the time that the other side took. */
  get longestTripMs(): number {
    return 2 * Math.max(0, ...this.#trips.map(({ errorMs }) => errorMs));
  }

  /** By the round trip that tells most: a short one, and not long ago. @returns null when there was none. */
  best(nowMs: number): OffsetEstimate | null {
    if (this.#best === null) return null;
    const { atMs, offsetMs, errorMs } = this.#best;
    return { offsetMs, errorMs: errorMs + DRIFT * Math.max(0, nowMs - atMs) };
  }
}

function tellsMore(a: Trip, b: Trip): boolean {
  return a.errorMs - DRIFT * a.atMs < b.errorMs - DRIFT * b.atMs;
}
