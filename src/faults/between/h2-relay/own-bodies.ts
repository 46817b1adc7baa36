import { FLAG, FRAME } from "../../../http2/frames/frame-types.js";
import type { ClientWindows } from "./client-windows.js";
import { frameOf } from "./frames/own-frames.js";
import type { OwnBody, RelayedStream } from "./relayed-stream.js";

interface Begun extends OwnBody {
  readonly stream: RelayedStream;
  sent: number;
  readonly done: () => void;
}

/** Bodies of ours on their way to the client, no faster than it takes them. */
export class OwnBodies {
  readonly #windows: ClientWindows;
  readonly #insert: (frame: Buffer) => void;
  #begun: readonly Begun[] = [];

  constructor(windows: ClientWindows, insert: (frame: Buffer) => void) {
    this.#windows = windows;
    this.#insert = insert;
  }

  /** `done`: all of it has gone. */
  give(stream: RelayedStream, body: OwnBody, done: () => void): void {
    stream.isGiven = true;
    this.#begun = [...this.#begun, { ...body, stream, sent: 0, done }];
    this.pump();
  }

  drop(stream: RelayedStream): void {
    if (stream.isGiven) this.#begun = this.#begun.filter((one) => one.stream !== stream);
    stream.isGiven = false;
  }

  /** The client may take more than it did. */
  pump(): void {
    for (const one of this.#begun) this.#send(one);
  }

  #send(one: Begun): void {
    const { stream, bytes, isWhole, done } = one;
    // An empty body is one frame that ends the stream.
    do {
      const length = Math.min(this.#windows.roomFor(stream, one.sent), bytes.length - one.sent);
      if (length === 0 && one.sent < bytes.length) return;
      const isLast = one.sent + length === bytes.length;
      const part = bytes.subarray(one.sent, one.sent + length);
      one.sent += length;
      this.#windows.gave(length);
      if (length > 0 || isWhole) {
        this.#insert(frameOf(FRAME.data, isLast && isWhole ? FLAG.endStream : 0, stream.clientId, part));
      }
    } while (one.sent < bytes.length);
    this.drop(stream);
    done();
  }
}
