import { Proxy as ClientProxy, Toxic as ClientToxic, Toxiproxy } from "toxiproxy-node-client";
import { FaultlineError, hasCode } from "../../../support/errors.js";
import type { ToxicSpec } from "../../toxic.js";
import { type ProxyCounters, parseCounters, parseMetrics } from "./counters.js";
import { type ListedProxy, type ListedToxic, readListing } from "./toxiproxy-listing.js";
import {
  notToxiproxy,
  ToxiproxyRefusal,
  ToxiproxyTransport,
  type TransportOptions,
} from "./toxiproxy-transport.js";

/**
 * One Toxiproxy server, embedded or real, through toxiproxy-node-client. Every call is bounded in time.
 * Methods throw FaultlineError: TOXIPROXY_UNREACHABLE, TOXIPROXY_UNAUTHORIZED, TOXIPROXY_REFUSED (with the server's own
 * text), PORT_IN_USE.
 */
export class ToxiproxyApi {
  readonly url: string;
  readonly #client: Toxiproxy;
  readonly #transport: ToxiproxyTransport;

  constructor(url: string, options: TransportOptions = {}) {
    this.#transport = new ToxiproxyTransport(options);
    this.url = url.replace(/\/+$/, "");
    this.#client = new Toxiproxy(this.url);
    // The declared type is a class with private members, so nothing else can be assigned without a cast. Only get,
    // post, delete and getText are ever called on it.
    this.#client.api = this.#transport as unknown as Toxiproxy["api"];
  }

  /** true when a call had no answer. Its request may still be carried out, whenever the server gets to it. */
  get leftUnanswered(): boolean {
    return this.#transport.silences > 0;
  }

  /** Closes what is kept for later calls. Each of them opens it anew. */
  close(): void {
    this.#transport.close();
  }

  /** @throws TOXIPROXY_UNREACHABLE, also when something other than a Toxiproxy answers. */
  async version(): Promise<string> {
    const text = await this.#client.getVersion().catch((error: unknown) => {
      if (error instanceof ToxiproxyRefusal) return error.message;
      throw error;
    });
    // JSON since 2.2, plain text before.
    const version = /^\s*\{\s*"version"\s*:\s*"([^"]+)"|^\s*v?(\d+\.\d[\w.+-]*)\s*$/.exec(text);
    if (version) return version[1] ?? version[2] ?? "";
    throw notToxiproxy(this.url, text);
  }

  /** By name. */
  async proxies(): Promise<ReadonlyMap<string, ListedProxy>> {
    // `getAll` of the client drops the toxics.
    const { data } = await this.#call("list of proxies", () =>
      this.#client.getApi().get<unknown>(`${this.url}/proxies`),
    );
    const listing = readListing(data);
    if (listing === null) throw notToxiproxy(this.url, JSON.stringify(data ?? null));
    return listing;
  }

  /** Resolves with the address where it really listens. */
  async createProxy(proxy: Omit<ListedProxy, "toxics">): Promise<string> {
    const { name, listen, upstream, enabled } = proxy;
    const made = await this.#call(`proxy "${name}" on ${listen}`, () =>
      this.#client.createProxy({ name, listen, upstream, enabled }),
    );
    return made.listen;
  }

  /** Leaves the addresses as they are. The server closes live connections only when it disables the proxy. */
  async setEnabled(proxy: string, enabled: boolean): Promise<void> {
    // `update` of the client wants the addresses, too.
    const url = this.#proxy(proxy).getPath();
    await this.#call(`proxy "${proxy}"`, () => this.#client.getApi().post(url, { enabled }));
  }

  /** A proxy that does not exist counts as deleted. */
  async deleteProxy(name: string): Promise<void> {
    await this.#call(`proxy "${name}"`, () => ignoreMissing(this.#proxy(name).remove()));
  }

  async addToxic(proxy: string, name: string, toxic: ToxicSpec): Promise<void> {
    await this.#call(`toxic "${toxic.type}" on proxy "${proxy}"`, () =>
      this.#proxy(proxy).addToxic(asClientToxic(name, toxic)),
    );
  }

  /** Adds one as the server itself listed it. */
  addListedToxic(proxy: string, { name, ...toxic }: ListedToxic): Promise<void> {
    // The stream is one of the two.
    const stream = toxic.stream.toLowerCase() === "upstream" ? "upstream" : "downstream";
    return this.addToxic(proxy, name, { ...toxic, stream });
  }

  async updateToxic(proxy: string, name: string, toxic: ToxicSpec): Promise<void> {
    const body = asClientToxic(name, toxic);
    await this.#call(`toxic "${toxic.type}" on proxy "${proxy}"`, () =>
      this.#toxic(proxy, name).update(body),
    );
  }

  /** A toxic that does not exist counts as removed. */
  async removeToxic(proxy: string, name: string): Promise<void> {
    await this.#call(`toxic "${name}" on proxy "${proxy}"`, () =>
      ignoreMissing(this.#toxic(proxy, name).remove()),
    );
  }

  /**
   * What has crossed each proxy. Resolves with null when the server does not count (a real one without -proxy-metrics).
   */
  async counters(kind: "embedded" | "external"): Promise<ReadonlyMap<string, ProxyCounters> | null> {
    const [path, read] =
      kind === "embedded"
        ? (["/faultline/counters", parseCounters] as const)
        : (["/metrics", parseMetrics] as const);
    try {
      return read(await this.#transport.getText(`${this.url}${path}`));
    } catch (error) {
      if (error instanceof ToxiproxyRefusal) return null;
      throw error;
    }
  }

  /** The client puts names into URLs as they are, so it gets an escaped name. */
  #proxy(name: string): ClientProxy {
    return new ClientProxy(this.#client, {
      name: encodeURIComponent(name),
      listen: "",
      upstream: "",
      enabled: true,
      toxics: [],
    });
  }

  #toxic(proxy: string, name: string): ClientToxic<Record<string, number>> {
    const stub = { name: encodeURIComponent(name), type: "latency", stream: "downstream" } as const;
    return new ClientToxic(this.#client.getApi(), this.#proxy(proxy).getPath(), {
      ...stub,
      toxicity: 1,
      attributes: {},
    });
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ToxiproxyRefusal)) throw error;
      if (/address already in use/.test(error.message)) {
        throw new FaultlineError("PORT_IN_USE", `${what}: the address is in use.`, { cause: error });
      }
      throw new FaultlineError("TOXIPROXY_REFUSED", `${what}: Toxiproxy says "${error.message}".`, {
        cause: error,
      });
    }
  }
}

async function ignoreMissing(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ToxiproxyRefusal && error.status === 404)) throw error;
  }
}

function asClientToxic(name: string, { type, stream, toxicity, attributes }: ToxicSpec) {
  // Type names go to the server as they are. The client only declares those it knew when it was released.
  return {
    name,
    type: type as ClientToxic<unknown>["type"],
    stream,
    toxicity,
    attributes: { ...attributes },
  };
}

/** True when nothing listens at the server's address any more. */
export function isGone(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (hasCode(each, "ECONNREFUSED")) return true;
  }
  return false;
}
