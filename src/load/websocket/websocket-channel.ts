import type { Channel, ChannelOwner, Failure } from "../channel.js";
import type { Ticket } from "../mix/ticket.js";
import type { ValueScope } from "../mix/values.js";
import type { WebSocketEndpoint } from "./connection/handshake.js";
import {
  type ConnectionUser,
  WebSocketConnection,
  type WebSocketSettings,
} from "./connection/websocket-connection.js";
import type { ExchangeAnswer, MessageExchange } from "./exchange.js";
import { ExchangeRun } from "./exchange-run.js";
import { handshakeKey, handshakePlace, OpenedFor } from "./opened-for.js";

const NONE: readonly Ticket<MessageExchange>[] = [];
/** RFC 6455, 7.4.1. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
/** Connections that a channel keeps, each to another endpoint. */
const MOST_KEPT = 8;

/** A place for one exchange at a time. Connections that are kept wait here for the next exchange with their endpoint. */
export class WebSocketChannel implements Channel<MessageExchange> {
  readonly index: number;
  readonly answersInOrder = true;
  readonly #owner: ChannelOwner;
  readonly #settings: WebSocketSettings;
  /** By what they were opened with, in the order in which they were last used. */
  readonly #kept = new Map<string, KeptConnection>();
  #run: { readonly of: ExchangeRun; readonly connection: WebSocketConnection } | null = null;

  constructor(index: number, owner: ChannelOwner, settings: WebSocketSettings) {
    this.index = index;
    this.#owner = owner;
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#run === null ? this.#kept.size > 0 : this.#run.connection.isOpen;
  }

  get isIdle(): boolean {
    return this.#run === null;
  }

  get hasRoom(): boolean {
    return this.#run === null;
  }

  get tickets(): readonly Ticket<MessageExchange>[] {
    return this.#run === null ? NONE : [this.#run.of.ticket];
  }

  notSentBecause(): string | null {
    return this.#run?.connection.waitsFor ?? null;
  }

  send(ticket: Ticket<MessageExchange>): void {
    const run = new ExchangeRun(ticket);
    const { scope } = ticket.user;
    const endpoint = ticket.request.endpointFor(scope, this.index);
    const kept = ticket.request.keepsConnection ? this.#keptFor(endpoint, scope) : null;
    if (kept === null) {
      const opened = new OpenedFor(endpoint, scope);
      const user = this.#userOf(run, opened);
      const connection = new WebSocketConnection(this.#settings, endpoint, user, (ended) =>
        this.#lost(ended),
      );
      this.#run = { of: run, connection };
      return;
    }
    const { connection, opened } = kept;
    this.#kept.delete(opened.key);
    this.#run = { of: run, connection };
    const user = this.#userOf(run, opened);
    connection.use(user);
    user.established([]);
  }

  /** One that this user has opened, or that was opened with the same. */
  #keptFor(endpoint: WebSocketEndpoint, scope: ValueScope): KeptConnection | null {
    const place = handshakePlace(endpoint);
    for (const kept of this.#kept.values()) if (kept.opened.isOf(scope, place)) return kept;
    const same = this.#kept.get(handshakeKey(endpoint));
    return same === undefined || same.opened.isPersonal ? null : same;
  }

  giveUp(): readonly Ticket<MessageExchange>[] {
    this.#run?.connection.destroy();
    this.#run = null;
    return NONE;
  }

  close(): void {
    for (const { connection } of this.#kept.values()) connection.finish(NORMAL);
    this.#kept.clear();
  }

  /** The load is over. An exchange that goes on is broken off, and nobody is told. */
  leave(): void {
    this.close();
    this.#run?.connection.finish(GOING_AWAY);
    this.#run = null;
  }

  #userOf(run: ExchangeRun, opened: OpenedFor): ConnectionUser {
    const isOver = () => this.#run?.of !== run;
    const end = (answer: ExchangeAnswer) => {
      if (!isOver()) this.#answered(run, opened, answer);
    };
    const connection = () => (this.#run?.of === run ? this.#run.connection : null);
    /** Nobody is told within `send`, nor before the end of what is being read. */
    const endLater = (answer: ExchangeAnswer | null) => {
      if (answer === null) return;
      if (run.ticket.request.endsBySending && answer.problem === null) {
        connection()?.whenTaken(() => setImmediate(() => end(answer)));
      } else connection()?.whenRead(() => end(answer));
    };
    return {
      established: (headers) => {
        const open = connection();
        opened.answered(headers);
        if (open !== null) endLater(run.begin(open, headers));
      },
      message: (bytes, isBinary) => {
        const open = connection();
        if (open !== null) endLater(run.message(bytes, isBinary, open));
      },
      closed: (code) => {
        const answer = run.closed(code);
        if (answer !== null) end(answer);
        return answer !== null;
      },
      refused: ({ status, headers, body }) => {
        end({ status, headers, body: [body], problem: null, isDegraded: false, check: null });
      },
      failed: (failure) => this.#failed(run, failure),
    };
  }

  /** Before anyone is told: whoever hears of it may send the next exchange. */
  #answered({ ticket }: ExchangeRun, opened: OpenedFor, answer: ExchangeAnswer): void {
    const connection = this.#run?.connection;
    this.#run = null;
    // What was not as expected is in the middle of something.
    if (ticket.request.keepsConnection && answer.problem === null && connection?.isReusable) {
      connection.rest();
      this.#keep({ opened, connection });
    } else connection?.finish(NORMAL);
    this.#owner.answered(this, ticket, answer);
  }

  #failed(run: ExchangeRun, failure: Failure): void {
    if (this.#run?.of !== run) return;
    this.#run = null;
    this.#owner.failed(this, run.ticket, failure);
  }

  #keep(kept: KeptConnection): void {
    const { key } = kept.opened;
    this.#kept.get(key)?.connection.finish(NORMAL);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept;
    if (this.#kept.size <= MOST_KEPT || oldest === undefined) return;
    this.#kept.delete(oldest[0]);
    oldest[1].connection.finish(NORMAL);
  }

  /** A connection ended that nobody used. */
  #lost(connection: WebSocketConnection): void {
    for (const [key, kept] of this.#kept) if (kept.connection === connection) this.#kept.delete(key);
    if (this.isIdle && this.#kept.size === 0) this.#owner.lost(this);
  }
}

interface KeptConnection {
  readonly opened: OpenedFor;
  readonly connection: WebSocketConnection;
}
