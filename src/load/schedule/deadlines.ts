import type { Channel } from "../channel.js";
import { nowUs } from "../thread-clock.js";

/** Finds the requests that are not answered in time. */
export class Deadlines {
  readonly #channels: readonly Channel[];
  readonly #cutOff: (channel: Channel, nowUs: number) => void;
  /** No request under way has an earlier one. */
  #earliestUs = 0;
  #isDue = false;

  /** `cutOff` has to end the request that is past its deadline, and may send others. */
  constructor(channels: readonly Channel[], cutOff: (channel: Channel, nowUs: number) => void) {
    this.#channels = channels;
    this.#cutOff = cutOff;
  }

  /** A request is under way that has to be answered until then. */
  add(deadlineUs: number): void {
    if (deadlineUs < this.#earliestUs) this.#earliestUs = deadlineUs;
  }

  /** To be called in each turn of the event loop. */
  turn(now: number): void {
    if (now <= this.#earliestUs || this.#isDue) return;
    this.#isDue = true;
    // After the loop has read what its sockets hold: an answer that is there must not cost its connection.
    setImmediate(() => {
      this.#isDue = false;
      this.#hold(nowUs());
    });
  }

  #hold(now: number): void {
    // What is sent in the meantime counts as well, hence no local variable.
    this.#earliestUs = Number.POSITIVE_INFINITY;
    for (const channel of this.#channels) {
      // Those behind the first one have to wait for its answer.
      const [first] = channel.tickets;
      if (first !== undefined && now > first.deadlineUs) this.#cutOff(channel, now);
      this.add(channel.tickets[0]?.deadlineUs ?? Number.POSITIVE_INFINITY);
    }
  }
}
