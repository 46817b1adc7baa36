import type { Channel, ChannelOwner, Failure } from "../channel.js";
import type { Ticket } from "../mix/ticket.js";
import type { WebSocketEndpoint } from "./connection/handshake.js";
import {
  type ConnectionUser,
  WebSocketConnection,
  type WebSocketSettings,
} from "./connection/websocket-connection.js";
import type { ExchangeAnswer, MessageExchange } from "./exchange.js";
import { ExchangeRun } from "./exchange-run.js";

const NONE: readonly Ticket<MessageExchange>[] = [];
/** RFC 6455, 7.4.1. */
const NORMAL = 1000;
/** Connections that a channel keeps, each to another endpoint. */
const MOST_KEPT = 8;

/** A place for one exchange at a time. Connections that are kept wait here for the next exchange with their endpoint. */
export class WebSocketChannel implements Channel<MessageExchange> {
  readonly index: number;
  readonly answersInOrder = true;
  readonly #owner: ChannelOwner;
  readonly #settings: WebSocketSettings;
  /** By their endpoint, in the order in which they were last used. */
  readonly #kept = new Map<string, WebSocketConnection>();
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
    const endpoint = ticket.request.endpointFor(ticket.user.scope);
    const key = keyOf(endpoint);
    const user = this.#userOf(run, key);
    const kept = ticket.request.keepsConnection ? this.#kept.get(key) : undefined;
    if (kept === undefined) {
      const connection = new WebSocketConnection(this.#settings, endpoint, user, (ended) =>
        this.#lost(ended),
      );
      this.#run = { of: run, connection };
      return;
    }
    this.#kept.delete(key);
    this.#run = { of: run, connection: kept };
    kept.use(user);
    user.established();
  }

  giveUp(): readonly Ticket<MessageExchange>[] {
    this.#run?.connection.destroy();
    this.#run = null;
    return NONE;
  }

  close(): void {
    for (const connection of this.#kept.values()) connection.finish(NORMAL);
    this.#kept.clear();
  }

  #userOf(run: ExchangeRun, key: string): ConnectionUser {
    const isOver = () => this.#run?.of !== run;
    const end = (answer: ExchangeAnswer) => {
      if (!isOver()) this.#answered(run, key, answer);
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
      established: () => {
        const open = connection();
        if (open !== null) endLater(run.begin(open));
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
        end({ status, headers, body: [body], problem: null, check: null });
      },
      failed: (failure) => this.#failed(run, failure),
    };
  }

  /** Before anyone is told: whoever hears of it may send the next exchange. */
  #answered({ ticket }: ExchangeRun, key: string, answer: ExchangeAnswer): void {
    const connection = this.#run?.connection;
    this.#run = null;
    // What was not as expected is in the middle of something.
    if (ticket.request.keepsConnection && answer.problem === null && connection?.isReusable) {
      connection.rest();
      this.#keep(key, connection);
    } else connection?.finish(NORMAL);
    this.#owner.answered(this, ticket, answer);
  }

  #failed(run: ExchangeRun, failure: Failure): void {
    if (this.#run?.of !== run) return;
    this.#run = null;
    this.#owner.failed(this, run.ticket, failure);
  }

  #keep(key: string, connection: WebSocketConnection): void {
    this.#kept.get(key)?.finish(NORMAL);
    this.#kept.delete(key);
    this.#kept.set(key, connection);
    const [oldest] = this.#kept;
    if (this.#kept.size <= MOST_KEPT || oldest === undefined) return;
    this.#kept.delete(oldest[0]);
    oldest[1].finish(NORMAL);
  }

  /** A connection ended that nobody used. */
  #lost(connection: WebSocketConnection): void {
    for (const [key, kept] of this.#kept) if (kept === connection) this.#kept.delete(key);
    if (this.isIdle && this.#kept.size === 0) this.#owner.lost(this);
  }
}

function keyOf({ path, headers, subprotocols }: WebSocketEndpoint): string {
  return JSON.stringify([path, headers, subprotocols]);
}
