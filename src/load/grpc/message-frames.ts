import { holdBytes, releaseBody } from "../http/held-bodies.js";
import { KeptPieces } from "../streams/requests/kept-pieces.js";

/** Each message has five bytes before it: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/** What clients of gRPC take at most, unless they are told otherwise. */
export const MOST_MESSAGE_BYTES = 4 * 1024 * 1024;
/** All messages of one answer that are kept. */
export const MOST_KEPT_BYTES = 16 * MOST_MESSAGE_BYTES;
/** What a message takes in memory beside its own bytes. Many can be empty. */
const BESIDE_BYTES = 128;

/** One message, with the bytes that stand before it. */
export function messageFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

export interface ReceivedMessage {
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

/** Takes messages out of the bytes of an answer, however these are cut. */
export class MessageFrames {
  /** How many have come. */
  count = 0;
  readonly messages: ReceivedMessage[] = [];
  /** A message that is compressed has come. */
  hasCompressed = false;
  readonly #keeps: boolean;
  readonly #prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  #prefixBytes = 0;
  #bytesLeft = 0;
  #keptBytes = 0;
  /** Of these messages, in what all answers of this thread may hold together. */
  #heldBytes = 0;
  #pieces = new KeptPieces();

  /** `keeps`: messages are looked into later. */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** A message has begun and has not ended. */
  get isWithinMessage(): boolean {
    return this.#prefixBytes > 0;
  }

  /** The answer is whole, or lost. */
  release(): void {
    releaseBody(this.#heldBytes);
    this.#heldBytes = 0;
  }

  /** `piece` may change afterwards. @returns why it is malformed. null: it is not. */
  read(piece: Buffer): string | null {
    let at = 0;
    while (at < piece.length) {
      if (this.#prefixBytes < PREFIX_BYTES) {
        const taken = Math.min(PREFIX_BYTES - this.#prefixBytes, piece.length - at);
        piece.copy(this.#prefix, this.#prefixBytes, at, at + taken);
        this.#prefixBytes += taken;
        at += taken;
        if (this.#prefixBytes < PREFIX_BYTES) return null;
        const problem = this.#begin();
        if (problem !== null) return problem;
      } else {
        const taken = Math.min(this.#bytesLeft, piece.length - at);
        const problem = this.#keeps ? this.#keep(piece.subarray(at, at + taken)) : null;
        if (problem !== null) return problem;
        this.#bytesLeft -= taken;
        at += taken;
      }
      if (this.#bytesLeft === 0) this.#end();
    }
    return null;
  }

  #begin(): string | null {
    const flag = this.#prefix[0]!;
    if (flag > 1) return "malformed message: its first byte is neither 0 nor 1";
    this.#bytesLeft = this.#prefix.readUInt32BE(1);
    if (this.#bytesLeft > MOST_MESSAGE_BYTES) return "message longer than 4 MB";
    if (flag === 1) this.hasCompressed = true;
    if (!this.#keeps) return null;
    this.#keptBytes += this.#bytesLeft + BESIDE_BYTES;
    if (this.#keptBytes > MOST_KEPT_BYTES) return "messages longer than 64 MB together";
    return this.#hold(BESIDE_BYTES);
  }

  #keep(piece: Buffer): string | null {
    this.#pieces.add(piece);
    return this.#hold(piece.length);
  }

  #hold(bytes: number): string | null {
    this.#heldBytes += bytes;
    return holdBytes(bytes);
  }

  #end(): void {
    this.count += 1;
    if (this.#keeps) {
      const pieces = this.#pieces.all;
      const [only, ...more] = pieces;
      const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(pieces);
      this.messages.push({ isCompressed: this.#prefix[0] === 1, bytes });
      this.#pieces = new KeptPieces();
    }
    this.#prefixBytes = 0;
  }
}
