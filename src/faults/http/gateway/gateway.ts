import type { Socket } from "node:net";
import type { UpstreamAddress } from "../../between/upstream-socket.js";
import { type AcceptOptions, accept, type Listener } from "./accept.js";
import { Connection, type ConnectionHost } from "./connection.js";

export interface GatewayOptions {
  readonly listen: AcceptOptions;
  readonly upstream: UpstreamAddress;
}

/** What stands between one proxy and its upstream. */
export class Gateway implements ConnectionHost {
  readonly #upstream: UpstreamAddress;
  readonly #connections = new Set<Connection>();
  #listener: Listener | null = null;
  /** Connections that were tried, and those of them that the upstream did not accept. */
  #dials = 0;
  #refused = 0;

  private constructor(upstream: UpstreamAddress) {
    this.#upstream = upstream;
  }

  /** Rejects with the system's error. */
  static async open({ listen, upstream }: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(upstream);
    gateway.#listener = await accept(listen, (client) => gateway.#accept(client));
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

  close(): void {
    this.#listener?.close();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  refused(): void {
    this.#refused++;
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  #accept(client: Socket): void {
    this.#dials++;
    this.#connections.add(new Connection(client, this.#upstream, this));
  }
}
