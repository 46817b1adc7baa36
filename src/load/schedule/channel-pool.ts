import type { Channel } from "../channel.js";

const AWAY = 0;
const OPEN = 1;
const CLOSED = 2;
const SHARED = 3;

/**
 * Channels that can take a request. The one that was used last is used first, so idle ones can stay closed. With
 * pipelining it also has channels that carry requests and have room for more.
 */
export class ChannelPool {
  readonly #open: Channel[] = [];
  readonly #closed: Channel[] = [];
  readonly #shared = new Set<Channel>();
  /** By the channels' index. */
  readonly #places: Uint8Array;
  /** A channel with room is used before a closed one is opened. */
  readonly fillsChannels: boolean;

  constructor(channels: readonly Channel[], fillsChannels: boolean) {
    this.#places = new Uint8Array(channels.length);
    this.fillsChannels = fillsChannels;
    for (const channel of channels) this.giveBack(channel);
  }

  get isEmpty(): boolean {
    return this.#open.length === 0 && this.#closed.length === 0 && this.#firstShared() === undefined;
  }

  /**
   * An open channel without a request. Channels that have been idle for too long are closed on the way. @returns null
   * when none is open.
   */
  takeOpen(): Channel | null {
    let channel = this.#open.pop();
    for (; channel !== undefined && !channel.isOpen; channel = this.#open.pop()) {
      channel.close();
      this.#places[channel.index] = CLOSED;
      this.#closed.push(channel);
    }
    return this.#take(channel);
  }

  /** A closed channel, which its next request opens. @returns null when all the others are open. */
  takeClosed(): Channel | null {
    return this.#take(this.#closed.pop());
  }

  /** The channel with requests and room for another that has been there longest. */
  takeShared(): Channel | null {
    const channel = this.#firstShared();
    if (channel !== undefined) this.#shared.delete(channel);
    return this.#take(channel);
  }

  /** Call it when a channel may be able to take a request (again). */
  giveBack(channel: Channel): void {
    const before = this.#places[channel.index];
    const place = placeOf(channel);
    if (place === before) return;
    if (before === SHARED) this.#shared.delete(channel);
    this.#places[channel.index] = place;
    if (place === OPEN) this.#open.push(channel);
    else if (place === CLOSED) this.#closed.push(channel);
    else if (place === SHARED) this.#shared.add(channel);
  }

  /** The other side closed the channel while it had no request. */
  moveToClosed(channel: Channel): void {
    const at = this.#open.indexOf(channel);
    if (at < 0) return;
    this.#open.splice(at, 1);
    this.#places[channel.index] = CLOSED;
    this.#closed.push(channel);
  }

  /** Drops those on the way whose room the other side has taken back. They return when a request on them ends. */
  #firstShared(): Channel | undefined {
    if (this.#shared.size === 0) return undefined;
    for (const channel of this.#shared) {
      if (channel.hasRoom) return channel;
      this.#shared.delete(channel);
      this.#places[channel.index] = AWAY;
    }
    return undefined;
  }

  #take(channel: Channel | undefined): Channel | null {
    if (channel === undefined) return null;
    this.#places[channel.index] = AWAY;
    return channel;
  }
}

function placeOf(channel: Channel): number {
  if (channel.isIdle) return channel.isOpen ? OPEN : CLOSED;
  return channel.hasRoom ? SHARED : AWAY;
}
