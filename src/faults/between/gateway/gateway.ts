import type { Socket } from "node:net";
import { monotonicMs } from "../../../support/clock.js";
import type { HttpRoute } from "../../http-traffic.js";
import { accept, LEFT_UNREAD, type ListenAddress, type Listener } from "../accept.js";
import type { RuleTally } from "../rules/rule.js";
import type { LoggedExchange } from "../traffic/logged-exchange.js";
import { RouteCounts } from "../traffic/route-counts.js";
import { type TakenTraffic, TrafficLog } from "../traffic/traffic-log.js";
import type { UpstreamAddress } from "../upstream-socket.js";

/** Of a protocol that is not read. Few of them are shown, without secrets. */
const KEPT_BYTES = 1_024;

export interface GatewayOptions {
  readonly listen: ListenAddress;
  readonly upstream: UpstreamAddress;
  /** Of everything random. */
  readonly seed?: number;
}

/** All that has crossed since the gateway was there. */
export interface GatewayCounters {
  readonly requests: number;
  readonly connections: number;
  readonly open: number;
  readonly bytes: number;
}

/** What was seen since rules came in place where there were none. */
export interface SeenByRules<Spec> {
  readonly rules: readonly RuleTally<Spec>[];
  readonly routes: readonly HttpRoute[];
  /** The first bytes of a connection on which something else was spoken; null: there was none. */
  readonly unreadable: string | null;
  /** Requests that have no end yet. */
  readonly open: number;
  /** The most that was held at once of the requests of one connection, or of its answers. */
  readonly mostHeldBytes: number;
  /** Requests over HTTP/2 whose rule slows headers down, which is done over HTTP/1 alone. */
  readonly notSlowed: number;
  /** Connections on which the client spoke HTTP/2, and the upstream HTTP/1. */
  readonly http2Refused: number;
}

/** A client and its connection to the upstream. */
export interface GatewayConnection {
  /** That have crossed, both ways. */
  readonly bytes: number;
  /** Some rules were taken away: what they hold goes on, and what they have begun is not done. */
  rulesGone(): void;
  /** Closes both sides at once; what is on its way is lost. */
  destroy(): void;
}

/** What a connection tells the gateway that it belongs to. */
export interface GatewayHost {
  nowMs(): number;
  /** The upstream did not accept it. */
  refused(): void;
  began(exchange: LoggedExchange): void;
  ended(exchange: LoggedExchange): void;
  /** Bytes were of another protocol: the first of them. They cross unread, until the connection is closed. */
  unreadable(connection: GatewayConnection, bytes: Buffer): void;
  /** So much is held at once of the requests of one connection, or of its answers. */
  held(bytes: number): void;
  /** A request came over HTTP/2, and its rule slows headers down. */
  notSlowed(): void;
  /** The client spoke HTTP/2, and the upstream does not. */
  http2Refused(): void;
  /** Both sides are closed. */
  closed(connection: GatewayConnection): void;
}

/** The rules of a gateway. */
interface GatewayRules<Spec> {
  readonly isEmpty: boolean;
  readonly tallies: readonly RuleTally<Spec>[];
  /** @returns those that are gone. */
  replaceBy(specs: readonly Spec[]): readonly RuleTally<Spec>[];
}

/** @param number of the connection, counted from 1. */
export type OpenConnection = (
  client: Socket,
  upstream: UpstreamAddress,
  number: number,
  host: GatewayHost,
) => GatewayConnection;

/** What stands between one proxy and its upstream, and knows the requests that cross. */
export class RequestGateway<Spec> implements GatewayHost {
  readonly #upstream: UpstreamAddress;
  readonly #rules: GatewayRules<Spec>;
  readonly #openConnection: OpenConnection;
  readonly #connections = new Set<GatewayConnection>();
  #listener: Listener | null = null;
  /** Connections that were tried, and those of them that the upstream did not accept, since it was asked last. */
  #dials = 0;
  #refused = 0;
  #requests = 0;
  #accepted = 0;
  #closedBytes = 0;
  #log = new TrafficLog(monotonicMs(), 0);
  #routes = new RouteCounts();
  #unreadable: string | null = null;
  /** How those began that are open still. */
  readonly #raw = new Map<GatewayConnection, string>();
  #ended = 0;
  #mostHeldBytes = 0;
  #notSlowed = 0;
  #http2Refused = 0;
  /** From the clock of this thread to that of `monotonicMs`, which is dear to ask. */
  readonly #clockMs = monotonicMs() - performance.now();

  constructor(upstream: UpstreamAddress, rules: GatewayRules<Spec>, openConnection: OpenConnection) {
    this.#upstream = upstream;
    this.#rules = rules;
    this.#openConnection = openConnection;
  }

  /** Rejects with the system's error. */
  async listen(at: ListenAddress): Promise<this> {
    this.#listener = await accept(at, LEFT_UNREAD, (client) => this.#accept(client));
    return this;
  }

  /** host:port */
  get address(): string {
    return this.#listener?.address ?? "";
  }

  /** Since it was asked last. */
  takeDials(): { readonly dials: number; readonly refused: number } {
    const taken = { dials: this.#dials, refused: this.#refused };
    this.#dials = 0;
    this.#refused = 0;
    return taken;
  }

  /** Since it was asked last. */
  takeTraffic(): TakenTraffic {
    const nowMs = this.nowMs();
    const log = this.#log;
    this.#log = log.next(nowMs);
    return log.taken(nowMs);
  }

  /** Puts rules in place of those that are there. @returns what those that are gone have come to. */
  setRules(rules: readonly Spec[]): readonly RuleTally<Spec>[] {
    if (this.#rules.isEmpty) {
      this.#routes = new RouteCounts();
      const [begin = null] = this.#raw.values();
      this.#unreadable = begin;
      this.#mostHeldBytes = 0;
      this.#notSlowed = 0;
      this.#http2Refused = 0;
    }
    const gone = this.#rules.replaceBy(rules);
    if (gone.length > 0) for (const connection of [...this.#connections]) connection.rulesGone();
    return gone;
  }

  get seen(): SeenByRules<Spec> {
    return {
      rules: this.#rules.tallies,
      routes: this.#routes.list,
      unreadable: this.#unreadable,
      open: this.#requests - this.#ended,
      mostHeldBytes: this.#mostHeldBytes,
      notSlowed: this.#notSlowed,
      http2Refused: this.#http2Refused,
    };
  }

  get counters(): GatewayCounters {
    let bytes = this.#closedBytes;
    for (const connection of this.#connections) bytes += connection.bytes;
    return { requests: this.#requests, connections: this.#accepted, open: this.#connections.size, bytes };
  }

  close(): void {
    this.#listener?.close();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  nowMs(): number {
    return performance.now() + this.#clockMs;
  }

  refused(): void {
    this.#refused++;
  }

  began({ startMs }: LoggedExchange): void {
    this.#requests++;
    this.#log.began(startMs);
  }

  ended(exchange: LoggedExchange): void {
    this.#ended++;
    this.#log.ended(exchange);
    if (!this.#rules.isEmpty) this.#routes.add(exchange);
  }

  unreadable(connection: GatewayConnection, bytes: Buffer): void {
    const begin = bytes.toString("latin1", 0, KEPT_BYTES);
    this.#log.unreadable++;
    this.#unreadable ??= begin;
    this.#raw.set(connection, begin);
  }

  held(bytes: number): void {
    this.#mostHeldBytes = Math.max(this.#mostHeldBytes, bytes);
  }

  notSlowed(): void {
    this.#notSlowed++;
  }

  http2Refused(): void {
    this.#http2Refused++;
  }

  closed(connection: GatewayConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#raw.delete(connection);
    this.#closedBytes += connection.bytes;
    this.#log.closed(this.nowMs());
  }

  #accept(client: Socket): void {
    this.#dials++;
    this.#accepted++;
    this.#log.opened(this.nowMs());
    this.#connections.add(this.#openConnection(client, this.#upstream, this.#accepted, this));
  }
}
