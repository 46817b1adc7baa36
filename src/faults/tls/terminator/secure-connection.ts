import type { Socket } from "node:net";
import { Patience } from "../../../support/clock.js";
import { noteLimit } from "../../../support/limit-hit.js";
import { tie } from "../../between/tie.js";
import { connectUpstream, resetSocket, type UpstreamAddress } from "../../between/upstream-socket.js";

/** An answer counts as over when nothing has come for this long. */
const QUIET_MS = 10;
/** A connection that is to be closed waits this long for an exchange that is under way. */
const LAST_EXCHANGE_MS = 1_000;

export interface SecureConnectionHost {
  /** The client has sent something. */
  sentData(): void;
  /** The upstream did not accept it. */
  refused(): void;
  /** The connection is to end with a reset, which happens below TLS. */
  reset(): void;
  closed(): void;
}

/**
 * A client whose handshake is done, and its own connection to the upstream. What ends one side ends the other in the
 * same way.
 */
export class SecureConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #host: SecureConnectionHost;
  #isOpen = false;
  /** The side that sent last. */
  #last: "client" | "upstream" | null = null;
  #isClosing = false;
  #quiet: NodeJS.Timeout | null = null;

  constructor(client: Socket, upstream: UpstreamAddress, host: SecureConnectionHost) {
    this.#client = client;
    this.#host = host;
    client.allowHalfOpen = true;
    this.#upstream = connectUpstream(upstream, () => {
      this.#isOpen = true;
    });
    // Bytes that come before the upstream accepts wait there.
    client.pipe(this.#upstream);
    this.#upstream.pipe(client);
    client.on("data", () => this.#sent("client"));
    this.#upstream.on("data", () => this.#sent("upstream"));
    this.#upstream.on("error", noteLimit);
    tie(client, this.#upstream, {
      sideClosed: (side) => {
        if (side === "upstream" && !this.#isOpen && !client.destroyed) host.refused();
        return true;
      },
      reset: (side) => (side === "client" ? host.reset() : resetSocket(this.#upstream)),
      bothClosed: () => host.closed(),
    });
  }

  /** Ends the connection between two exchanges. When no such moment comes soon, it ends in the middle of one. */
  closeSoon(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#last !== "client") this.#awaitQuiet();
    const patience = new Patience(LAST_EXCHANGE_MS, () => this.destroy());
    this.#client.once("close", () => patience.end());
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #sent(side: "client" | "upstream"): void {
    if (side === "client" && this.#last === null) this.#host.sentData();
    this.#last = side;
    if (!this.#isClosing) return;
    if (this.#quiet) clearTimeout(this.#quiet);
    if (side === "upstream") this.#awaitQuiet();
  }

  #awaitQuiet(): void {
    this.#quiet = setTimeout(() => this.destroy(), QUIET_MS);
    this.#quiet.unref();
  }
}
