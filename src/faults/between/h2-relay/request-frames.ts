import { FLAG, FRAME, FRAME_HEAD_BYTES } from "../../../http2/frames/frame-types.js";
import { BlockReader } from "./frames/block-reader.js";
import { DROPPED, type FrameLook, GATHERED, NO_BYTES } from "./frames/frame-stream.js";
import { addWindow, dataBytesIn, headerFrames, onStream, windowIn } from "./frames/own-frames.js";
import { type HeaderBlock, withoutFrames } from "./frames/relayed-blocks.js";
import type { RelayedStream } from "./relayed-stream.js";
import type { StreamHost } from "./stream-host.js";

/** How long the rest of a request that gets an answer of ours is waited for. */
const LONGEST_WAIT_MS = 10;
/** How long the rest of a message of such a request is waited for, once the message has begun to come. */
const LONGEST_MESSAGE_WAIT_MS = 100;
/**
 * How long a client may send nothing of a request that is read whole. The client may itself wait: for leave to go on, or for
 * the answer.
 */
const LONGEST_SILENCE_MS = 500;

/** Looks at what the client sends. */
export class RequestFrames implements FrameLook {
  readonly #host: StreamHost;
  readonly #blockReader: BlockReader;
  /** The stream whose DATA is coming. */
  #sender: RelayedStream | null = null;

  constructor(host: StreamHost) {
    this.#host = host;
    this.#blockReader = new BlockReader(host.requestBlocks, {
      onBlock: (block) => this.#block(block),
      onUnreadable: (frame) => host.unreadable(frame),
    });
  }

  onFrame(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    const { streams } = this.#host;
    switch (type) {
      case FRAME.headers:
      case FRAME.continuation:
        return this.#blockReader.read(type, flags, streamId, frame);
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) this.#host.clientSettings(frame);
        return null;
      case FRAME.rstStream: {
        const stream = streams.ofClient(streamId);
        const target = streams.towardsUpstream(streamId);
        if (stream) this.#host.finish(stream, "given_up");
        // The upstream does not know of it.
        return stream?.upstreamId === 0 ? NO_BYTES : onStream(frame, target);
      }
      case FRAME.data:
      case FRAME.windowUpdate: {
        const stream = streams.ofClient(streamId);
        if (type === FRAME.windowUpdate) return this.#windowUpdate(streamId, stream, frame);
        if (!stream?.heldRequest) return onStream(frame, streams.towardsUpstream(streamId));
        stream.isFrameBegun = false;
        stream.heldRequest.push(Buffer.from(frame));
        this.#host.kept("request", frame.length - FRAME_HEAD_BYTES);
        stream.addBody(frame.subarray(FRAME_HEAD_BYTES));
        if ((flags & FLAG.endStream) !== 0) this.#ended(stream);
        return NO_BYTES;
      }
      case FRAME.priority:
        // It names streams that may have other numbers, and servers may ignore it.
        return streams.areTouched ? NO_BYTES : null;
      default:
        return streamId === 0 ? null : onStream(frame, streams.towardsUpstream(streamId));
    }
  }

  onData(flags: number, streamId: number, payloadBytes: number): number {
    const { streams } = this.#host;
    const stream = streams.ofClient(streamId);
    if (stream?.heldRequest) {
      stream.isFrameBegun = true;
      return GATHERED;
    }
    const target = stream?.upstreamId === 0 ? DROPPED : streams.towardsUpstream(streamId);
    this.#sender = stream ?? null;
    if (target === DROPPED) {
      this.#host.creditClient(payloadBytes);
      if (stream?.isSwallowed && (flags & FLAG.endStream) === 0) {
        this.#host.creditClient(payloadBytes, streamId);
        this.#awaitRest(stream);
      }
    }
    return target;
  }

  onPayload(bytes: Buffer): void {
    this.#sender?.addBody(bytes);
    if (this.#sender?.isSwallowed) this.#awaitRest(this.#sender);
  }

  onDataEnd(flags: number, streamId: number): void {
    this.#sender = null;
    const stream = this.#host.streams.ofClient(streamId);
    if (stream && (flags & FLAG.endStream) !== 0) this.#ended(stream);
  }

  onWaiting(): void {}

  onOversized(): void {
    this.#host.unreadable(NO_BYTES);
  }

  /** @returns what goes on of a block. */
  #block(block: HeaderBlock): Buffer {
    const { streams, requestBlocks } = this.#host;
    const stream = streams.ofClient(block.streamId);
    if (!stream) {
      if (block.streamId > streams.lastClientId && block.streamId % 2 === 1) return this.#newStream(block);
      // Of a stream that is closed: what it means is for the upstream to say, if it knows that stream.
      if (!streams.areTouched) return requestBlocks.written(block, block.streamId);
      requestBlocks.rewrite();
      return NO_BYTES;
    }
    // Trailers.
    if (stream.heldRequest || stream.upstreamId === 0) {
      stream.heldRequest?.push(withoutFrames(block));
      if (block.endsStream) this.#ended(stream);
      return NO_BYTES;
    }
    const bytes = requestBlocks.written(block, stream.upstreamId);
    if (block.endsStream) this.#ended(stream);
    return bytes;
  }

  #ended(stream: RelayedStream): void {
    this.#host.requestEnded(stream);
    if (stream.deed?.own && (stream.isSwallowed || stream.deed.delayMs === 0))
      this.#host.ownAnswers.answer(stream);
  }

  #windowUpdate(streamId: number, stream: RelayedStream | undefined, frame: Buffer): Buffer | null {
    const { streams, windows } = this.#host;
    if (streamId === 0) {
      const goesOn = windows.widened(frame);
      this.#host.widened();
      return goesOn ? null : NO_BYTES;
    }
    if (!stream) return onStream(frame, streams.towardsUpstream(streamId));
    if (frame.length === FRAME_HEAD_BYTES + 4) stream.widenedBytes += windowIn(frame);
    if (stream.isGiven) this.#host.widened();
    if (!stream.heldRequest) return onStream(frame, streams.towardsUpstream(streamId));
    addWindow(stream.heldRequest, frame);
    return NO_BYTES;
  }

  #newStream(block: HeaderBlock): Buffer {
    const { streams, requestBlocks, view, gateway, number, mayAct } = this.#host;
    const { list, streamId, endsStream } = block;
    const begin = { clientId: streamId, head: list, connection: number, startMs: gateway.nowMs() };
    const stream = view.begin(begin, mayAct);
    const { deed } = stream;
    stream.requestEnded = endsStream;
    streams.add(stream);
    gateway.began(stream);
    if (deed && (deed.own || deed.delayMs > 0)) {
      // Headers behind it may build on these, which the upstream does not see now.
      this.#host.touch();
      requestBlocks.rewrite();
      if (deed.own && deed.delayMs === 0 && (endsStream || stream.isReadWhole)) {
        stream.isSwallowed = true;
        if (endsStream) this.#host.ownAnswers.answer(stream);
        else this.#awaitRest(stream);
        return NO_BYTES;
      }
      stream.heldRequest = [withoutFrames(block)];
      this.#hold(stream, deed.delayMs);
      return NO_BYTES;
    }
    this.#host.streams.open(stream);
    return requestBlocks.written(block, stream.upstreamId);
  }

  /** Some of the rules that hold a stream, or answer it, may be gone. */
  rulesGone(stream: RelayedStream): void {
    if (!stream.heldRequest || !stream.deed) return;
    const heldMs = this.#host.gateway.nowMs() - stream.startMs;
    this.#hold(stream, Math.max(0, stream.deed.delayMs - heldMs));
  }

  #hold(stream: RelayedStream, ms: number): void {
    // With the whole of a stream it can be known again. A stream may wait for an answer, so its end is not waited for.
    const isAtOnce = stream.deed?.own && ms === 0;
    this.#host.after(stream, isAtOnce ? LONGEST_WAIT_MS : ms, () => {
      if (isAtOnce && (stream.isFrameBegun || stream.endsWithin(stream.heldRequest ?? []))) {
        this.#host.after(stream, LONGEST_MESSAGE_WAIT_MS, () => this.#goOn(stream));
      } else this.#goOn(stream);
    });
  }

  #awaitRest(stream: RelayedStream): void {
    this.#host.after(stream, LONGEST_SILENCE_MS, () => this.#host.ownAnswers.answer(stream));
  }

  #goOn(stream: RelayedStream): void {
    if (stream.deed?.own) this.#host.ownAnswers.answer(stream);
    else this.#release(stream);
  }

  /** A request has been held long enough. */
  #release(stream: RelayedStream): void {
    const { requestBlocks, towardsUpstream } = this.#host;
    const held = stream.heldRequest ?? [];
    stream.heldRequest = null;
    this.#host.kept("request", -dataBytesIn(held));
    this.#host.streams.open(stream);
    for (const one of held) {
      const bytes = Buffer.isBuffer(one)
        ? (onStream(one, stream.upstreamId) ?? one)
        : headerFrames({
            streamId: stream.upstreamId,
            block: requestBlocks.encode(one.list),
            endsStream: one.endsStream,
          });
      towardsUpstream.insert(bytes);
    }
  }
}
