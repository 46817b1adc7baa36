import { isUtf8 } from "node:buffer";
import { mayStandInFrame } from "../../requests/websocket/close-codes.js";
import { GrowingBytes } from "./growing-bytes.js";
import { OPCODE } from "./opcodes.js";

/** A message of more is not taken: it lies in memory until it is whole. */
export const LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024;
const MOST_CONTROL_BYTES = 125;
const LONGEST_HEAD_BYTES = 10;
const NOTHING = Buffer.alloc(0);

export interface WebSocketFrameListener {
  message(bytes: Buffer, isBinary: boolean): void;
  /** The last one of those that came at once. */
  ping(payload: Buffer): void;
  /** null: the frame says no code. */
  close(code: number | null): void;
}

/**
 * Reads what a server sends after the handshake. Frames come in pieces of any size, messages in any number of frames, with
 * control frames between them.
 */
export class FrameReader {
  readonly #listener: WebSocketFrameListener;
  /** The bytes of a head that is not whole. */
  #head: Buffer = NOTHING;
  /** A frame goes on. The next three are those of its head. */
  #isWithinFrame = false;
  #isLast = false;
  #opcode = 0;
  #length = 0;
  /** How much of this frame's payload has come. */
  #payloadBytes = 0;
  readonly #control = new GrowingBytes();
  readonly #message = new GrowingBytes();
  /** null: no message has begun. */
  #isBinary: boolean | null = null;
  /** The last one that has come with this chunk. */
  #ping: Buffer | null = null;
  #isOver = false;

  constructor(listener: WebSocketFrameListener) {
    this.#listener = listener;
  }

  /** A message has begun that is not whole. */
  get isWithinMessage(): boolean {
    if (this.#isBinary !== null) return true;
    if (this.#isWithinFrame) return this.#opcode < OPCODE.close;
    return this.#head.length > 0 && (this.#head[0]! & 0x0f) < OPCODE.close;
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
    const problem = this.#read(chunk);
    this.#tellPing();
    return problem;
  }

  /** Only the last one has to be answered (RFC 6455, 5.5.3): a flood of pings is no flood of answers. */
  #tellPing(): void {
    const ping = this.#ping;
    this.#ping = null;
    if (ping !== null && !this.#isOver) this.#listener.ping(ping);
  }

  #read(chunk: Buffer): string | null {
    let at = 0;
    while (!this.#isOver) {
      if (!this.#isWithinFrame) {
        const taken = this.#readHead(chunk, at);
        if (typeof taken === "string") return taken;
        at += taken;
        if (!this.#isWithinFrame) return null;
      }
      const end = Math.min(chunk.length, at + this.#length - this.#payloadBytes);
      const isControl = this.#opcode >= OPCODE.close;
      if (end > at) {
        const tooMuch = (isControl ? this.#control : this.#message).add(chunk, at, end);
        if (tooMuch !== null) return tooMuch;
        this.#payloadBytes += end - at;
        at = end;
      }
      if (this.#payloadBytes < this.#length) return null;
      this.#isWithinFrame = false;
      this.#payloadBytes = 0;
      const problem = isControl ? this.#controlled() : this.#framed();
      if (problem !== null) return problem;
    }
    return null;
  }

  /** @returns how many bytes of the chunk belong to the head. A text: what is wrong. */
  #readHead(chunk: Buffer, at: number): number | string {
    const before = this.#head.length;
    if (before === 0) return this.#parseHead(chunk, at, 0);
    const whole = Buffer.concat([this.#head, chunk.subarray(at, at + LONGEST_HEAD_BYTES - before)]);
    this.#head = NOTHING;
    return this.#parseHead(whole, 0, before);
  }

  /** `before`: how many bytes of the head came before the chunk. */
  #parseHead(bytes: Buffer, at: number, before: number): number | string {
    const there = bytes.length - at;
    const short = bytes[at + 1]! & 0x7f;
    const size = there < 2 ? LONGEST_HEAD_BYTES : short === 126 ? 4 : short === 127 ? 10 : 2;
    if (there >= 2) {
      const problem = this.#problemOf(bytes[at]!, bytes[at + 1]!);
      if (problem !== null) return problem;
    }
    if (there < size) {
      // The chunk is valid during the call only.
      this.#head = there === 0 ? NOTHING : Buffer.from(bytes.subarray(at));
      return there - before;
    }
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short;
    if ((short === 126 && length < 126) || (short === 127 && length < 65_536)) {
      return "length that is written too long";
    }
    this.#opcode = bytes[at]! & 0x0f;
    this.#isLast = (bytes[at]! & 0x80) !== 0;
    this.#length = length;
    if (this.#opcode < OPCODE.close && length + this.#message.length > LARGEST_MESSAGE_BYTES) return TOO_LONG;
    this.#isWithinFrame = true;
    return size - before;
  }

  /** `first`, `second`: the first bytes of a frame. */
  #problemOf(first: number, second: number): string | null {
    if ((first & 0x70) !== 0) return "reserved bits are set";
    if ((second & 0x80) !== 0) return "masked frame";
    const opcode = first & 0x0f;
    if (opcode >= OPCODE.close) {
      if (opcode > OPCODE.pong) return `unknown opcode ${opcode}`;
      if ((first & 0x80) === 0) return "control frame in pieces";
      return second > MOST_CONTROL_BYTES ? "control frame longer than 125 bytes" : null;
    }
    if (opcode > OPCODE.binary) return `unknown opcode ${opcode}`;
    if (opcode === OPCODE.continuation) return this.#isBinary === null ? "continuation of no message" : null;
    return this.#isBinary === null ? null : "message within a message";
  }

  #controlled(): string | null {
    if (this.#opcode === OPCODE.close) return this.#closed(this.#control.take());
    if (this.#opcode === OPCODE.ping) this.#ping = this.#control.take();
    else this.#control.drop();
    return null;
  }

  /** A frame of a message is whole. */
  #framed(): string | null {
    if (this.#opcode !== OPCODE.continuation) this.#isBinary = this.#opcode === OPCODE.binary;
    if (!this.#isLast) return null;
    const isBinary = this.#isBinary === true;
    this.#isBinary = null;
    const message = this.#message.take();
    if (!isBinary && !isUtf8(message)) return "text that is not UTF-8";
    // Whoever gets the message may close the connection.
    this.#tellPing();
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
