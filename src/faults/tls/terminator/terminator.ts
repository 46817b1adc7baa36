import type { Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { noteLimit } from "../../../support/limit-hit.js";
import { accept, type Listener } from "../../between/accept.js";
import type { TlsFault } from "../../tls-fault.js";
import { AgreedProtocols } from "./agreed-protocols.js";
import { alertName, isNoTls } from "./client-errors.js";
import { type Handshake, HandshakeTally } from "./handshakes.js";
import type { PlaceCounts, TerminatorPlace } from "./messages.js";
import { SecureConnection } from "./secure-connection.js";

/** What is done to handshakes. It holds until something else is set. */
interface Manner {
  /** null: handshakes work as they should. */
  readonly fault: TlsFault | null;
  readonly tally: HandshakeTally;
  /** The server that answers handshakes. null: none does. */
  readonly server: TlsServer | null;
}

/** A connection whose handshake has begun, by the client's port. */
interface Accepted {
  readonly raw: Socket;
  readonly handshake: Handshake;
}

/** Listens for one proxy, ends TLS, and leads the bytes on. */
export class Terminator {
  readonly #place: TerminatorPlace;
  /** null: what services are offered does not depend on the upstream. */
  readonly #agreed: AgreedProtocols | null;
  #listener: Listener | null = null;
  readonly #accepted = new Map<number, Accepted>();
  readonly #connections = new Set<SecureConnection>();
  readonly #good: Manner;
  #manner: Manner;
  #dials = 0;
  #refused = 0;

  private constructor(place: TerminatorPlace) {
    this.#place = place;
    this.#agreed = place.agreesWith === null ? null : new AgreedProtocols(place.agreesWith);
    this.#good = this.#mannerOf(null);
    this.#manner = this.#good;
  }

  /** Rejects with the error of the system. */
  static async open(place: TerminatorPlace): Promise<Terminator> {
    const terminator = new Terminator(place);
    // A client may leave in the middle of its handshake. To notice that, connections are not half open until it is done.
    terminator.#listener = await accept({ host: "127.0.0.1", port: 0 }, {}, (raw) => terminator.#accept(raw));
    return terminator;
  }

  /** host:port */
  get address(): string {
    return this.#listener?.address ?? "";
  }

  /**
   * Handshakes get this fault from now on. Open connections are closed, so that clients shake hands again. A connection
   * whose handshake began before is closed once that is done.
   */
  set(fault: TlsFault | null): void {
    const before = this.#manner;
    if (before.fault === fault) return;
    this.#manner = fault === null ? this.#good : this.#mannerOf(fault);
    if (before.server === null) before.tally.closeAll();
    if (fault !== null) for (const connection of this.#connections) connection.closeSoon();
  }

  /** Dials count from the last call. */
  takeCounts(): PlaceCounts {
    const { fault, tally } = this.#manner;
    const taken = { dials: this.#dials, refused: this.#refused };
    this.#dials = 0;
    this.#refused = 0;
    const earlier = this.#good.tally.counts().met;
    return { ...taken, earlier, handshakes: fault === null ? null : tally.counts() };
  }

  close(): void {
    this.#listener?.close();
    for (const { raw } of this.#accepted.values()) raw.destroy();
    for (const connection of this.#connections) connection.destroy();
  }

  #mannerOf(fault: TlsFault | null): Manner {
    const tally = new HandshakeTally();
    const isSilent = fault === "hang" || fault === "close";
    return { fault, tally, server: isSilent ? null : this.#serverWith(fault ?? "good", tally) };
  }

  /** The server never listens. It is given connections, so that we keep hold of what is below TLS. */
  #serverWith(kind: Exclude<TlsFault, "hang" | "close"> | "good", tally: HandshakeTally): TlsServer {
    const pair = this.#place.certificates[kind];
    if (!pair) throw new Error(`no certificate "${kind}" was made for "${this.#place.proxy}"`);
    const { alpn } = this.#place;
    const agreed = this.#agreed;
    const server = createTlsServer({
      ...pair,
      ...(alpn === null ? {} : agreed ? { ALPNCallback: agreed.choose } : { ALPNProtocols: [...alpn] }),
    });
    server.on("secureConnection", (client) => {
      const accepted = this.#accepted.get(client.remotePort ?? 0);
      if (accepted) this.#lead(accepted, client, tally);
      else client.destroy();
    });
    server.on("tlsClientError", (error) => {
      noteLimit(error);
      const alert = alertName(error);
      if (alert !== null) tally.alert(alert);
      else if (isNoTls(error)) tally.wasNotTls();
    });
    return server;
  }

  #accept(raw: Socket): void {
    const { fault, tally, server } = this.#manner;
    const port = raw.remotePort ?? 0;
    const accepted = { raw, handshake: tally.begin(raw) };
    this.#accepted.set(port, accepted);
    raw.once("close", () => {
      if (this.#accepted.get(port) === accepted) this.#accepted.delete(port);
    });
    raw.on("error", noteLimit);
    if (server !== null) {
      const go = () => {
        if (!raw.destroyed) server.emit("connection", raw);
      };
      if (this.#agreed === null || this.#agreed.isKnown) go();
      else this.#agreed.ask().then(go);
      return;
    }
    raw.on("end", () => raw.destroy());
    if (fault === "close") raw.once("data", () => raw.destroy());
    else raw.resume();
  }

  #lead({ raw, handshake }: Accepted, client: Socket, tally: HandshakeTally): void {
    this.#dials++;
    const connection = new SecureConnection(client, this.#place.upstream, {
      sentData: () => tally.sentData(handshake),
      refused: () => {
        this.#refused++;
      },
      closed: () => this.#connections.delete(connection),
      reset: () => raw.resetAndDestroy(),
    });
    this.#connections.add(connection);
    if (this.#manner.fault !== null && this.#manner.tally !== tally) connection.closeSoon();
  }
}
