import { FRAME, FRAME_HEAD_BYTES, USUAL_PAYLOAD_BYTES } from "../../../http2/frames/frame-types.js";

/** Frames that are written in one go lie behind one another in chunks. Each is twice as large as the one before. */
const FIRST_CHUNK_BYTES = 512;
const LARGEST_CHUNK_BYTES = 2 * (FRAME_HEAD_BYTES + USUAL_PAYLOAD_BYTES);

/**
 * Collects the frames that are written in one turn of the event loop, for one write to the socket. Chunks are never
 * written into twice: the socket may keep them.
 */
export class FrameOutput {
  readonly #write: (bytes: Buffer) => void;
  #chunk: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #isPlanned = false;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** One frame with a payload of bytes[from … to − 1]. */
  frame(type: number, flags: number, streamId: number, bytes: Buffer, from = 0, to = bytes.length): void {
    const at = this.#begin(type, flags, streamId, to - from);
    bytes.copy(this.#chunk, at, from, to);
  }

  /** A frame whose payload are these 32-bit numbers. */
  numbers(type: number, flags: number, streamId: number, ...values: number[]): void {
    let at = this.#begin(type, flags, streamId, 4 * values.length);
    for (const value of values) at = this.#chunk.writeUInt32BE(value, at);
  }

  settings(entries: readonly (readonly [id: number, value: number])[]): void {
    let at = this.#begin(FRAME.settings, 0, 0, 6 * entries.length);
    for (const [id, value] of entries) {
      at = this.#chunk.writeUInt16BE(id, at);
      at = this.#chunk.writeUInt32BE(value, at);
    }
  }

  /** Bytes without a frame. */
  raw(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#to += bytes.copy(this.#chunk, this.#to);
    this.#plan();
  }

  /** Writes what has been collected. */
  readonly flush = (): void => {
    this.#isPlanned = false;
    if (this.#from === this.#to) return;
    const bytes = this.#chunk.subarray(this.#from, this.#to);
    this.#from = this.#to;
    this.#write(bytes);
  };

  /** @returns where the payload is to be written. */
  #begin(type: number, flags: number, streamId: number, payloadBytes: number): number {
    this.#reserve(FRAME_HEAD_BYTES + payloadBytes);
    const chunk = this.#chunk;
    let at = this.#to;
    this.#to = at + FRAME_HEAD_BYTES + payloadBytes;
    chunk[at++] = payloadBytes >>> 16;
    chunk[at++] = payloadBytes >>> 8;
    chunk[at++] = payloadBytes;
    chunk[at++] = type;
    chunk[at++] = flags;
    chunk[at++] = streamId >>> 24;
    chunk[at++] = streamId >>> 16;
    chunk[at++] = streamId >>> 8;
    chunk[at++] = streamId;
    this.#plan();
    return at;
  }

  #reserve(bytes: number): void {
    if (this.#to + bytes <= this.#chunk.length) return;
    this.flush();
    const usual = Math.min(Math.max(FIRST_CHUNK_BYTES, 2 * this.#chunk.length), LARGEST_CHUNK_BYTES);
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(usual, bytes));
    this.#from = 0;
    this.#to = 0;
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(this.flush);
  }
}
