import { HeaderBlockError, HeaderDecoder } from "../../../http2/hpack/header-decoder.js";
import { readStreamHead, type StreamAnswerHead } from "./answer-head.js";

/** The largest list of headers that is taken, as over HTTP/1.1. */
export const LARGEST_LIST_BYTES = 80 * 1024;
/** A block may be longer than the list, but not by much. More is an attack, not an answer. */
const LARGEST_BLOCK_BYTES = 2 * LARGEST_LIST_BYTES;

interface KnownHead {
  readonly bytes: Buffer;
  readonly version: number;
  readonly head: StreamAnswerHead;
}

/** Reads the blocks of headers of a connection. A block may come in several frames, with nothing between them. */
export class HeaderBlocks {
  readonly #decoder = new HeaderDecoder(LARGEST_LIST_BYTES);
  /** The stream whose block is not whole yet. 0: none. */
  #streamId = 0;
  #endsStream = false;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Most answers have the bytes of the one before. They need not be read again, as long as the table is the same. */
  #known: KnownHead | null = null;

  get streamId(): number {
    return this.#streamId;
  }

  get endsStream(): boolean {
    return this.#endsStream;
  }

  /** The first part of a block. @throws HeaderBlockError */
  begin(streamId: number, endsStream: boolean, bytes: Buffer, from: number, to: number): void {
    this.#streamId = streamId;
    this.#endsStream = endsStream;
    this.#parts = [];
    this.#bytes = 0;
    this.goOn(bytes, from, to);
  }

  /** @throws HeaderBlockError when it is too much. */
  goOn(bytes: Buffer, from: number, to: number): void {
    this.#bytes += to - from;
    if (this.#bytes > LARGEST_BLOCK_BYTES) throw new HeaderBlockError("a block of headers without an end");
    // Empty parts may come without end.
    if (to > from) this.#parts.push(Buffer.from(bytes.subarray(from, to)));
  }

  /** The block of all parts. */
  end(): Buffer {
    this.#streamId = 0;
    const parts = this.#parts;
    this.#parts = [];
    return Buffer.concat(parts);
  }

  /** The head of an answer. @returns why it is malformed. @throws HeaderBlockError */
  readHead(bytes: Buffer, from: number, to: number): StreamAnswerHead | string {
    const known = this.#known;
    if (
      known !== null &&
      known.version === this.#decoder.version &&
      known.bytes.length === to - from &&
      known.bytes.compare(bytes, from, to) === 0
    ) {
      return known.head;
    }
    const before = this.#decoder.version;
    const fields = this.readFields(bytes, from, to);
    if (fields === null) return "headers of more than 80 KiB";
    const head = readStreamHead(fields);
    const { version } = this.#decoder;
    if (typeof head !== "string" && version === before) {
      // A copy: the chunk's memory is read into again.
      this.#known = { bytes: Buffer.from(bytes.subarray(from, to)), version, head };
    }
    return head;
  }

  /** Any headers. @returns null when they are too many. @throws HeaderBlockError */
  readFields(bytes: Buffer, from: number, to: number): readonly string[] | null {
    return this.#decoder.decode(bytes, from, to);
  }
}
