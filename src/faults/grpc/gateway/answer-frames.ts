import { FLAG, FRAME, FRAME_HEAD_BYTES } from "../../../http2/frames/frame-types.js";
import { HeaderBlockError } from "../../../http2/hpack/header-decoder.js";
import type { CallHost } from "./call-host.js";
import { DROPPED, type FrameLook, GATHERED, NO_BYTES } from "./frames/frame-stream.js";
import { dataBytesIn, dataOf, frameOf, onStream } from "./frames/own-frames.js";
import { fieldOf, type HeaderBlock, withoutFrames } from "./frames/relayed-blocks.js";
import type { MessageCount } from "./message-count.js";
import type { RelayedCall } from "./relayed-call.js";

/** Looks at what the upstream sends. */
export class AnswerFrames implements FrameLook {
  readonly #host: CallHost;

  constructor(host: CallHost) {
    this.#host = host;
  }

  onFrame(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    const { streams } = this.#host;
    switch (type) {
      case FRAME.headers:
      case FRAME.pushPromise:
      case FRAME.continuation:
        return this.#headers(type, flags, streamId, frame);
      case FRAME.settings:
        if ((flags & FLAG.ack) !== 0) this.#host.settingsTaken();
        return null;
      case FRAME.goaway:
        if (frame.length >= FRAME_HEAD_BYTES + 4) {
          const lastId = frame.readUInt32BE(FRAME_HEAD_BYTES) & 0x7fff_ffff;
          const toldId = this.#host.goingAway(lastId);
          if (toldId !== lastId) frame.writeUInt32BE(toldId, FRAME_HEAD_BYTES);
        }
        return null;
      case FRAME.data:
      case FRAME.rstStream: {
        const call = streams.ofUpstream(streamId);
        if (!call) return onStream(frame, streams.towardsClient(streamId));
        if (call.heldAnswer) {
          call.heldAnswer.push(Buffer.from(frame));
          this.#host.kept("answer", dataBytesIn([frame]));
          return NO_BYTES;
        }
        return this.#pass(call, frame);
      }
      case FRAME.priority:
        return streams.areTouched ? NO_BYTES : null;
      default:
        return streamId === 0 ? null : onStream(frame, streams.towardsClient(streamId));
    }
  }

  onData(_flags: number, streamId: number, payloadBytes: number): number {
    const { streams } = this.#host;
    const call = streams.ofUpstream(streamId);
    if (call?.heldAnswer || call?.messages) return GATHERED;
    const target = streams.towardsClient(streamId);
    if (target === DROPPED) this.#host.creditUpstream(payloadBytes);
    return target;
  }

  onPayload(): void {}

  onDataEnd(flags: number, streamId: number): void {
    const call = this.#host.streams.ofUpstream(streamId);
    if (call && (flags & FLAG.endStream) !== 0) this.#host.answerEnded(call);
  }

  onOversized(): void {
    this.#host.unreadable(NO_BYTES);
  }

  /** An answer has been held long enough. */
  release(call: RelayedCall): void {
    const held = call.heldAnswer ?? [];
    call.heldAnswer = null;
    this.#host.kept("answer", -dataBytesIn(held));
    call.isReleased = true;
    for (const [at, one] of held.entries()) {
      const bytes = Buffer.isBuffer(one) ? (this.#pass(call, one) ?? one) : this.#passBlock(call, one);
      this.#host.towardsClient.insert(bytes);
      if (this.#host.streams.ofUpstream(call.upstreamId) !== call) {
        // It is over: what is left goes nowhere.
        this.#host.creditUpstream(dataBytesIn(held.slice(at + 1)));
        return;
      }
    }
  }

  /** Some of the rules that hold an answer may be gone. */
  rulesGone(call: RelayedCall): void {
    if (!call.heldAnswer || !call.deed) return;
    const heldMs = this.#host.gateway.nowMs() - call.answerHeldAtMs;
    this.#host.after(call, Math.max(0, call.deed.answerDelayMs - heldMs), () => this.release(call));
  }

  #headers(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    const { answerBlocks } = this.#host;
    try {
      const block = answerBlocks.take(type, flags, streamId, frame);
      if (block === null) return NO_BYTES;
      const bytes = this.#block(block);
      return bytes === frame ? null : bytes;
    } catch (error) {
      if (!(error instanceof HeaderBlockError)) throw error;
      const held = answerBlocks.takeHeld();
      this.#host.unreadable(frame);
      return held.length === 0 ? null : Buffer.concat([...held, frame]);
    }
  }

  /** @returns what goes on of a block. */
  #block(block: HeaderBlock): Buffer {
    const { streams, answerBlocks } = this.#host;
    const call = streams.ofUpstream(block.streamId);
    if (!call || block.promisedId !== null) {
      const target = streams.towardsClient(block.streamId);
      if (target !== DROPPED) return answerBlocks.written(block, target);
      answerBlocks.rewrite();
      return NO_BYTES;
    }
    if (call.heldAnswer) {
      call.heldAnswer.push(withoutFrames(block));
      return NO_BYTES;
    }
    const { deed } = call;
    if (!deed || deed.answerDelayMs === 0 || call.isReleased || isInformational(block)) {
      return this.#passBlock(call, block);
    }
    // Answers behind it may build on these headers, which the client gets later.
    this.#host.touch();
    answerBlocks.rewrite();
    call.heldAnswer = [withoutFrames(block)];
    call.answerHeldAtMs = this.#host.gateway.nowMs();
    deed.answerDelayed();
    this.#host.after(call, deed.answerDelayMs, () => this.release(call));
    return NO_BYTES;
  }

  #passBlock(call: RelayedCall, block: HeaderBlock): Buffer {
    const { answerBlocks } = this.#host;
    if (block.endsStream && call.messages?.areAllThrough) {
      answerBlocks.rewrite();
      call.answerEnded = true;
      return this.#host.cut(call);
    }
    call.answeredWith(block.list);
    const bytes = answerBlocks.written(block, call.clientId);
    if (block.endsStream) this.#host.answerEnded(call);
    return bytes;
  }

  /** A whole frame of DATA, or the end of the stream. @returns null: it goes on as it is. */
  #pass(call: RelayedCall, frame: Buffer): Buffer | null {
    if (frame[3] === FRAME.rstStream) {
      this.#host.finish(call, "reset");
      return onStream(frame, call.clientId);
    }
    if (call.messages) {
      const begun = this.#cutIn(call, call.messages, frame);
      if (begun) return begun;
    }
    if (((frame[4] ?? 0) & FLAG.endStream) !== 0) this.#host.answerEnded(call);
    return onStream(frame, call.clientId);
  }

  /** @returns null: the answer goes on. */
  #cutIn(call: RelayedCall, messages: MessageCount, frame: Buffer): Buffer | null {
    const data = dataOf(frame);
    const through = messages.take(data);
    if (through === null) return null;
    this.#host.creditUpstream(frame.length - FRAME_HEAD_BYTES - through);
    const last = through > 0 ? frameOf(FRAME.data, 0, call.clientId, data.subarray(0, through)) : NO_BYTES;
    return Buffer.concat([last, this.#host.cut(call)]);
  }
}

/** 103 and the like: the answer is yet to come. */
function isInformational({ list }: HeaderBlock): boolean {
  return fieldOf(list, ":status")?.startsWith("1") === true;
}
