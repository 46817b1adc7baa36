import { FRAME } from "../../../http2/frames/frame-types.js";
import { dataOf } from "../../between/h2-relay/frames/own-frames.js";

/** Flag and length before each message. */
const PREFIX_BYTES = 5;

/** Counts the messages of an answer, and finds the middle of the one that is not to be whole. */
export class MessageCount {
  readonly #most: number;
  #messages = 0;
  #prefix: number[] = [];
  #left = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** All that were to pass have passed, and no other has begun. */
  get areAllThrough(): boolean {
    return this.#messages >= this.#most;
  }

  /**
   * Takes the next bytes.
   * @returns how many of them pass before the stream is broken off. null: all of them, and it goes on.
   */
  take(bytes: Buffer): number | null {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.#messages++;
        continue;
      }
      // The message that is cut: half of what came with its begin.
      if (this.#messages === this.#most) return at + Math.floor((bytes.length - at) / 2);
      this.#prefix.push(bytes[at++]!);
      if (this.#prefix.length < PREFIX_BYTES) continue;
      this.#left = Buffer.from(this.#prefix).readUInt32BE(1);
      this.#prefix = [];
      // An empty message is whole with its prefix.
      if (this.#left === 0) this.#messages++;
    }
    return null;
  }
}

/** Whether a message that these frames begin lacks its rest. */
export function endsWithinMessage(frames: readonly unknown[]): boolean {
  const data = Buffer.concat(
    frames
      .filter((frame) => Buffer.isBuffer(frame))
      .flatMap((frame) => (frame[3] === FRAME.data ? [dataOf(frame)] : [])),
  );
  let at = 0;
  while (at + PREFIX_BYTES <= data.length) at += PREFIX_BYTES + data.readUInt32BE(at + 1);
  return at !== data.length;
}
