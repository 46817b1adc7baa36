import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { formatAddress } from "../../../support/address.js";
import { seededRandom } from "../../../support/random.js";
import { createApi } from "./api/api.js";
import { Proxies } from "./api/proxies.js";

export interface EmbeddedServerOptions {
  /** Where the API listens. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Whether GET /metrics answers. */
  readonly metrics: boolean;
  /** For toxicity, jitter and slices. */
  readonly seed: number;
  /** Every request to the API must carry it as a bearer token. */
  readonly token?: string;
  /**
   * Upstreams (host:port) whose resets clients see as resets. Those of all others they see as an orderly end, as with
   * Toxiproxy.
   */
  readonly passesResetsOf?: readonly string[];
  /** Further names that clients call the API's host by. */
  readonly allowHosts?: readonly string[];
}

/** A Toxiproxy of our own, in this thread. */
export class EmbeddedServer {
  readonly proxies: Proxies;
  readonly #api: Server;

  private constructor(options: EmbeddedServerOptions) {
    this.proxies = new Proxies(seededRandom(options.seed), options.passesResetsOf);
    const { metrics, token = null, host, allowHosts = [] } = options;
    this.#api = createApi(this.proxies, {
      metrics,
      token,
      hosts: [host, ...allowHosts].map((name) => name.toLowerCase()),
    });
  }

  /** Rejects with the system's error (EADDRINUSE and the like). */
  static async listen(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#api.once("error", reject);
      server.#api.listen({ host: options.host, port: options.port, exclusive: true }, resolve);
    });
    return server;
  }

  /** The API's URL, without a slash at the end. */
  get url(): string {
    // A TCP server that listens has an address object.
    const { address, port } = this.#api.address() as AddressInfo;
    return `http://${formatAddress({ host: address, port })}`;
  }

  /** Closes the API, every listener and every connection. */
  async close(): Promise<void> {
    this.proxies.close();
    const closed = new Promise((resolve) => this.#api.close(resolve));
    this.#api.closeAllConnections();
    await closed;
  }
}
