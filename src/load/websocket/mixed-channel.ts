import type { Channel, ChannelOwner, Failure } from "../channel.js";
import type { Answer } from "../compiled-request.js";
import type { Ticket } from "../mix/ticket.js";
import { MessageExchange } from "./exchange.js";

/** A place for one request of HTTP or one exchange at a time. Each of the two has connections of its own. */
export class MixedChannel implements Channel {
  readonly index: number;
  readonly answersInOrder = true;
  readonly #http: Channel;
  readonly #exchanges: Channel;

  constructor(index: number, http: Channel, exchanges: Channel) {
    this.index = index;
    this.#http = http;
    this.#exchanges = exchanges;
  }

  get isOpen(): boolean {
    return this.#http.isOpen || this.#exchanges.isOpen;
  }

  get isIdle(): boolean {
    return this.#http.isIdle && this.#exchanges.isIdle;
  }

  get hasRoom(): boolean {
    return this.isIdle;
  }

  get tickets(): Iterable<Ticket> {
    return this.#http.isIdle ? this.#exchanges.tickets : this.#http.tickets;
  }

  send(ticket: Ticket): void {
    this.#of(ticket).send(ticket);
  }

  notSentBecause(ticket: Ticket): string | null {
    const channel = this.#of(ticket);
    if (channel.notSentBecause !== undefined) return channel.notSentBecause(ticket);
    return channel.isOpen ? null : "no connection in time";
  }

  giveUp(ticket: Ticket): readonly Ticket[] {
    return this.#of(ticket).giveUp(ticket);
  }

  close(): void {
    this.#http.close();
    this.#exchanges.close();
  }

  #of({ request }: Ticket): Channel {
    return request instanceof MessageExchange ? this.#exchanges : this.#http;
  }
}

/** Owns the channels within mixed ones, and tells what becomes of these. */
export class InnerOwner implements ChannelOwner {
  readonly #owner: ChannelOwner;
  readonly #channels: readonly MixedChannel[];

  constructor(owner: ChannelOwner, channels: readonly MixedChannel[]) {
    this.#owner = owner;
    this.#channels = channels;
  }

  get turnStartUs(): number {
    return this.#owner.turnStartUs;
  }

  answered({ index }: Channel, ticket: Ticket, answer: Answer): void {
    this.#owner.answered(this.#channels[index]!, ticket, answer);
  }

  failed({ index }: Channel, ticket: Ticket, failure: Failure): void {
    this.#owner.failed(this.#channels[index]!, ticket, failure);
  }

  lost({ index }: Channel): void {
    const channel = this.#channels[index]!;
    if (channel.isIdle && !channel.isOpen) this.#owner.lost(channel);
  }

  opened(): void {
    this.#owner.opened();
  }

  sent(bytes: number): void {
    this.#owner.sent(bytes);
  }

  sentAgain(): void {
    this.#owner.sentAgain();
  }

  received(bytes: number): void {
    this.#owner.received(bytes);
  }
}
