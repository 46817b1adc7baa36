import { isUtf8 } from "node:buffer";
import { mayStandInFrame } from "./close-codes.js";
import { GrowingBytes } from "./growing-bytes.js";
import { OPCODE } from "./opcodes.js";

/** A message of more is not taken: it lies in memory until it is whole. */
export const LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024;
const MOST_CONTROL_BYTES = 125;

export interface WebSocketFrameListener {
  message(bytes: Buffer, isBinary: boolean): void;
  ping(payload: Buffer): void;
  /** null: the frame says no code. */
  close(code: number | null): void;
}

interface FrameHead {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly length: number;
}

/**
 * Reads what a server sends after the handshake. Frames come in pieces of any size, messages in any number of frames, with
 * control frames between them.
 */
export class FrameReader {
  readonly #listener: WebSocketFrameListener;
  /** The bytes of a head that is not whole. */
  #head: Buffer = Buffer.alloc(0);
  #frame: FrameHead | null = null;
  /** How much of this frame's payload has come. */
  #payloadBytes = 0;
  readonly #control = new GrowingBytes();
  readonly #message = new GrowingBytes();
  /** null: no message has begun. */
  #isBinary: boolean | null = null;
  #isOver = false;

  constructor(listener: WebSocketFrameListener) {
    this.#listener = listener;
  }

  /** A message has begun that is not whole. */
  get isWithinMessage(): boolean {
    if (this.#isBinary !== null) return true;
    const opcode = this.#frame?.opcode ?? (this.#head.length > 0 ? this.#head[0]! & 0x0f : OPCODE.close);
    return opcode < OPCODE.close;
  }

  /** Nothing more is read. */
  stop(): void {
    this.#isOver = true;
    this.#control.drop();
    this.#message.drop();
  }

  /**
   * `chunk` is valid during the call only.
   * @returns why what has come breaks the rules. null: it does not.
   */
  read(chunk: Buffer): string | null {
    let at = 0;
    while (!this.#isOver) {
      if (this.#frame === null) {
        const taken = this.#readHead(chunk, at);
        if (typeof taken === "string") return taken;
        at += taken;
        if (this.#frame === null) return null;
      }
      const frame: FrameHead = this.#frame;
      const piece = chunk.subarray(at, at + frame.length - this.#payloadBytes);
      at += piece.length;
      this.#payloadBytes += piece.length;
      const isControl = frame.opcode >= OPCODE.close;
      const tooMuch = (isControl ? this.#control : this.#message).add(piece);
      if (tooMuch !== null) return tooMuch;
      if (this.#payloadBytes < frame.length) return null;
      this.#frame = null;
      this.#payloadBytes = 0;
      const problem = isControl ? this.#controlled(frame.opcode) : this.#framed(frame);
      if (problem !== null) return problem;
    }
    return null;
  }

  /** @returns how many bytes of the chunk belong to the head. A text: what is wrong. */
  #readHead(chunk: Buffer, at: number): number | string {
    const before = this.#head.length;
    const bytes =
      before === 0
        ? chunk.subarray(at, at + 10)
        : Buffer.concat([this.#head, chunk.subarray(at, at + 10 - before)]);
    if (bytes.length < 2) return this.#keepHead(bytes, before);
    const [first, second] = [bytes[0]!, bytes[1]!];
    if ((first & 0x70) !== 0) return "reserved bits are set";
    if ((second & 0x80) !== 0) return "masked frame";
    const short = second & 0x7f;
    const opcode = first & 0x0f;
    const isLast = (first & 0x80) !== 0;
    const problem = this.#problemOf(opcode, isLast, short);
    if (problem !== null) return problem;
    const size = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < size) return this.#keepHead(bytes, before);
    const length =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if ((short === 126 && length < 126) || (short === 127 && length < 65_536))
      return "length that is written too long";
    if (length + (opcode < OPCODE.close ? this.#message.length : 0) > LARGEST_MESSAGE_BYTES) return TOO_LONG;
    this.#head = Buffer.alloc(0);
    this.#frame = { isLast, opcode, length };
    return size - before;
  }

  /** Bytes of `chunk` are valid during the call only. */
  #keepHead(bytes: Buffer, before: number): number {
    this.#head = Buffer.from(bytes);
    return bytes.length - before;
  }

  #problemOf(opcode: number, isLast: boolean, length: number): string | null {
    if (opcode >= OPCODE.close) {
      if (opcode > OPCODE.pong) return `unknown opcode ${opcode}`;
      if (!isLast) return "control frame in pieces";
      return length > MOST_CONTROL_BYTES ? "control frame longer than 125 bytes" : null;
    }
    if (opcode > OPCODE.binary) return `unknown opcode ${opcode}`;
    if (opcode === OPCODE.continuation) return this.#isBinary === null ? "continuation of no message" : null;
    return this.#isBinary === null ? null : "message within a message";
  }

  #controlled(opcode: number): string | null {
    const payload = this.#control.take();
    if (opcode === OPCODE.close) return this.#closed(payload);
    if (opcode === OPCODE.ping) this.#listener.ping(payload);
    return null;
  }

  /** A frame of a message is whole. */
  #framed({ isLast, opcode }: FrameHead): string | null {
    if (opcode !== OPCODE.continuation) this.#isBinary = opcode === OPCODE.binary;
    if (!isLast) return null;
    const isBinary = this.#isBinary === true;
    this.#isBinary = null;
    const message = this.#message.take();
    if (!isBinary && !isUtf8(message)) return "text that is not UTF-8";
    this.#listener.message(message, isBinary);
    return null;
  }

  #closed(payload: Buffer): string | null {
    this.#isOver = true;
    if (payload.length === 1) return "close frame of one byte";
    const code = payload.length === 0 ? null : payload.readUInt16BE(0);
    if (code !== null && !mayStandInFrame(code)) return `close code ${code}`;
    if (!isUtf8(payload.subarray(2))) return "close reason that is not UTF-8";
    this.#listener.close(code);
    return null;
  }
}

export const TOO_LONG = `message longer than ${LARGEST_MESSAGE_BYTES / 1024 ** 2} MiB`;
