import type { Channel, ChannelOwner, Failure } from "../channel.js";
import type { Answer } from "../compiled-request.js";
import { type ConnectionOwner, Http2Connection } from "./connection/http2-connection.js";
import type { Http2Settings } from "./connection/http2-socket.js";
import type { StreamRequest } from "./stream-request.js";
import { type EndListener, type StreamTicket, UnderWay } from "./under-way.js";

/** The same for all channels of a thread. */
export interface StreamSettings extends Http2Settings {
  /** Requests that may be under way on a connection at once, if the other side lets them. */
  readonly streams: number;
  /** false: a connection takes one request. */
  readonly keepAlive: boolean;
  /** What the other side allows, as far as its last connection said so. */
  readonly learned: { mostStreams: number };
}

/** As most clients assume before the other side has said what it allows: RFC 9113, 6.5.2. */
export const ASSUMED_STREAMS = 100;

/**
 * Before a request goes out again that the other side has not processed, in ms. Once more than that it has failed. A
 * server that refuses for a moment gets time for it, and one that always does is not stormed.
 */
const PAUSES_MS = [0, 20, 100];

const NONE: readonly StreamTicket[] = [];

/**
 * A place for a connection, with streams side by side on it. When its connection takes no more streams, another takes its
 * place, and those that are open end on the old one.
 */
export class StreamChannel implements Channel<StreamRequest>, ConnectionOwner, EndListener {
  readonly index: number;
  readonly answersInOrder = false;
  readonly #owner: ChannelOwner;
  readonly #settings: StreamSettings;
  readonly #underWay = new Map<StreamTicket, UnderWay>();
  /** Those without a stream, in the order in which they go out. */
  #waiting = new Set<UnderWay>();
  #connection: Http2Connection | null = null;

  constructor(index: number, owner: ChannelOwner, settings: StreamSettings) {
    this.index = index;
    this.#owner = owner;
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#connection?.isEstablished === true;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  get hasRoom(): boolean {
    // A connection for each request: the next one must not wait for its end.
    if (!this.#settings.keepAlive) return this.isIdle;
    const connection = this.#connection;
    const mostStreams = connection?.mostStreams ?? this.#settings.learned.mostStreams;
    return (connection?.streams ?? 0) + this.#waiting.size < this.#limit(mostStreams);
  }

  get tickets(): Iterable<StreamTicket> {
    return this.#underWay.keys();
  }

  notSentBecause(ticket: StreamTicket): string | null {
    if (this.#underWay.get(ticket)?.stream !== null) return null;
    return this.isOpen ? "no stream free in time" : "no connection in time";
  }

  send(ticket: StreamTicket): void {
    // Values such as ${seq} are drawn now, in the order in which requests are due, not when there is a stream.
    const outgoing = ticket.request.begin(ticket, this.index);
    this.#connection ??= this.#open();
    const request = new UnderWay(ticket, outgoing, this.#connection, this);
    this.#underWay.set(ticket, request);
    this.#waiting.add(request);
    this.#sendWaiting();
  }

  giveUp(ticket: StreamTicket): readonly StreamTicket[] {
    const request = this.#underWay.get(ticket);
    if (request === undefined) return NONE;
    const { connection } = request;
    const isSilent = request.stream !== null && connection?.reads === request.readsBefore;
    this.#underWay.delete(ticket);
    this.#waiting.delete(request);
    request.cancel();
    // Nothing at all has come for as long as a request may take. Another connection may fare better.
    if (isSilent) connection?.retire();
    else if (request.waitedFor === this.#connection && !this.isOpen) this.#reopen();
    else this.#sendWaiting();
    return NONE;
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }

  // ConnectionOwner

  get turnStartUs(): number {
    return this.#owner.turnStartUs;
  }

  opened(): void {
    this.#owner.opened();
  }

  sent(bytes: number): void {
    this.#owner.sent(bytes);
  }

  received(bytes: number): void {
    this.#owner.received(bytes);
  }

  connectionEstablished(connection: Http2Connection): void {
    if (connection === this.#connection) this.#sendWaiting();
  }

  connectionChanged(connection: Http2Connection): void {
    const { mostStreams } = connection;
    if (mostStreams !== null) this.#settings.learned.mostStreams = mostStreams;
    if (connection === this.#connection) this.#sendWaiting();
  }

  connectionRetired(connection: Http2Connection): void {
    if (connection !== this.#connection) return;
    this.#connection = null;
    if (this.#waiting.size > 0) {
      this.#connection = this.#open();
    } else if (this.isIdle) this.#owner.lost(this);
  }

  connectionEnded(connection: Http2Connection, failure: Failure | null): void {
    if (connection !== this.#connection) return;
    this.#connection = null;
    if (this.isIdle) {
      this.#owner.lost(this);
      return;
    }
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    if (failure !== null && !(failure.kind === "reset" && connection.wasEstablished)) {
      for (const request of waiting) this.broken(request, failure);
      return;
    }
    // They never left. The last first: each of them goes before those that wait.
    for (const request of waiting.reverse()) this.unprocessed(request, "closed before it was sent");
  }

  // EndListener

  answered(request: UnderWay, answer: Answer): void {
    if (!this.#end(request)) return;
    this.#owner.answered(this, request.ticket, answer);
  }

  broken(request: UnderWay, failure: Failure): void {
    if (!this.#end(request)) return;
    this.#owner.failed(this, request.ticket, failure);
  }

  unprocessed(request: UnderWay, why: string): void {
    const pauseMs = PAUSES_MS[request.returns];
    request.returns++;
    if (pauseMs === undefined) {
      this.broken(request, { kind: "refused", reason: `not processed: ${why}` });
      return;
    }
    // The same connection has another chance, and then another connection has one.
    if (request.returns > 1) request.connection?.retire();
    if (pauseMs === 0) this.#goOutAgain(request);
    else request.pause = setTimeout(() => this.#goOutAgain(request), pauseMs);
  }

  #goOutAgain(request: UnderWay): void {
    request.pause = null;
    // It was due before those that wait.
    this.#waiting = new Set([request, ...this.#waiting]);
    this.#connection ??= this.#open();
    this.#sendWaiting();
  }

  /** Takes a request off the channel before anyone is told. @returns false when it is off already. */
  #end(request: UnderWay): boolean {
    this.#waiting.delete(request);
    if (!this.#underWay.delete(request.ticket)) return false;
    if (this.#waiting.size > 0) this.#sendWaiting();
    return true;
  }

  #open(): Http2Connection {
    return new Http2Connection(this, this.#settings);
  }

  /** Tries another connection for those that wait. */
  #reopen(): void {
    this.close();
    if (this.#waiting.size === 0) return;
    this.#connection = this.#open();
  }

  #limit(mostStreams: number): number {
    return Math.max(1, Math.min(this.#settings.streams, mostStreams));
  }

  /** Sends what waits, as far as there are streams for it. */
  #sendWaiting(): void {
    for (const request of this.#waiting) {
      const connection = this.#connection;
      if (connection === null || !this.#hasStream(connection)) return;
      if (!this.#waiting.delete(request)) continue;
      if (request.outgoing.head.listBytes > connection.mostHeaderBytes) {
        this.broken(request, { kind: "refused", reason: "more headers than the server takes" });
        continue;
      }
      if (request.connection !== null) this.#owner.sentAgain();
      request.startOn(connection);
      if (!this.#settings.keepAlive) connection.retire();
    }
  }

  #hasStream(connection: Http2Connection): boolean {
    if (!connection.isEstablished || connection.isRetired) return false;
    const { streams, mostStreams } = connection;
    // One is always allowed. The others wait until the other side has said how many are.
    return streams < (mostStreams === null ? 1 : Math.min(this.#settings.streams, mostStreams));
  }
}
