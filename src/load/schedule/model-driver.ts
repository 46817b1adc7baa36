import type { Channel } from "../channel.js";
import type { Ticket } from "../mix/ticket.js";

/** Decides what is due when, and which channel takes it: one implementation for each load model. */
export interface ModelDriver {
  /** Load begins then. */
  start(startUs: number): void;
  /** Nothing becomes due from then on, until `goOnAt`. */
  stopAt(endUs: number): void;
  /** Whatever was to become due between a stop and this instant never does. */
  goOnAt(startUs: number): void;
  /**
   * Schedules and sends what is due at `nowUs`, in the order in which it was due. `hasRead`: all that the sockets held
   * has been handled since the last call of which this was said.
   */
  pump(nowUs: number, hasRead: boolean): void;
  /** When `pump` has work again, as far as is known; infinite: never. Right after `pump` it may be at once. */
  nextDueUs(): number;
  /** When it has work after that, as far as is known; infinite: not known. */
  followingDueUs(): number;
  /** A request ended at `endedUs`, and `channel` can take another; what ended it has been handled by `nowUs`. */
  ended(ticket: Ticket, channel: Channel, ending: Ending, endedUs: number, nowUs: number): void;
  /** A channel without a request was closed by the other side. */
  lost(channel: Channel): void;
}

export type Ending =
  /** As expected, captures found: a journey goes on. */
  | "good"
  | "bad"
  /** No connection could be made. */
  | "refused";

/** What a model needs from the engine that runs it. */
export interface Dispatcher {
  /** A request is due; null when no segment is open then. */
  schedule(dueUs: number, user: Ticket["user"]): Ticket | null;
  /** `lagUs`: how late it is for the generator's own reasons. */
  send(ticket: Ticket, channel: Channel, lagUs: number): void;
  /** `isOwnDoing`: the generator had no time for it, or left it waiting too long. */
  unsent(ticket: Ticket, isOwnDoing: boolean): void;
  /** When the current turn of the event loop began to handle what had come in. */
  readonly turnStartUs: number;
}
