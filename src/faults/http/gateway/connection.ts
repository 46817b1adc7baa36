import type { Socket } from "node:net";
import { hasCode } from "../../../support/errors.js";
import { noteLimit } from "../../../support/limit-hit.js";
import { connectUpstream, reset, type UpstreamAddress } from "../../between/upstream-socket.js";
import { Lane } from "./lane.js";

/** What a connection tells the gateway that it belongs to. */
export interface ConnectionHost {
  /** The upstream did not accept it. */
  refused(): void;
  /** Both sides are closed. */
  closed(connection: Connection): void;
}

/**
 * A client and a connection to the upstream of its own: one for one, so that the dependency sees as many connections as
 * it would without us. What ends one side ends the other in the same way.
 */
export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #host: ConnectionHost;
  #isOpen = false;
  #openSockets = 2;

  constructor(client: Socket, upstream: UpstreamAddress, host: ConnectionHost) {
    this.#client = client;
    this.#host = host;
    this.#upstream = connectUpstream(upstream, () => this.#connected());
    this.#upstream.on("error", noteLimit);
    this.#tie(this.#client, this.#upstream);
    this.#tie(this.#upstream, this.#client);
  }

  /** Closes both sides at once; what is on its way is lost. */
  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #connected(): void {
    this.#isOpen = true;
    if (this.#client.destroyed) {
      this.destroy();
      return;
    }
    new Lane(this.#client, this.#upstream);
    new Lane(this.#upstream, this.#client);
  }

  /** A reset is passed on as one, a close as a close. */
  #tie(one: Socket, other: Socket): void {
    let isReset = false;
    one.on("error", (error) => {
      isReset = hasCode(error, "ECONNRESET");
    });
    one.on("close", () => {
      if (one === this.#upstream && !this.#isOpen && !other.destroyed) this.#host.refused();
      if (isReset) reset(other);
      else if (!one.readableEnded) other.destroy();
      this.#openSockets--;
      if (this.#openSockets === 0) this.#host.closed(this);
    });
  }
}
