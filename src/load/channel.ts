import type { Answer, CompiledRequest } from "./compiled-request.js";
import type { Ticket } from "./mix/ticket.js";

/**
 * What requests cross the wire on, one after the other or several at once. The load knows nothing else of connections.
 */
export interface Channel<Request extends CompiledRequest = CompiledRequest> {
  /** 0 … number of the thread's channels − 1 */
  readonly index: number;
  /** A request can go out on it at once. */
  readonly isOpen: boolean;
  /** No request is under way. */
  readonly isIdle: boolean;
  /** It can take a request behind those that are under way. */
  readonly hasRoom: boolean;
  /** Answers come in the order of the requests. Giving up one request gives up those behind it. */
  readonly answersInOrder: boolean;
  /** Requests under way, in the order in which they were sent. */
  readonly tickets: Iterable<Ticket<Request>>;
  /**
   * Sends a request, and opens the channel first when it is closed. The channel's own wire has compiled the request:
   * the load never mixes two wires.
   */
  send(ticket: Ticket<Request>): void;
  /**
   * Why a request has not left yet. null: it has left. Not there: requests leave as soon as the channel is open.
   */
  notSentBecause?(ticket: Ticket<Request>): string | null;
  /**
   * Takes off a request whose time is over. Where answers come in order, that is the first one. The owner is not told.
   * @returns the other requests that are lost with it; the caller ends them as well.
   */
  giveUp(ticket: Ticket<Request>): readonly Ticket<Request>[];
  /** Closes an idle channel. The owner is not told. */
  close(): void;
}

/** The owner of the channels is told of every end. By then the request is no longer on the channel. */
export interface ChannelOwner {
  /** A whole answer has come, whatever it says. */
  answered(channel: Channel, ticket: Ticket, answer: Answer): void;
  failed(channel: Channel, ticket: Ticket, failure: Failure): void;
  /** The other side closed a channel on which no request was under way. */
  lost(channel: Channel): void;
  opened(): void;
  sent(bytes: number): void;
  /** A request goes out once more: the other side has said that it did not process it. */
  sentAgain(): void;
  received(bytes: number): void;
  /** When this turn of the event loop began, in µs. */
  readonly turnStartUs: number;
}

/** Why a request that was put on a channel has no whole answer. */
export type Failure =
  | { readonly kind: "refused" | "reset" | "malformed"; readonly reason: string }
  /** The generator itself ran out of something (ports, file descriptors). */
  | { readonly kind: "generator"; readonly reason: string };

/** The end of a request behind one that cost both their channel. */
export const BEHIND_ANOTHER: Failure = {
  kind: "reset",
  reason: "closed because of an earlier request on the connection",
};
