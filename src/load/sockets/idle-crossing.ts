import type { RoundTrip } from "./round-trip.js";

/** A service does not close a connection for being idle when it was idle for less than this. */
const SHORTEST_IDLE_US = 100_000;

/**
 * Whether a connection's end must have been under way before the request on it could get there. Services close
 * connections that are idle for too long, and some requests meet that.
 */
export class IdleCrossing {
  readonly #roundTrip: RoundTrip;
  /** When a request went out after an idle time, in ms of `performance.now()`. */
  #awokenMs = Number.NEGATIVE_INFINITY;
  /** The sockets have not been looked at since then. */
  #justAwoken = false;

  constructor(roundTrip: RoundTrip) {
    this.#roundTrip = roundTrip;
  }

  get isCertain(): boolean {
    return this.#justAwoken || performance.now() - this.#awokenMs <= this.#roundTrip.leastMs;
  }

  /** Call it when an answer has come, and when the connection is a new one. */
  forget(): void {
    this.#awokenMs = Number.NEGATIVE_INFINITY;
    this.#justAwoken = false;
  }

  /** A request goes out on a connection that had none for so long. */
  awake(idleUs: number): void {
    if (idleUs < SHORTEST_IDLE_US) return;
    this.#awokenMs = performance.now();
    this.#justAwoken = true;
    // The sockets are read at least once before that, without any wait. What they bring was there already, or nearly.
    setImmediate(() => setImmediate(this.#lookedAt));
  }

  readonly #lookedAt = (): void => {
    this.#justAwoken = false;
  };
}
