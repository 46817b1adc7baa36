import { errorName, FLAG, FRAME, type Http2ErrorName } from "../../../http2/frames/frame-types.js";
import { HeaderBlockError } from "../../../http2/hpack/header-decoder.js";
import type { FrameListener } from "../frames/frame-input.js";
import type { FrameOutput } from "../frames/frame-output.js";
import { fieldProblem } from "./answer-head.js";
import { HeaderBlocks } from "./header-blocks.js";
import { LARGEST_WINDOW_BYTES, type PeerSettings } from "./peer-settings.js";
import type { SendFlow } from "./send-flow.js";
import type { Http2Stream } from "./stream.js";

/** What frames do to their connection. */
export interface FrameEffects {
  isOpen(): boolean;
  /** Bytes that wait because the other side does not read. */
  unsentBytes(): number;
  streams(): Iterable<Http2Stream>;
  streamOf(id: number): Http2Stream | undefined;
  /** No stream of that number was ever opened. */
  isUnknown(id: number): boolean;
  /** The other side has broken the rules of the whole connection. @returns false: nothing more is to be read. */
  fail(name: Http2ErrorName, what: string): false;
  /** What came first is not HTTP/2. */
  failFirst(): false;
  /** The answer cannot be used. Other streams go on. */
  malformed(stream: Http2Stream, what: string, name?: Http2ErrorName): void;
  /** Its user does not want the rest of the answer. */
  unwanted(stream: Http2Stream, reason: string): void;
  whole(stream: Http2Stream, trailers: readonly string[]): void;
  wasReset(stream: Http2Stream, errorName: string): void;
  /** SETTINGS have been read. */
  settled(): void;
  goesAway(lastId: number, errorName: string): void;
}

/** How much the other side may send before it is told that more may come. Nothing waits here, so it is plenty. */
export const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
export const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** What may wait for a peer that asks and does not read. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
const NO_TRAILERS: readonly string[] = [];

/** What each frame of the other side means: RFC 9113, 6. */
export class IncomingFrames implements FrameListener {
  readonly #connection: FrameEffects;
  readonly #output: FrameOutput;
  readonly #peer: PeerSettings;
  readonly #flow: SendFlow;
  readonly #blocks = new HeaderBlocks();
  #hasSettings = false;
  #receiveWindow = CONNECTION_WINDOW_BYTES;

  constructor(connection: FrameEffects, output: FrameOutput, peer: PeerSettings, flow: SendFlow) {
    this.#connection = connection;
    this.#output = output;
    this.#peer = peer;
    this.#flow = flow;
  }

  /** The other side has said what it allows. */
  get hasSettings(): boolean {
    return this.#hasSettings;
  }

  onOversized(): void {
    if (this.#hasSettings) this.#connection.fail("FRAME_SIZE_ERROR", "a frame that is too large");
    else this.#connection.failFirst();
  }

  onFrame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if (!this.#hasSettings && (type !== FRAME.settings || (flags & FLAG.ack) !== 0))
      return this.#connection.failFirst();
    const { streamId } = this.#blocks;
    if (streamId !== 0 && (type !== FRAME.continuation || id !== streamId)) {
      return this.#connection.fail("PROTOCOL_ERROR", "a frame within a block of headers");
    }
    switch (type) {
      case FRAME.data:
        return this.#onData(flags, id, bytes, from, to);
      case FRAME.headers:
        return this.#onHeaders(flags, id, bytes, from, to);
      case FRAME.rstStream:
        return this.#onReset(id, bytes, from, to);
      case FRAME.settings:
        return this.#onSettings(flags, id, bytes, from, to);
      case FRAME.pushPromise:
        return this.#connection.fail("PROTOCOL_ERROR", "a push, although none is allowed");
      case FRAME.ping:
        return this.#onPing(flags, id, bytes, from, to);
      case FRAME.goaway:
        return this.#onGoaway(id, bytes, from, to);
      case FRAME.windowUpdate:
        return this.#onWindowUpdate(id, bytes, from, to);
      case FRAME.continuation:
        return this.#onContinuation(flags, bytes, from, to);
      default:
        // Priorities, and whatever extensions there are.
        return true;
    }
  }

  #onData(flags: number, id: number, bytes: Buffer, begin: number, end: number): boolean {
    const [from, to] = withoutPadding(flags, bytes, begin, end);
    if (from > to) return this.#connection.fail("PROTOCOL_ERROR", "padding longer than its frame");
    if (this.#connection.isUnknown(id))
      return this.#connection.fail("PROTOCOL_ERROR", "a body on a stream that was never opened");
    this.#receiveWindow -= end - begin;
    if (this.#receiveWindow < 0)
      return this.#connection.fail("FLOW_CONTROL_ERROR", "more than the window lets through");
    if (this.#receiveWindow < CONNECTION_WINDOW_BYTES / 2) {
      this.#output.numbers(FRAME.windowUpdate, 0, 0, CONNECTION_WINDOW_BYTES - this.#receiveWindow);
      this.#receiveWindow = CONNECTION_WINDOW_BYTES;
    }
    const stream = this.#connection.streamOf(id);
    // It was given up, or is whole.
    if (stream === undefined) return true;
    stream.receiveWindow -= end - begin;
    stream.receivedBytes += to - from;
    if (stream.receiveWindow < 0) {
      this.#connection.malformed(stream, "more than the window lets through", "FLOW_CONTROL_ERROR");
    } else if (!stream.hasHead) {
      this.#connection.malformed(stream, "a body before its head");
    } else if (stream.announcedBytes >= 0 && stream.receivedBytes > stream.announcedBytes) {
      this.#connection.malformed(stream, "content-length");
    } else this.#hand(stream, bytes, from, to, (flags & FLAG.endStream) !== 0);
    return this.#connection.isOpen();
  }

  #hand(stream: Http2Stream, bytes: Buffer, from: number, to: number, isLast: boolean): void {
    const problem = to > from ? stream.user.data(bytes.subarray(from, to)) : null;
    if (stream.isOver) return;
    if (problem !== null) this.#connection.unwanted(stream, problem);
    else if (isLast) this.#connection.whole(stream, NO_TRAILERS);
    else if (stream.receiveWindow < STREAM_WINDOW_BYTES / 2) {
      const bytesMore = STREAM_WINDOW_BYTES - stream.receiveWindow;
      this.#output.numbers(FRAME.windowUpdate, 0, stream.id, bytesMore);
      stream.receiveWindow = STREAM_WINDOW_BYTES;
    }
  }

  #onHeaders(flags: number, id: number, bytes: Buffer, begin: number, end: number): boolean {
    const [unpadded, to] = withoutPadding(flags, bytes, begin, end);
    const from = (flags & FLAG.priority) === 0 ? unpadded : unpadded + 5;
    if (from > to) return this.#connection.fail("PROTOCOL_ERROR", "padding longer than its frame");
    if (this.#connection.isUnknown(id)) {
      return this.#connection.fail("PROTOCOL_ERROR", "headers on a stream that was never opened");
    }
    const endsStream = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) return this.#onBlock(id, endsStream, bytes, from, to);
    return this.#orCompression(() => this.#blocks.begin(id, endsStream, bytes, from, to));
  }

  #onContinuation(flags: number, bytes: Buffer, from: number, to: number): boolean {
    const { streamId, endsStream } = this.#blocks;
    if (streamId === 0) return this.#connection.fail("PROTOCOL_ERROR", "a continuation of nothing");
    if (!this.#orCompression(() => this.#blocks.goOn(bytes, from, to))) return false;
    if ((flags & FLAG.endHeaders) === 0) return true;
    const block = this.#blocks.end();
    return this.#onBlock(streamId, endsStream, block, 0, block.length);
  }

  #onBlock(id: number, endsStream: boolean, bytes: Buffer, from: number, to: number): boolean {
    const stream = this.#connection.streamOf(id);
    return this.#orCompression(() => {
      if (stream !== undefined && !stream.hasHead) this.#onHead(stream, endsStream, bytes, from, to);
      // Read in any case: what follows depends on it.
      else this.#onTrailers(stream, endsStream, this.#blocks.readFields(bytes, from, to));
    });
  }

  #onHead(stream: Http2Stream, endsStream: boolean, bytes: Buffer, from: number, to: number): void {
    const head = this.#blocks.readHead(bytes, from, to);
    if (typeof head === "string") {
      this.#connection.malformed(stream, head);
      return;
    }
    const { status, headers, contentLength } = head;
    if (status < 200) {
      if (status === 101 || endsStream) this.#connection.malformed(stream, `status ${status}`);
      return;
    }
    const hasNoBody = stream.user.isHead || status === 204 || status === 304;
    stream.hasHead = true;
    stream.announcedBytes = hasNoBody ? 0 : contentLength;
    const problem = stream.user.head(status, headers);
    if (stream.isOver) return;
    if (problem !== null) this.#connection.unwanted(stream, problem);
    else if (endsStream) this.#connection.whole(stream, NO_TRAILERS);
  }

  #onTrailers(stream: Http2Stream | undefined, endsStream: boolean, fields: readonly string[] | null): void {
    if (stream === undefined) return;
    if (fields === null) this.#connection.malformed(stream, "trailers of more than 80 KiB");
    else if (!endsStream) this.#connection.malformed(stream, "headers within the body");
    else {
      const problem = fieldProblem(fields);
      if (problem === null) this.#connection.whole(stream, fields);
      else this.#connection.malformed(stream, problem);
    }
  }

  /** Runs what reads blocks of headers. @returns false when nothing more is to be read. */
  #orCompression(read: () => void): boolean {
    try {
      read();
    } catch (error) {
      if (error instanceof HeaderBlockError) return this.#connection.fail("COMPRESSION_ERROR", error.message);
      throw error;
    }
    return this.#connection.isOpen();
  }

  #onReset(id: number, bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== 4) return this.#connection.fail("FRAME_SIZE_ERROR", "RST_STREAM");
    if (this.#connection.isUnknown(id))
      return this.#connection.fail("PROTOCOL_ERROR", "RST_STREAM of a stream that was never opened");
    const stream = this.#connection.streamOf(id);
    if (stream === undefined) return true;
    this.#connection.wasReset(stream, errorName(bytes.readUInt32BE(from)));
    return this.#connection.isOpen();
  }

  #onSettings(flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if (id !== 0) return this.#connection.fail("PROTOCOL_ERROR", "SETTINGS on a stream");
    if ((flags & FLAG.ack) !== 0) {
      return to === from || this.#connection.fail("FRAME_SIZE_ERROR", "SETTINGS");
    }
    if ((to - from) % 6 !== 0) return this.#connection.fail("FRAME_SIZE_ERROR", "SETTINGS");
    if (!this.#isHeard()) return false;
    const before = this.#peer.windowBytes;
    const problem = this.#peer.read(bytes, from, to);
    if (problem !== null) return this.#connection.fail(problem, "a value in SETTINGS");
    for (const stream of this.#connection.streams()) {
      stream.sendWindow += this.#peer.windowBytes - before;
      if (stream.sendWindow > LARGEST_WINDOW_BYTES)
        return this.#connection.fail("FLOW_CONTROL_ERROR", "SETTINGS");
    }
    this.#output.numbers(FRAME.settings, FLAG.ack, 0);
    this.#hasSettings = true;
    this.#flow.resume();
    this.#connection.settled();
    return this.#connection.isOpen();
  }

  #onPing(flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if (id !== 0) return this.#connection.fail("PROTOCOL_ERROR", "PING on a stream");
    if (to - from !== 8) return this.#connection.fail("FRAME_SIZE_ERROR", "PING");
    if ((flags & FLAG.ack) !== 0) return true;
    if (!this.#isHeard()) return false;
    this.#output.frame(FRAME.ping, FLAG.ack, 0, bytes, from, to);
    return true;
  }

  /** Ends the connection with a peer that asks again and again, and never reads the answers. */
  #isHeard(): boolean {
    if (this.#connection.unsentBytes() <= MOST_UNREAD_BYTES) return true;
    return this.#connection.fail("ENHANCE_YOUR_CALM", "frames to answer, and nobody reads the answers");
  }

  #onGoaway(id: number, bytes: Buffer, from: number, to: number): boolean {
    if (id !== 0) return this.#connection.fail("PROTOCOL_ERROR", "GOAWAY on a stream");
    if (to - from < 8) return this.#connection.fail("FRAME_SIZE_ERROR", "GOAWAY");
    const lastId = bytes.readUInt32BE(from) & 0x7fff_ffff;
    this.#connection.goesAway(lastId, errorName(bytes.readUInt32BE(from + 4)));
    return this.#connection.isOpen();
  }

  #onWindowUpdate(id: number, bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== 4) return this.#connection.fail("FRAME_SIZE_ERROR", "WINDOW_UPDATE");
    const more = bytes.readUInt32BE(from) & 0x7fff_ffff;
    if (id === 0) {
      if (more === 0) return this.#connection.fail("PROTOCOL_ERROR", "a window that grows by nothing");
      return (
        this.#flow.widen(more) || this.#connection.fail("FLOW_CONTROL_ERROR", "a window that is too large")
      );
    }
    if (this.#connection.isUnknown(id)) {
      return this.#connection.fail("PROTOCOL_ERROR", "a window of a stream that was never opened");
    }
    const stream = this.#connection.streamOf(id);
    if (stream === undefined) return true;
    if (more === 0) this.#connection.malformed(stream, "a window that grows by nothing");
    else if (!this.#flow.widenStream(stream, more)) {
      this.#connection.malformed(stream, "a window that is too large", "FLOW_CONTROL_ERROR");
    }
    return this.#connection.isOpen();
  }
}

/** @returns the payload's begin and end. The begin is behind the end when the padding is longer than the frame. */
function withoutPadding(flags: number, bytes: Buffer, from: number, to: number): readonly [number, number] {
  if ((flags & FLAG.padded) === 0) return [from, to];
  if (from === to) return [1, 0];
  return [from + 1, to - bytes[from]!];
}
