import type { ExchangeEnd } from "../../http-traffic.js";
import type { RelayedStream } from "./relayed-stream.js";
import type { StreamHost } from "./stream-host.js";

/** What the end of one side means for the streams that are open, and for the other side. */
export class SideEnds {
  readonly #host: StreamHost;
  readonly #endClient: () => void;
  /** A client that has ended waits for no answer. */
  #hasClientEnded = false;
  /** The upstream has ended, and the side of the client has not been ended yet. */
  #isClientToEnd = false;

  /** @param endClient ends the side of the client, behind what it was sent. */
  constructor(host: StreamHost, endClient: () => void) {
    this.#host = host;
    this.#endClient = endClient;
  }

  clientEnded(): void {
    this.#hasClientEnded = true;
    this.endIfThrough();
  }

  /** Held answers and bodies of ours still come in their time. The side of the client ends behind them. */
  upstreamEnded(): void {
    this.#isClientToEnd = true;
    this.endAll("closed");
    this.endIfThrough();
  }

  /** Ends the side of the client if the upstream has ended and the client waits for no answer any more. */
  endIfThrough(): void {
    if (!this.#isClientToEnd) return;
    if (!this.#hasClientEnded && this.#host.streams.all.some(isOnItsWay)) return;
    this.#isClientToEnd = false;
    this.endAll("closed");
    this.#endClient();
  }

  /** Does the same once the caller has inserted its last frames. */
  soonEndIfThrough(): void {
    if (this.#isClientToEnd) queueMicrotask(() => this.endIfThrough());
  }

  /** Nothing will come of the streams that are open. The first end of a stream counts. */
  endAll(end: ExchangeEnd): void {
    const nowMs = this.#host.gateway.nowMs();
    for (const stream of this.#host.streams.all) {
      // The client still gets what has come of its answer.
      if (end === "closed" && isOnItsWay(stream)) continue;
      stream.ends(stream.isUpgraded ? "upgraded" : end, nowMs);
    }
  }
}

/** The client has yet to get what there is of its answer. */
function isOnItsWay({ heldAnswer, isGiven }: RelayedStream): boolean {
  return heldAnswer !== null || isGiven;
}
