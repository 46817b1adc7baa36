/** Whether the upstreams of the proxies accept connections. A dependency may die by itself while a fault is on. */

import { connect } from "node:net";
import { Patience } from "../../support/clock.js";
import { isLoopback } from "../../support/hosts.js";
import type { FaultServer } from "../fault-driver.js";
import type { UpstreamDials } from "../proof.js";
import type { ProxyCounters } from "./client/counters.js";
import { parseHostPort } from "./client/toxiproxy-address.js";
import type { ToxiproxyApi } from "./client/toxiproxy-api.js";
import type { OwnedProxies } from "./owned-proxies.js";

/** On loopback an answer comes within a millisecond. A busy machine takes longer. */
const DIAL_MS = 1000;

type Connections = NonNullable<ProxyCounters["connections"]>;

export class UpstreamWatch {
  readonly #kind: FaultServer["kind"];
  readonly #api: ToxiproxyApi;
  readonly #proxies: OwnedProxies;
  #before: ReadonlyMap<string, Connections> = new Map();
  /** Upstreams of a real server that have accepted a connection of ours. */
  readonly #reached = new Set<string>();

  constructor(kind: FaultServer["kind"], api: ToxiproxyApi, proxies: OwnedProxies) {
    this.#kind = kind;
    this.#api = api;
    this.#proxies = proxies;
  }

  /**
   * Connections of each proxy that leads straight to its upstream, since the last call. A real server does not count
   * them; there a connection of ours is tried.
   */
  async dials(): Promise<readonly UpstreamDials[]> {
    return this.#kind === "embedded" ? this.#counted() : this.#tried();
  }

  async #counted(): Promise<UpstreamDials[]> {
    const counters = await this.#api.counters("embedded");
    const now = new Map<string, Connections>();
    for (const [proxy, { connections }] of counters ?? []) if (connections) now.set(proxy, connections);
    const seen = [...now].filter(([proxy]) => this.#isNext(proxy));
    const dials = seen.map(([proxy, { total, withoutUpstream }]) => {
      const before = this.#before.get(proxy);
      return {
        ...this.#addresses(proxy),
        dials: total - (before?.total ?? 0),
        refused: withoutUpstream - (before?.withoutUpstream ?? 0),
      };
    });
    this.#before = now;
    return dials;
  }

  /**
   * Only on this machine, where the server sees what we see, and only upstreams that have accepted connections before.
   */
  async #tried(): Promise<UpstreamDials[]> {
    const names = [...this.#proxies.addresses().keys()].filter((proxy) => this.#isNext(proxy));
    const found = await Promise.all(
      names.map(async (proxy): Promise<UpstreamDials[]> => {
        const { upstream } = this.#proxies.get(proxy);
        const { host, port } = parseHostPort(upstream);
        if (!isLoopback(host) || !isLoopback(new URL(this.#api.url).hostname)) return [];
        const result = await dial(host, port);
        if (result === "open") this.#reached.add(upstream);
        if (result === "unknown" || !this.#reached.has(upstream)) return [];
        return [{ ...this.#addresses(proxy), dials: 1, refused: result === "refused" ? 1 : 0, isOurs: true }];
      }),
    );
    return found.flat();
  }

  /** When something stands between, that sees the upstream, and the proxy does not. */
  #isNext(proxy: string): boolean {
    const { upstream, dependency } = this.#proxies.get(proxy);
    return upstream === dependency;
  }

  #addresses(proxy: string): Pick<UpstreamDials, "proxy" | "listen" | "upstream"> {
    return { proxy, listen: this.#proxies.address(proxy), upstream: this.#proxies.get(proxy).upstream };
  }
}

function dial(host: string, port: number): Promise<"open" | "refused" | "unknown"> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (result: "open" | "refused" | "unknown") => {
      patience.end();
      socket.destroy();
      resolve(result);
    };
    const patience = new Patience(DIAL_MS, () => done("unknown"));
    socket.once("connect", () => done("open"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      done(code === "ECONNREFUSED" ? "refused" : "unknown"),
    );
  });
}
