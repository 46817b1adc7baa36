import { resetFrame } from "./frames/own-frames.js";
import type { RelayedStream } from "./relayed-stream.js";
import type { Leaving, StreamHost } from "./stream-host.js";

/** In the GOAWAY of a server that has not closed yet. */
const ANY_STREAM = 0x7fff_ffff;

/** What becomes of streams once the upstream takes no further ones. */
export class GoingAway implements Leaving {
  readonly #host: StreamHost;
  /** The last stream that the client was told of. */
  #lastToldId = ANY_STREAM;
  isGoing = false;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  /** @returns the last stream that the client is to be told of. */
  told(lastUpstreamId: number): number {
    const { streams } = this.#host;
    if (lastUpstreamId === ANY_STREAM) return lastUpstreamId;
    this.isGoing = true;
    for (const stream of streams.all) {
      if (stream.upstreamId > lastUpstreamId || isToGoOn(stream)) this.#refuse(stream);
    }
    if (!streams.areTouched) return lastUpstreamId;
    this.#lastToldId = Math.min(this.#lastToldId, streams.lastClientId);
    return this.#lastToldId;
  }

  /** @returns whether it is refused: what held it is gone, and there is nowhere to go. */
  refuses(stream: RelayedStream): boolean {
    if (!this.isGoing || !isToGoOn(stream)) return false;
    this.#refuse(stream);
    return true;
  }

  /** The upstream has not seen it, and will not: it may be tried again. */
  #refuse(stream: RelayedStream): void {
    const { streams, towardsClient } = this.#host;
    // With other numbers than the upstream's one number cannot say which were lost.
    if (streams.areTouched) towardsClient.insert(resetFrame(stream.clientId, "REFUSED_STREAM"));
    this.#host.finish(stream, "reset");
  }
}

/** It is held, and gets no answer of ours. */
function isToGoOn({ heldRequest, deed }: RelayedStream): boolean {
  return heldRequest !== null && !deed?.own;
}
