import { FRAME_HEAD_BYTES, USUAL_PAYLOAD_BYTES } from "../../../http2/frames/frame-types.js";

export interface FrameListener {
  /**
   * A whole frame. Its payload is bytes[from … to − 1], and is valid during the call only.
   * @returns false when nothing more is to be read.
   */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, from: number, to: number): boolean;
  /** A frame is larger than was allowed. Nothing more is read. */
  onOversized(): void;
}

/** Cuts what a connection receives into frames. */
export class FrameInput {
  readonly #listener: FrameListener;
  /** The begin of a frame whose rest has not come yet. */
  #begun: Buffer | null = null;
  #begunBytes = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  read(chunk: Buffer, length: number): void {
    let at = 0;
    while (this.#begunBytes > 0) {
      if (at === length) return;
      const used = this.#complete(chunk, at, length);
      if (used === null) return;
      at += used;
    }
    while (length - at >= FRAME_HEAD_BYTES) {
      const end = this.#endOf(chunk, at);
      if (end === null) return;
      if (end > length) break;
      if (!this.#hand(chunk, at, end)) return;
      at = end;
    }
    if (at < length) {
      this.#begun ??= Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + USUAL_PAYLOAD_BYTES);
      this.#begunBytes = chunk.copy(this.#begun, 0, at, length);
    }
  }

  /** Adds to the frame that has begun, and hands it over when it is whole. @returns the bytes used. null: stop. */
  #complete(chunk: Buffer, at: number, length: number): number | null {
    const begun = this.#begun!;
    const end = this.#begunBytes < FRAME_HEAD_BYTES ? FRAME_HEAD_BYTES : this.#endOf(begun, 0);
    if (end === null) return null;
    const used = chunk.copy(begun, this.#begunBytes, at, Math.min(length, at + end - this.#begunBytes));
    this.#begunBytes += used;
    if (this.#begunBytes < FRAME_HEAD_BYTES) return used;
    const wholeEnd = this.#endOf(begun, 0);
    if (wholeEnd === null) return null;
    if (this.#begunBytes < wholeEnd) return used;
    this.#begunBytes = 0;
    return this.#hand(begun, 0, wholeEnd) ? used : null;
  }

  /** Where the frame that begins there ends. @returns null when it is too large. */
  #endOf(bytes: Buffer, at: number): number | null {
    const payloadBytes = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (payloadBytes <= USUAL_PAYLOAD_BYTES) return at + FRAME_HEAD_BYTES + payloadBytes;
    this.#listener.onOversized();
    return null;
  }

  #hand(bytes: Buffer, at: number, end: number): boolean {
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
    return this.#listener.onFrame(
      bytes[at + 3]!,
      bytes[at + 4]!,
      streamId,
      bytes,
      at + FRAME_HEAD_BYTES,
      end,
    );
  }
}
