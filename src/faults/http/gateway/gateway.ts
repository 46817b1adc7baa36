import type { Socket } from "node:net";
import { monotonicMs } from "../../../support/clock.js";
import { accept, LEFT_UNREAD, type ListenAddress, type Listener } from "../../between/accept.js";
import type { UpstreamAddress } from "../../between/upstream-socket.js";
import type { HttpRule } from "../../http-rule.js";
import type { HttpRoute } from "../../http-traffic.js";
import { Connection, type ConnectionHost } from "./connection.js";
import type { Exchange } from "./exchange.js";
import { Heads } from "./message/heads.js";
import type { RuleTally } from "./rules/rule.js";
import { Rules } from "./rules/rules.js";
import { RouteCounts } from "./traffic/route-counts.js";
import { type TakenTraffic, TrafficLog } from "./traffic/traffic-log.js";

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
export interface SeenByRules {
  readonly rules: readonly RuleTally[];
  readonly routes: readonly HttpRoute[];
  /** The first bytes of a connection on which no HTTP was spoken; null: there was none. */
  readonly unreadable: string | null;
}

/** What stands between one proxy and its upstream. */
export class Gateway implements ConnectionHost {
  readonly rules: Rules;
  readonly heads = new Heads();
  readonly #upstream: UpstreamAddress;
  readonly #connections = new Set<Connection>();
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
  /** From the clock of this thread to that of `monotonicMs`, which is dear to ask. */
  readonly #clockMs = monotonicMs() - performance.now();

  private constructor({ upstream, seed = 1 }: GatewayOptions) {
    this.#upstream = upstream;
    this.rules = new Rules(seed);
  }

  /** Rejects with the system's error. */
  static async open(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options);
    gateway.#listener = await accept(options.listen, LEFT_UNREAD, (client) => gateway.#accept(client));
    return gateway;
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
  setRules(rules: readonly HttpRule[]): readonly RuleTally[] {
    if (this.rules.isEmpty) {
      this.#routes = new RouteCounts();
      this.#unreadable = null;
    }
    return this.rules.replaceBy(rules);
  }

  get seen(): SeenByRules {
    return { rules: this.rules.tallies, routes: this.#routes.list, unreadable: this.#unreadable };
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

  began({ startMs }: Exchange): void {
    this.#requests++;
    this.#log.began(startMs);
  }

  ended(exchange: Exchange): void {
    this.#log.ended(exchange);
    if (!this.rules.isEmpty) this.#routes.add(exchange);
  }

  unreadable(bytes: Buffer): void {
    this.#log.unreadable++;
    this.#unreadable ??= bytes.toString("latin1", 0, 64);
  }

  closed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#closedBytes += connection.bytes;
    this.#log.closed(this.nowMs());
  }

  #accept(client: Socket): void {
    this.#dials++;
    this.#accepted++;
    this.#log.opened(this.nowMs());
    this.#connections.add(new Connection(client, this.#upstream, this.#accepted, this));
  }
}
