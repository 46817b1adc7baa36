/**
 * Connections that may be opened between two readings of the sockets. A generator that was held up finds connections
 * busy only because their answers lie unread. One more connection for each due request would hold it up for longer
 * still.
 */
const OPENINGS = 10;

/** Requests that may always be under way. */
const ALWAYS = 64;

/** By how much their number may grow between two readings of the sockets. */
const GROWTH = 8;

/**
 * What an open model may do until the sockets have been read again.
 * A generator that was held up finds many requests due. Sent all at once, they would be spread over hundreds of
 * connections. Each of them costs more to read than the few connections that the system would have needed in time, so
 * the generator would not catch up.
 * So it looks at each reading: when at least half of what is under way has been answered, reading is what takes the
 * time, and requests follow one another on fewer connections. When the system takes longer than that, more requests are
 * put under way at each reading.
 */
export class CatchUpLimit {
  #underWay = 0;
  #limit = ALWAYS;
  #ended = 0;
  #openings = OPENINGS;

  get maySend(): boolean {
    return this.#underWay < this.#limit;
  }

  get mayOpen(): boolean {
    return this.#openings > 0;
  }

  opening(): void {
    this.#openings--;
  }

  sent(): void {
    this.#underWay++;
  }

  ended(): void {
    this.#underWay--;
    this.#ended++;
  }

  /** Call it when all that the sockets held has been handled. */
  renew(): void {
    const isReadingSlow = 2 * this.#ended >= this.#underWay;
    this.#limit = Math.max(ALWAYS, isReadingSlow ? this.#underWay >> 1 : this.#underWay + GROWTH);
    this.#ended = 0;
    this.#openings = OPENINGS;
  }
}
