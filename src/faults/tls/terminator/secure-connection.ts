import type { Socket } from "node:net";
import { Patience } from "../../../support/clock.js";
import { hasCode } from "../../../support/errors.js";
import { noteLimit } from "../../../support/limit-hit.js";
import { connectUpstream, reset, type UpstreamAddress } from "../../between/upstream-socket.js";

/** An answer is over when nothing has come for so long. */
const QUIET_MS = 10;
/** How long an exchange that is under way may keep a connection that is to be closed. */
const LAST_EXCHANGE_MS = 1_000;

export interface SecureConnectionHost {
  /** The client has sent something. */
  sentData(): void;
  /** The upstream did not accept it. */
  refused(): void;
  /** To be ended with a reset, which is done below TLS. */
  reset(): void;
  closed(): void;
}

/**
 * A client whose handshake is done, and a connection to the upstream of its own. What ends one side ends the other in the
 * same way.
 */
export class SecureConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #host: SecureConnectionHost;
  #isOpen = false;
  #openSides = 2;
  /** Which side has sent last. */
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
    // What comes before the upstream accepts waits there.
    client.pipe(this.#upstream);
    this.#upstream.pipe(client);
    client.on("data", () => this.#sent("client"));
    this.#upstream.on("data", () => this.#sent("upstream"));
    this.#upstream.on("error", noteLimit);
    this.#tie(client, this.#upstream);
    this.#tie(this.#upstream, client);
  }

  /** Ends it between two exchanges if there is such a moment soon, else in the middle of one. */
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

  /** A reset is passed on as one, a close as a close. */
  #tie(one: Socket, other: Socket): void {
    let isReset = false;
    one.on("error", (error) => {
      isReset = hasCode(error, "ECONNRESET");
    });
    one.on("close", () => {
      if (one === this.#upstream && !this.#isOpen && !other.destroyed) this.#host.refused();
      if (isReset && one === this.#upstream) this.#host.reset();
      else if (isReset) reset(other);
      else if (!one.readableEnded) other.destroy();
      this.#openSides--;
      if (this.#openSides === 0) this.#host.closed();
    });
  }
}
