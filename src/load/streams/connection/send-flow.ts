import { FLAG, FRAME } from "../../../http2/frames/frame-types.js";
import type { FrameOutput } from "../frames/frame-output.js";
import { LARGEST_WINDOW_BYTES, type PeerSettings, USUAL_WINDOW_BYTES } from "./peer-settings.js";
import type { Http2Stream } from "./stream.js";

const NOTHING = Buffer.alloc(0);
/** Larger frames, where they are allowed, would hold up what other streams send. */
const LARGEST_DATA_BYTES = 16_384;

/** Sends bodies as far as the other side's windows let them through: one for each stream, and one for all. */
export class SendFlow {
  readonly #output: FrameOutput;
  readonly #peer: PeerSettings;
  /** Of the connection. */
  #window = USUAL_WINDOW_BYTES;
  /** They wait for a window, in the order in which they began to. */
  readonly #held = new Set<Http2Stream>();

  constructor(output: FrameOutput, peer: PeerSettings) {
    this.#output = output;
    this.#peer = peer;
  }

  /** Sends what a stream has, as far as it may. */
  send(stream: Http2Stream): void {
    if (this.#sendAllowed(stream)) this.#held.delete(stream);
    else this.#held.add(stream);
  }

  forget(stream: Http2Stream): void {
    this.#held.delete(stream);
  }

  /** @returns false when the window would be larger than windows can be. */
  widen(bytes: number): boolean {
    this.#window += bytes;
    if (this.#window > LARGEST_WINDOW_BYTES) return false;
    this.resume();
    return true;
  }

  /** The same for the window of one stream. */
  widenStream(stream: Http2Stream, bytes: number): boolean {
    stream.sendWindow += bytes;
    if (stream.sendWindow > LARGEST_WINDOW_BYTES) return false;
    if (this.#held.has(stream)) this.send(stream);
    return true;
  }

  /** Sends what has waited. */
  resume(): void {
    for (const stream of [...this.#held]) {
      if (this.#window <= 0) return;
      this.send(stream);
    }
  }

  /** @returns false when something waits. */
  #sendAllowed(stream: Http2Stream): boolean {
    const { unsent } = stream;
    while (unsent.length > 0) {
      const first = unsent[0]!;
      const allowed = Math.min(
        first.length,
        this.#window,
        stream.sendWindow,
        this.#peer.payloadBytes,
        LARGEST_DATA_BYTES,
      );
      if (allowed <= 0) return false;
      const isAll = allowed === first.length;
      if (isAll) unsent.shift();
      else unsent[0] = first.subarray(allowed);
      const isLast = isAll && unsent.length === 0 && stream.isLastWritten;
      this.#output.frame(FRAME.data, isLast ? FLAG.endStream : 0, stream.id, first, 0, allowed);
      this.#window -= allowed;
      stream.sendWindow -= allowed;
      if (isLast) stream.isSent = true;
    }
    if (stream.isLastWritten && !stream.isSent) {
      this.#output.frame(FRAME.data, FLAG.endStream, stream.id, NOTHING);
      stream.isSent = true;
    }
    return true;
  }
}
