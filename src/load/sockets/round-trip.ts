/**
 * The shortest time in which a connection to the target was made. At best a round trip takes about that long. An answer
 * that comes sooner after a request is no answer to it.
 */
export class RoundTrip {
  #leastMs = Number.POSITIVE_INFINITY;

  /** 0 while no connection was made. */
  get leastMs(): number {
    return this.#leastMs === Number.POSITIVE_INFINITY ? 0 : this.#leastMs;
  }

  note(ms: number): void {
    this.#leastMs = Math.min(this.#leastMs, ms);
  }
}
