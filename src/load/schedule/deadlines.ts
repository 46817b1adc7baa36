import type { Channel } from "../channel.js";
import type { Ticket } from "../mix/ticket.js";
import { nowUs } from "../thread-clock.js";

/** Finds the requests that are not answered in time. */
export class Deadlines {
  readonly #channels: readonly Channel[];
  readonly #cutOff: (channel: Channel, ticket: Ticket, nowUs: number) => void;
  /** No request under way has an earlier deadline. */
  #earliestUs = 0;
  #isDue = false;

  /** `cutOff` has to end the request, which is past its deadline. It may send others. */
  constructor(
    channels: readonly Channel[],
    cutOff: (channel: Channel, ticket: Ticket, nowUs: number) => void,
  ) {
    this.#channels = channels;
    this.#cutOff = cutOff;
  }

  /** A request is under way and must be answered until then. */
  add(deadlineUs: number): void {
    if (deadlineUs < this.#earliestUs) this.#earliestUs = deadlineUs;
  }

  /** Call it in each turn of the event loop. */
  turn(now: number): void {
    if (now <= this.#earliestUs || this.#isDue) return;
    this.#isDue = true;
    // After the loop has read what its sockets hold: an answer that has come must not cost its connection.
    setImmediate(() => {
      this.#isDue = false;
      this.#hold(nowUs());
    });
  }

  #hold(now: number): void {
    // A field and no local variable: what is sent in the meantime counts as well.
    this.#earliestUs = Number.POSITIVE_INFINITY;
    for (const channel of this.#channels) {
      if (channel.isIdle) continue;
      for (let late = overdueOn(channel, now); late !== null; late = overdueOn(channel, now)) {
        this.#cutOff(channel, late, now);
      }
      this.#addAwaited(channel);
    }
  }

  #addAwaited({ tickets, answersInOrder }: Channel): void {
    for (const { deadlineUs } of tickets) {
      this.add(deadlineUs);
      if (answersInOrder) return;
    }
  }
}

function overdueOn({ tickets, answersInOrder }: Channel, now: number): Ticket | null {
  for (const ticket of tickets) {
    if (now > ticket.deadlineUs) return ticket;
    // The requests behind the first one have to wait for its answer.
    if (answersInOrder) return null;
  }
  return null;
}
