import { ChunkedBody } from "./chunked-body.js";
import type { Framing } from "./head-text.js";

/** Longer heads are read no further. */
const LONGEST_HEAD = 256 * 1024;
const CR = 0x0d;
const LF = 0x0a;
const BLANK_LINE = Buffer.from("\r\n\r\n");

/** What the bytes up to where it stopped came to. */
export type Found =
  /** A head has begun and is not whole. */
  | "part-of-head"
  /** `head` is whole: `begin` has to be called before the next bytes. */
  | "head"
  | "body"
  /** The body is whole. */
  | "end"
  /** This is no HTTP. */
  | "unreadable";

/** Finds where messages of one direction begin and end, in bytes that come in pieces of any size. It changes none. */
export class MessageReader {
  found: Found = "end";
  /** Of the message that was found last, with its blank line. */
  head: Buffer = Buffer.alloc(0);
  readonly #mayBegin: (text: string) => boolean;
  readonly #onPayload: (payload: Buffer) => void;
  #part: Buffer | null = null;
  #left = 0;
  #chunked: ChunkedBody | null = null;
  #isInBody = false;

  /** `onPayload` gets the bytes of bodies, without the frame of chunks. */
  constructor(mayBegin: (text: string) => boolean, onPayload: (payload: Buffer) => void) {
    this.#mayBegin = mayBegin;
    this.#onPayload = onPayload;
  }

  /** Nothing of a message is there that is not whole. */
  get isBetween(): boolean {
    return !this.#isInBody && this.#part === null;
  }

  /** Reads on from `at` to the next boundary. @returns where it stopped. */
  next(bytes: Buffer, at: number): number {
    return this.#isInBody ? this.#readBody(bytes, at) : this.#readHead(bytes, at);
  }

  /** Says how the body of the head that was found ends. @returns false where there is none: the message is whole. */
  begin(framing: Framing): boolean {
    this.#isInBody = framing.kind !== "none";
    this.#left = framing.kind === "length" ? framing.bytes : Number.POSITIVE_INFINITY;
    this.#chunked = framing.kind === "chunked" ? new ChunkedBody() : null;
    return this.#isInBody;
  }

  #readHead(bytes: Buffer, at: number): number {
    let from = at;
    // Empty lines before a message are nobody's (RFC 9112, section 2.2).
    if (!this.#part) while (bytes[from] === CR || bytes[from] === LF) from++;
    if (from === bytes.length) {
      this.found = "end";
      return from;
    }
    const part = this.#part;
    const head = part ? Buffer.concat([part, bytes.subarray(from)]) : bytes.subarray(from);
    const blank = head.indexOf(BLANK_LINE, Math.max(0, (part?.length ?? 0) - 3));
    if (blank >= 0) {
      const end = blank + BLANK_LINE.length;
      this.head = head.subarray(0, end);
      this.#part = null;
      this.found = "head";
      return from + end - (part?.length ?? 0);
    }
    const isSound = head.length <= LONGEST_HEAD && this.#mayBegin(head.toString("latin1", 0, 2048));
    this.#part = isSound ? head : null;
    this.head = head;
    this.found = isSound ? "part-of-head" : "unreadable";
    return bytes.length;
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#chunked) {
      const end = this.#chunked.read(bytes, at, this.#onPayload);
      this.found = end < 0 ? "unreadable" : this.#chunked.isOver ? "end" : "body";
      if (this.#chunked.isOver) this.#isInBody = false;
      return end < 0 ? bytes.length : end;
    }
    const end = Math.min(bytes.length, at + this.#left);
    this.#onPayload(bytes.subarray(at, end));
    this.#left -= end - at;
    this.found = this.#left === 0 ? "end" : "body";
    if (this.#left === 0) this.#isInBody = false;
    return end;
  }
}
