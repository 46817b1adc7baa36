/**
 * The shortest time in which a connection to the target was there: about what a round trip takes at best. What comes
 * sooner than that after a request is no answer to it.
 */
export class RoundTrip {
  #leastMs = Number.POSITIVE_INFINITY;

  /** 0 while none is known. */
  get leastMs(): number {
    return this.#leastMs === Number.POSITIVE_INFINITY ? 0 : this.#leastMs;
  }

  note(ms: number): void {
    this.#leastMs = Math.min(this.#leastMs, ms);
  }
}
