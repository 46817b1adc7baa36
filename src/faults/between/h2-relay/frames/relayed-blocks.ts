import { FLAG, FRAME, FRAME_HEAD_BYTES } from "../../../../http2/frames/frame-types.js";
import { HeaderBlockError, HeaderDecoder } from "../../../../http2/hpack/header-decoder.js";
import { encodeField, encodeResize } from "../../../../http2/hpack/header-encoder.js";
import { headerFrames } from "./own-frames.js";

/** Headers as they were sent. */
export interface HeaderList {
  /** Names and values in turn. */
  readonly fields: readonly string[];
  /** Places in `fields` of names that no table may keep. */
  readonly secrets: readonly number[];
}

/** A block of headers that is whole. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly endsStream: boolean;
  /** PUSH_PROMISE: the stream that it promises. null: these are the headers of a stream. */
  readonly promisedId: number | null;
  readonly list: HeaderList;
  /** Its frames as they came. */
  readonly frames: Buffer;
}

/** For what waits and is written anew: the bytes that came with it are not kept. */
export function withoutFrames(block: HeaderBlock): HeaderBlock {
  return { ...block, frames: NO_FRAMES };
}

const NO_FRAMES = Buffer.alloc(0);

interface Known extends HeaderList {
  readonly bytes: Buffer;
  readonly version: number;
}

/** Both ends may agree on larger tables than these, but nobody does. */
const MOST_TABLE_BYTES = 2 ** 28;
const MOST_BYTES = 1024 * 1024;
/** The headers and the trailers of requests and answers that are the same. */
const MOST_KNOWN = 8;

/**
 * The blocks of headers of one direction. They are read all, as each may change what those behind it mean. They go on as they
 * came until one is left out or comes later than it was sent: from then on each is written anew, without a table.
 */
export class RelayedBlocks {
  readonly #decoder = new HeaderDecoder(MOST_BYTES, MOST_TABLE_BYTES);
  /** Of a block that is not whole yet. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #first = { type: 0, flags: 0, streamId: 0 };
  readonly #known: Known[] = [];
  #nextKnown = 0;
  readonly #written = new WeakMap<HeaderList, Buffer>();
  #isRewritten = false;
  /** Changes of the table's size that the receiver has yet to be told. */
  #resizes: number[] = [];
  /** A size that the receiver asked for, and has not been told yet. */
  #owed: number | null = null;

  /** Blocks are written anew from now on. */
  rewrite(): void {
    this.#isRewritten = true;
  }

  /** Frames of a block that is not whole yet. */
  takeHeld(): readonly Buffer[] {
    this.#bytes = 0;
    return this.#parts.splice(0);
  }

  /** The receiver wants a smaller table, and the sender knows it. Whoever writes the next block says so. */
  owe(tableBytes: number): void {
    if (tableBytes < this.#decoder.tableLimit) this.#owed = tableBytes;
  }

  /**
   * Takes a frame of a block: HEADERS, PUSH_PROMISE, CONTINUATION.
   * @returns null as long as the block is not whole. Its frames are held until then.
   * @throws HeaderBlockError Frames that came before this one are held still.
   */
  take(type: number, flags: number, streamId: number, frame: Buffer): HeaderBlock | null {
    const isWhole = (flags & FLAG.endHeaders) !== 0;
    if (this.#parts.length === 0 && isWhole) return this.#read(type, flags, streamId, [frame]);
    this.#bytes += frame.length;
    if (this.#bytes > MOST_BYTES) throw new HeaderBlockError("a block of headers without an end");
    if (this.#parts.length === 0) this.#first = { type, flags, streamId };
    if (!isWhole) {
      // A copy: the rest of what came with it is not kept.
      this.#parts.push(Buffer.from(frame));
      return null;
    }
    const first = this.#first;
    const block = this.#read(first.type, first.flags, first.streamId, [...this.#parts, frame]);
    this.takeHeld();
    return block;
  }

  /** The frames of a block as it goes on: those that came, where nothing changes but the number of their stream. */
  written(block: HeaderBlock, streamId: number): Buffer {
    const { list, endsStream, promisedId, frames } = block;
    if (!this.#isRewritten) {
      // They stand in the block.
      this.#resizes = [];
      if (streamId !== block.streamId) renumber(frames, streamId);
      return frames;
    }
    return headerFrames({ streamId, block: this.encode(list), endsStream, promisedId });
  }

  /** Written without a table. */
  encode(list: HeaderList): Buffer {
    let bytes = this.#written.get(list);
    if (bytes === undefined) {
      bytes = writtenOut(list);
      this.#written.set(list, bytes);
    }
    if (this.#resizes.length === 0 && this.#owed === null) return bytes;
    const resizes = [...this.#resizes.splice(0), ...(this.#owed === null ? [] : [this.#owed])];
    this.#owed = null;
    return Buffer.concat([...resizes.map(encodeResize), bytes]);
  }

  #read(type: number, flags: number, streamId: number, parts: readonly Buffer[]): HeaderBlock {
    const [first, ...others] = parts;
    const payloads = [
      withoutPadding(first!, type, flags),
      ...others.map((part) => part.subarray(FRAME_HEAD_BYTES)),
    ];
    const bytes = others.length === 0 ? payloads[0]! : Buffer.concat(payloads);
    return {
      streamId,
      endsStream: type === FRAME.headers && (flags & FLAG.endStream) !== 0,
      promisedId: type === FRAME.pushPromise ? promisedIn(first!, flags) : null,
      list: this.#listOf(bytes),
      frames: others.length === 0 ? first! : Buffer.concat(parts),
    };
  }

  /** @throws HeaderBlockError */
  #listOf(bytes: Buffer): HeaderList {
    const { version } = this.#decoder;
    for (const known of this.#known) {
      if (known.version === version && known.bytes.equals(bytes)) return known;
    }
    const fields = this.#decoder.decode(bytes, 0, bytes.length);
    if (fields === null) throw new HeaderBlockError("headers of more than 1 MiB");
    const { resizes, secrets } = this.#decoder;
    if (resizes.length > 0) {
      this.#resizes.push(...resizes);
      this.#owed = null;
    }
    const list = { fields, secrets };
    if (this.#decoder.version !== version) return list;
    const known = { ...list, bytes: Buffer.from(bytes), version };
    this.#known[this.#nextKnown] = known;
    this.#nextKnown = (this.#nextKnown + 1) % MOST_KNOWN;
    return known;
  }
}

function writtenOut({ fields, secrets }: HeaderList): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    pieces.push(encodeField(fields[at]!, fields[at + 1]!, secrets.includes(at), "latin1"));
  }
  return Buffer.concat(pieces);
}

/** All frames lie behind one another. */
function renumber(frames: Buffer, streamId: number): void {
  for (let at = 0; at < frames.length; at += FRAME_HEAD_BYTES + frames.readUIntBE(at, 3)) {
    frames.writeUInt32BE(streamId, at + 5);
  }
}

/** @throws HeaderBlockError */
function withoutPadding(frame: Buffer, type: number, flags: number): Buffer {
  let from = FRAME_HEAD_BYTES;
  let to = frame.length;
  if ((flags & FLAG.padded) !== 0) to -= frame[from++] ?? to;
  if (type === FRAME.pushPromise) from += 4;
  else if ((flags & FLAG.priority) !== 0) from += 5;
  if (from > to) throw new HeaderBlockError("a frame of headers that is all padding");
  return frame.subarray(from, to);
}

function promisedIn(frame: Buffer, flags: number): number {
  return frame.readUInt32BE(FRAME_HEAD_BYTES + ((flags & FLAG.padded) !== 0 ? 1 : 0)) & 0x7fff_ffff;
}

/** The first value of that name. */
export function fieldOf({ fields }: HeaderList, name: string): string | null {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1] ?? null;
  return null;
}
