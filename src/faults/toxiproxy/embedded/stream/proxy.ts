import type { Socket } from "node:net";
import { getSystemErrorMap } from "node:util";
import { type Address, formatAddress } from "../../../../support/address.js";
import type { Random } from "../../../../support/random.js";
import { accept, LEFT_UNREAD, type Listener } from "../../../between/accept.js";
import { KEEP_ALIVE_AFTER_MS } from "../../../between/upstream-socket.js";
import type { Stream } from "../../../modifiers.js";
import { AddressError, parseHostPort } from "../../client/toxiproxy-address.js";
import { ProxiedConnection, type ProxiedConnectionHost } from "./proxied-connection.js";
import { resolveListen } from "./resolve-listen.js";
import type { ToxicEntry } from "./toxic-entry.js";
import { noTraffic } from "./traffic.js";

const SOCKETS = { ...LEFT_UNREAD, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS };

export interface ProxyAddresses {
  readonly listen: string;
  readonly upstream: string;
}

/** A listener, its live connections, and the toxics that act on them. */
export class ToxicProxy implements ProxiedConnectionHost {
  readonly name: string;
  readonly random: Random;
  readonly traffic = noTraffic();
  #listen: string;
  #upstream: string;
  readonly #passesResetsOf: readonly string[];
  #listener: Listener | null = null;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #entries: Readonly<Record<Stream, ToxicEntry[]>> = { upstream: [], downstream: [] };

  constructor(
    name: string,
    addresses: ProxyAddresses,
    random: Random,
    passesResetsOf: readonly string[] = [],
  ) {
    this.#passesResetsOf = passesResetsOf;
    this.name = name;
    this.#listen = addresses.listen;
    this.#upstream = addresses.upstream;
    this.random = random;
  }

  /** As the user wrote it until the proxy listens. Then the address where it really listens. */
  get listen(): string {
    return this.#listen;
  }

  get upstream(): string {
    return this.#upstream;
  }

  get passesResets(): boolean {
    return this.#passesResetsOf.includes(this.#upstream);
  }

  get enabled(): boolean {
    return this.#listener !== null;
  }

  /** Upstream toxics first, each stream in the order in which data meets them. */
  get toxics(): readonly ToxicEntry[] {
    return [...this.#entries.upstream, ...this.#entries.downstream];
  }

  entries(direction: Stream): readonly ToxicEntry[] {
    return this.#entries[direction];
  }

  /** Listens. Does nothing when it already listens. @throws an AddressError or the system's error. */
  async start(): Promise<void> {
    if (this.#listener) return;
    const address = await resolveListen(this.#listen).catch((error: unknown) => {
      throw error instanceof AddressError ? new AddressError(`listen tcp: ${error.message}`) : error;
    });
    this.#listener = await accept(address, SOCKETS, (client) => this.#accept(client)).catch((error) => {
      const text = `listen tcp ${formatAddress(address)}: bind: ${reasonOf(error)}`;
      throw new Error(text, { cause: error });
    });
    this.#listen = this.#listener.address;
  }

  /** Stops listening and closes every connection. Data on its way is lost. */
  stop(): void {
    this.#listener?.close();
    this.#listener = null;
    for (const connection of [...this.#connections]) connection.destroy();
  }

  /** Whether a proxy at these addresses would differ from this one. @throws AddressError. */
  async differsFrom(other: ProxyAddresses): Promise<boolean> {
    const resolved = formatAddress(await resolveListen(other.listen));
    return resolved !== this.#listen || other.upstream !== this.#upstream;
  }

  /** @throws an AddressError (nothing has changed) or the system's error (it is down, at the new addresses). */
  async update(wanted: ProxyAddresses & { readonly enabled: boolean }): Promise<void> {
    if (await this.differsFrom(wanted)) {
      this.stop();
      this.#listen = wanted.listen;
      this.#upstream = wanted.upstream;
    }
    if (wanted.enabled) await this.start();
    else this.stop();
  }

  toxic(name: string): ToxicEntry | undefined {
    return this.toxics.find((entry) => entry.name === name);
  }

  addToxic(entry: ToxicEntry): void {
    this.#entries[entry.direction].push(entry);
    for (const connection of this.#connections) connection.link(entry.direction)?.add(entry);
  }

  /** Brings changed settings or toxicity to the live connections. */
  toxicUpdated(entry: ToxicEntry): void {
    for (const connection of this.#connections) connection.link(entry.direction)?.update(entry);
  }

  removeToxic(entry: ToxicEntry): void {
    const entries = this.#entries[entry.direction];
    entries.splice(entries.indexOf(entry), 1);
    for (const connection of this.#connections) connection.link(entry.direction)?.remove(entry);
  }

  closed(connection: ProxiedConnection): void {
    if (this.#connections.delete(connection)) this.traffic.connectionsOpen--;
  }

  #accept(client: Socket): void {
    this.traffic.connectionsTotal++;
    let upstream: Address;
    try {
      upstream = parseHostPort(this.#upstream);
    } catch {
      this.traffic.upstreamFailuresTotal++;
      client.destroy();
      return;
    }
    this.traffic.connectionsOpen++;
    this.#connections.add(new ProxiedConnection(client, upstream, this));
  }
}

/** In the system's own words, where libuv has others. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === "EADDRNOTAVAIL") return "cannot assign requested address";
  const [, reason] = getSystemErrorMap().get(error.errno ?? 0) ?? [];
  return reason ?? error.message;
}
