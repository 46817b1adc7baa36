import { FLAG, FRAME, FRAME_HEAD_BYTES } from "../../../http2/frames/frame-types.js";
import { HeaderBlockError } from "../../../http2/hpack/header-decoder.js";
import type { CallHost } from "./call-host.js";
import { DROPPED, type FrameLook, GATHERED, NO_BYTES } from "./frames/frame-stream.js";
import { addWindow, dataBytesIn, headerFrames, onStream, tableBytesIn } from "./frames/own-frames.js";
import { type HeaderBlock, withoutFrames } from "./frames/relayed-blocks.js";
import { endsWithinMessage, MessageCount } from "./message-count.js";
import { isGrpc, RelayedCall } from "./relayed-call.js";

/** For the rest of a call that gets an answer of ours. */
const LONGEST_WAIT_MS = 10;
/** For the rest of a message of it that has begun to come. */
const LONGEST_MESSAGE_WAIT_MS = 100;

/** Looks at what the client sends. */
export class RequestFrames implements FrameLook {
  readonly #host: CallHost;
  /** Whose DATA comes. */
  #sender: RelayedCall | null = null;

  constructor(host: CallHost) {
    this.#host = host;
  }

  onFrame(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    const { streams } = this.#host;
    switch (type) {
      case FRAME.headers:
      case FRAME.continuation:
        return this.#headers(type, flags, streamId, frame);
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) this.#host.clientSettings(tableBytesIn(frame));
        return null;
      case FRAME.rstStream: {
        const call = streams.ofClient(streamId);
        const target = streams.towardsUpstream(streamId);
        if (call) this.#host.finish(call, "given_up");
        // The upstream does not know of it.
        return call?.upstreamId === 0 ? NO_BYTES : onStream(frame, target);
      }
      case FRAME.data:
      case FRAME.windowUpdate: {
        const call = streams.ofClient(streamId);
        if (!call?.heldRequest) return onStream(frame, streams.towardsUpstream(streamId));
        if (type === FRAME.windowUpdate) {
          addWindow(call.heldRequest, frame);
          return NO_BYTES;
        }
        call.isFrameBegun = false;
        call.heldRequest.push(Buffer.from(frame));
        this.#host.kept("request", frame.length - FRAME_HEAD_BYTES);
        call.addBody(frame.subarray(FRAME_HEAD_BYTES));
        if ((flags & FLAG.endStream) !== 0) this.#ended(call);
        return NO_BYTES;
      }
      case FRAME.priority:
        // It names streams that may have other numbers, and servers may ignore it.
        return streams.areTouched ? NO_BYTES : null;
      default:
        return streamId === 0 ? null : onStream(frame, streams.towardsUpstream(streamId));
    }
  }

  onData(_flags: number, streamId: number, payloadBytes: number): number {
    const { streams } = this.#host;
    const call = streams.ofClient(streamId);
    if (call?.heldRequest) {
      call.isFrameBegun = true;
      return GATHERED;
    }
    const target = call?.upstreamId === 0 ? DROPPED : streams.towardsUpstream(streamId);
    this.#sender = call ?? null;
    if (target === DROPPED) this.#host.creditClient(payloadBytes);
    return target;
  }

  onPayload(bytes: Buffer): void {
    this.#sender?.addBody(bytes);
  }

  onDataEnd(flags: number, streamId: number): void {
    this.#sender = null;
    const call = this.#host.streams.ofClient(streamId);
    if (call && (flags & FLAG.endStream) !== 0) this.#ended(call);
  }

  onOversized(): void {
    this.#host.unreadable(NO_BYTES);
  }

  #headers(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    const { requestBlocks } = this.#host;
    try {
      const block = requestBlocks.take(type, flags, streamId, frame);
      if (block === null) return NO_BYTES;
      const bytes = this.#block(block);
      return bytes === frame ? null : bytes;
    } catch (error) {
      if (!(error instanceof HeaderBlockError)) throw error;
      const held = requestBlocks.takeHeld();
      this.#host.unreadable(frame);
      return held.length === 0 ? null : Buffer.concat([...held, frame]);
    }
  }

  /** @returns what goes on of a block. */
  #block(block: HeaderBlock): Buffer {
    const { streams, requestBlocks } = this.#host;
    const call = streams.ofClient(block.streamId);
    if (!call) {
      if (block.streamId > streams.lastClientId && block.streamId % 2 === 1) return this.#newCall(block);
      // Of a stream that is closed: what it means is for the upstream to say, if it knows that stream.
      if (!streams.areTouched) return requestBlocks.written(block, block.streamId);
      requestBlocks.rewrite();
      return NO_BYTES;
    }
    // Trailers.
    if (call.heldRequest || call.upstreamId === 0) {
      call.heldRequest?.push(withoutFrames(block));
      if (block.endsStream) this.#ended(call);
      return NO_BYTES;
    }
    const bytes = requestBlocks.written(block, call.upstreamId);
    if (block.endsStream) this.#ended(call);
    return bytes;
  }

  #ended(call: RelayedCall): void {
    this.#host.requestEnded(call);
    if (call.deed?.own && call.deed.delayMs === 0) this.#host.answerOurselves(call);
  }

  #newCall(block: HeaderBlock): Buffer {
    const { streams, requestBlocks, rules, gateway, number, mayAct } = this.#host;
    const { list, streamId, endsStream } = block;
    const nowMs = gateway.nowMs();
    const deed = mayAct && isGrpc(list) ? rules.deedFor(list, nowMs) : null;
    const call = new RelayedCall(streamId, list, number, nowMs, deed);
    call.requestEnded = endsStream;
    streams.add(call);
    gateway.began(call);
    if (deed && (deed.own || deed.delayMs > 0)) {
      // Headers behind it may build on these, which the upstream does not see now.
      this.#host.touch();
      requestBlocks.rewrite();
      call.heldRequest = [withoutFrames(block)];
      if (deed.own && endsStream && deed.delayMs === 0) this.#host.answerOurselves(call);
      else this.#hold(call, deed.delayMs);
      return NO_BYTES;
    }
    this.#open(call);
    return requestBlocks.written(block, call.upstreamId);
  }

  /** Some of the rules that hold a call, or answer it, may be gone. */
  rulesGone(call: RelayedCall): void {
    if (!call.heldRequest || !call.deed) return;
    const heldMs = this.#host.gateway.nowMs() - call.startMs;
    this.#hold(call, Math.max(0, call.deed.delayMs - heldMs));
  }

  #hold(call: RelayedCall, ms: number): void {
    // With the whole of a call it can be known again. A stream may wait for an answer, so its end is not waited for.
    const isAtOnce = call.deed?.own && ms === 0;
    this.#host.after(call, isAtOnce ? LONGEST_WAIT_MS : ms, () => {
      if (isAtOnce && (call.isFrameBegun || endsWithinMessage(call.heldRequest ?? []))) {
        this.#host.after(call, LONGEST_MESSAGE_WAIT_MS, () => this.#goOn(call));
      } else this.#goOn(call);
    });
  }

  #goOn(call: RelayedCall): void {
    if (call.deed?.own) this.#host.answerOurselves(call);
    else this.#release(call);
  }

  #open(call: RelayedCall): void {
    if (call.deed?.cut) call.messages = new MessageCount(call.deed.cut.after);
    this.#host.streams.open(call);
  }

  /** It has been held long enough. */
  #release(call: RelayedCall): void {
    const { requestBlocks, towardsUpstream } = this.#host;
    const held = call.heldRequest ?? [];
    call.heldRequest = null;
    this.#host.kept("request", -dataBytesIn(held));
    this.#open(call);
    for (const one of held) {
      const bytes = Buffer.isBuffer(one)
        ? (onStream(one, call.upstreamId) ?? one)
        : headerFrames({
            streamId: call.upstreamId,
            block: requestBlocks.encode(one.list),
            endsStream: one.endsStream,
          });
      towardsUpstream.insert(bytes);
    }
  }
}
