import type { Socket } from "node:net";
import type { Address } from "../../../../support/address.js";
import { hasCode } from "../../../../support/errors.js";
import { noteLimit } from "../../../../support/limit-hit.js";
import { lookupHost } from "../../../../support/lookup-host.js";
import type { Random } from "../../../../support/random.js";
import { connectReading, takeOver } from "../../../between/shared-read.js";
import { KEEP_ALIVE_AFTER_MS } from "../../../between/upstream-socket.js";
import type { Stream } from "../../../modifiers.js";
import { protocolOfClient, protocolOfServer } from "../../../wire/protocol.js";
import { Link } from "./link.js";
import type { ToxicEntry } from "./toxic-entry.js";
import type { ProxyTraffic } from "./traffic.js";

/** What a connection needs of its proxy. */
export interface ProxiedConnectionHost {
  readonly traffic: ProxyTraffic;
  readonly random: Random;
  /** A reset by the upstream is one for the client, too. */
  readonly passesResets: boolean;
  entries(direction: Stream): readonly ToxicEntry[];
  closed(connection: ProxiedConnection): void;
}

type Links = Readonly<Record<Stream, Link>>;

/** A client, its connection to the upstream, and the link in each direction. */
export class ProxiedConnection {
  readonly #host: ProxiedConnectionHost;
  /** Not read until the upstream is connected. Then it is replaced by one that reads. */
  #client: Socket;
  readonly #upstream: Socket;
  #links: Links | null = null;
  #openSockets = 2;
  /** Whoever sends first tells the protocol. */
  #hasSpoken = false;

  constructor(accepted: Socket, upstream: Address, host: ProxiedConnectionHost) {
    this.#host = host;
    this.#client = accepted;
    accepted.on("error", () => {});
    this.#upstream = connectReading(
      {
        host: upstream.host,
        port: upstream.port,
        lookup: lookupHost,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
        allowHalfOpen: true,
      },
      (bytes) => {
        if (!this.#hasSpoken) this.#spoke(protocolOfServer, bytes);
        this.#links?.downstream.read(bytes);
      },
    );
    this.#upstream.on("connect", () => this.#connected());
    // Other reasons do not matter: "close" follows, and the other side is told by an orderly end.
    this.#upstream.on("error", (error) => {
      noteLimit(error);
      if (this.#links && host.passesResets && hasCode(error, "ECONNRESET")) this.#reset();
    });
    this.#upstream.on("end", () => this.#links?.downstream.sourceEnded());
    this.#upstream.on("close", () => this.#upstreamClosed());
  }

  link(direction: Stream): Link | null {
    return this.#links?.[direction] ?? null;
  }

  /** Closes both sides at once; what is on its way is lost. */
  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
    if (!this.#links) this.#host.closed(this);
  }

  #connected(): void {
    if (this.#client.destroyed) {
      this.#upstream.destroy();
      return;
    }
    const client = takeOver(this.#client, (bytes) => {
      if (!this.#hasSpoken) this.#spoke(protocolOfClient, bytes);
      this.#links?.upstream.read(bytes);
    });
    this.#client = client;
    client.on("error", () => {});
    client.on("end", () => this.#links?.upstream.sourceEnded());
    client.on("close", () => this.#clientClosed());
    const { traffic, random } = this.#host;
    const reset = () => this.#reset();
    this.#links = {
      upstream: new Link(
        client,
        this.#upstream,
        this.#host.entries("upstream"),
        traffic.upstream,
        random,
        reset,
      ),
      downstream: new Link(
        this.#upstream,
        client,
        this.#host.entries("downstream"),
        traffic.downstream,
        random,
        reset,
      ),
    };
  }

  #spoke(protocolOf: typeof protocolOfClient, first: Uint8Array): void {
    this.#hasSpoken = true;
    const { protocols } = this.#host.traffic;
    const protocol = protocolOf(first);
    if (protocol !== null && !protocols.includes(protocol)) protocols.push(protocol);
  }

  #clientClosed(): void {
    this.#links?.downstream.destGone();
    this.#links?.upstream.sourceEnded();
    this.#oneClosed();
  }

  #upstreamClosed(): void {
    if (!this.#links) {
      if (!this.#client.destroyed) this.#host.traffic.upstreamFailuresTotal++;
      this.destroy();
      return;
    }
    this.#links.upstream.destGone();
    this.#links.downstream.sourceEnded();
    this.#oneClosed();
  }

  #oneClosed(): void {
    this.#openSockets--;
    if (this.#openSockets === 0) this.#host.closed(this);
  }

  #reset(): void {
    for (const socket of [this.#client, this.#upstream]) {
      // A socket that is being closed in order, with data still to flush, cannot be reset any more.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}
