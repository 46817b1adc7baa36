import type { Channel } from "../channel.js";
import type { Ticket, VirtualUser } from "../mix/ticket.js";
import { VirtualUsers } from "../mix/virtual-users.js";

/** Decides what is due when, and which channel takes it. One implementation for each load model. */
export interface ModelDriver {
  /** Load begins then. */
  start(startUs: number): void;
  /** Nothing becomes due from then on, until `goOnAt`. */
  stopAt(endUs: number): void;
  /** Requests that would have become due between a stop and this instant are dropped. */
  goOnAt(startUs: number): void;
  /**
   * Schedules and sends what is due at `nowUs`, in the order in which it was due.
   * @param hasRead all that the sockets held has been handled since the last call in which this was true.
   */
  pump(nowUs: number, hasRead: boolean): void;
  /** When `pump` has work again, as far as is known. Infinite: never. Right after `pump` it may be at once. */
  nextDueUs(): number;
  /** When it has work after that, as far as is known. Infinite: not known. */
  followingDueUs(): number;
  /** A request ended at `endedUs`, and `channel` can take another. `nowUs` is when its end has been handled. */
  ended(ticket: Ticket, channel: Channel, ending: Ending, endedUs: number, nowUs: number): void;
  /** The other side closed a channel that had no request. */
  lost(channel: Channel): void;
}

export type Ending =
  /** As expected, and captures found their values: a journey goes on. */
  | "good"
  | "bad"
  /** Whatever it was, the same user asks the same again. */
  | "again"
  /** No connection could be made. */
  | "refused";

/** What the user of a request does behind such an end of it. @returns null when that was all. */
export function userAfter({ user }: Ticket, ending: Ending): VirtualUser | null {
  if (ending === "again") return user;
  return ending === "good" ? VirtualUsers.next(user) : null;
}

/** What a model needs from the engine that runs it. */
export interface Dispatcher {
  /** A request is due. @returns null when no segment is open then. */
  schedule(dueUs: number, user: Ticket["user"]): Ticket | null;
  /** `lagUs`: how late it is for the generator's own reasons. */
  send(ticket: Ticket, channel: Channel, lagUs: number): void;
  /** `isOwnDoing`: the generator had no time for it, or left it waiting too long. */
  unsent(ticket: Ticket, isOwnDoing: boolean): void;
  /** When the current turn of the event loop began to handle what had come in. */
  readonly turnStartUs: number;
}
