import { FLAG, FRAME, FRAME_HEAD_BYTES } from "../../../http2/frames/frame-types.js";
import { BlockReader } from "./frames/block-reader.js";
import { DROPPED, type FrameLook, GATHERED, NO_BYTES, WAITING } from "./frames/frame-stream.js";
import { dataBytesIn, dataOf, frameOf, onStream } from "./frames/own-frames.js";
import { fieldOf, type HeaderBlock, withoutFrames } from "./frames/relayed-blocks.js";
import type { AnswerCut, AnswerSwap, RelayedStream } from "./relayed-stream.js";
import type { StreamHost } from "./stream-host.js";

/** Looks at what the upstream sends. */
export class AnswerFrames implements FrameLook {
  readonly #host: StreamHost;
  readonly #blockReader: BlockReader;

  constructor(host: StreamHost) {
    this.#host = host;
    this.#blockReader = new BlockReader(host.answerBlocks, {
      onBlock: (block) => this.#block(block),
      onUnreadable: (frame) => host.unreadable(frame),
    });
  }

  onFrame(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    const { streams } = this.#host;
    switch (type) {
      case FRAME.headers:
      case FRAME.pushPromise:
      case FRAME.continuation:
        return this.#blockReader.read(type, flags, streamId, frame);
      case FRAME.settings:
        if ((flags & FLAG.ack) !== 0) this.#host.settingsTaken();
        return null;
      case FRAME.goaway:
        if (frame.length >= FRAME_HEAD_BYTES + 4) {
          const lastId = frame.readUInt32BE(FRAME_HEAD_BYTES) & 0x7fff_ffff;
          const toldId = this.#host.goingAway.told(lastId);
          if (toldId !== lastId) frame.writeUInt32BE(toldId, FRAME_HEAD_BYTES);
        }
        return null;
      case FRAME.data:
      case FRAME.rstStream: {
        const stream = streams.ofUpstream(streamId);
        if (!stream) return onStream(frame, streams.towardsClient(streamId));
        if (stream.heldAnswer) {
          stream.heldAnswer.push(Buffer.from(frame));
          this.#host.kept("answer", dataBytesIn([frame]));
          return NO_BYTES;
        }
        return this.#pass(stream, frame);
      }
      case FRAME.priority:
        return streams.areTouched ? NO_BYTES : null;
      default:
        return streamId === 0 ? null : onStream(frame, streams.towardsClient(streamId));
    }
  }

  onData(_flags: number, streamId: number, payloadBytes: number): number {
    const { streams, windows } = this.#host;
    const stream = streams.ofUpstream(streamId);
    const target = streams.towardsClient(streamId);
    const goesOn = target !== DROPPED && stream?.edit?.kind !== "swap";
    if (goesOn && !windows.hasRoomFor(payloadBytes)) return WAITING;
    if (stream?.heldAnswer || stream?.edit) return GATHERED;
    if (target === DROPPED) this.#host.creditUpstream(payloadBytes);
    else windows.passed(payloadBytes);
    return target;
  }

  onWaiting(rest: Buffer): void {
    this.#host.wait(rest);
  }

  onPayload(): void {}

  onDataEnd(flags: number, streamId: number): void {
    const stream = this.#host.streams.ofUpstream(streamId);
    if (stream && (flags & FLAG.endStream) !== 0) this.#host.answerEnded(stream);
  }

  onOversized(): void {
    this.#host.unreadable(NO_BYTES);
  }

  /** An answer has been held long enough. */
  release(stream: RelayedStream): void {
    const held = stream.heldAnswer ?? [];
    stream.heldAnswer = null;
    this.#host.kept("answer", -dataBytesIn(held));
    stream.isReleased = true;
    for (const [at, one] of held.entries()) {
      const bytes = Buffer.isBuffer(one) ? (this.#pass(stream, one) ?? one) : this.#passBlock(stream, one);
      this.#host.towardsClient.insert(bytes);
      if (this.#host.streams.ofUpstream(stream.upstreamId) !== stream) {
        // It is over: what is left goes nowhere.
        this.#host.creditUpstream(dataBytesIn(held.slice(at + 1)));
        return;
      }
    }
  }

  /** Some of the rules that hold an answer may be gone. */
  rulesGone(stream: RelayedStream): void {
    if (!stream.heldAnswer || !stream.deed) return;
    const heldMs = this.#host.gateway.nowMs() - stream.answerHeldAtMs;
    this.#host.after(stream, Math.max(0, stream.deed.answerDelayMs - heldMs), () => this.release(stream));
  }

  /** @returns what goes on of a block. */
  #block(block: HeaderBlock): Buffer {
    const { streams, answerBlocks } = this.#host;
    const stream = streams.ofUpstream(block.streamId);
    if (!stream || block.promisedId !== null) {
      const target = streams.towardsClient(block.streamId);
      if (target !== DROPPED) return answerBlocks.written(block, target);
      answerBlocks.rewrite();
      return NO_BYTES;
    }
    if (stream.heldAnswer) {
      stream.heldAnswer.push(withoutFrames(block));
      return NO_BYTES;
    }
    const { deed } = stream;
    if (!deed || deed.answerDelayMs === 0 || stream.isReleased || isInformational(block)) {
      return this.#passBlock(stream, block);
    }
    // Answers behind it may build on these headers, which the client gets later.
    this.#host.touch();
    answerBlocks.rewrite();
    stream.heldAnswer = [withoutFrames(block)];
    stream.answerHeldAtMs = this.#host.gateway.nowMs();
    deed.answerDelayed();
    this.#host.after(stream, deed.answerDelayMs, () => this.release(stream));
    return NO_BYTES;
  }

  #passBlock(stream: RelayedStream, block: HeaderBlock): Buffer {
    const { answerBlocks } = this.#host;
    let { list } = block;
    if (!stream.isAnswerBegun && !isInformational(block)) {
      stream.isAnswerBegun = true;
      const edited = stream.editedAnswer(list, block.endsStream);
      stream.edit = edited.edit;
      list = edited.list;
    }
    const { edit } = stream;
    if (edit?.kind === "swap") return this.#swapBlock(stream, edit, { ...block, list });
    if (block.endsStream && edit?.cutsEnd) {
      answerBlocks.rewrite();
      stream.answerEnded = true;
      return this.#host.cut(stream);
    }
    stream.answeredWith(block.list);
    const bytes = answerBlocks.written(block, stream.clientId);
    if (block.endsStream) this.#host.answerEnded(stream);
    return bytes;
  }

  /** The body behind these headers is another than the upstream's, or they are its trailers, which are left out. */
  #swapBlock(stream: RelayedStream, swap: AnswerSwap, block: HeaderBlock): Buffer {
    const { answerBlocks, towardsClient } = this.#host;
    this.#host.touch();
    answerBlocks.rewrite();
    if (block.endsStream) {
      this.#swapped(stream, swap, NO_BYTES, true);
      return NO_BYTES;
    }
    stream.answeredWith(block.list);
    // Its body may go at once, and goes behind it.
    towardsClient.insert(answerBlocks.written(block, stream.clientId));
    this.#swapped(stream, swap, NO_BYTES, false);
    return NO_BYTES;
  }

  #swapped(stream: RelayedStream, swap: AnswerSwap, data: Buffer, isOver: boolean): void {
    const given = swap.take(data, isOver);
    if (given) this.#host.ownAnswers.giveBody(stream, given);
    if (isOver) this.#host.swappedEnded(stream);
  }

  /** A whole frame of DATA, or the end of the stream. @returns null: it goes on as it is. */
  #pass(stream: RelayedStream, frame: Buffer): Buffer | null {
    if (frame[3] === FRAME.rstStream) {
      this.#host.finish(stream, "reset");
      return onStream(frame, stream.clientId);
    }
    const endsStream = ((frame[4] ?? 0) & FLAG.endStream) !== 0;
    if (stream.edit?.kind === "swap") {
      const bytes = frame.length - FRAME_HEAD_BYTES;
      this.#host.creditUpstream(bytes);
      if (!endsStream) this.#host.creditUpstream(bytes, stream.upstreamId);
      this.#swapped(stream, stream.edit, dataOf(frame), endsStream);
      return NO_BYTES;
    }
    if (stream.edit) {
      const begun = this.#cutIn(stream, stream.edit, frame);
      if (begun) return begun;
    }
    this.#host.windows.passed(frame.length - FRAME_HEAD_BYTES);
    if (endsStream) this.#host.answerEnded(stream);
    return onStream(frame, stream.clientId);
  }

  /** @returns null: the answer goes on. */
  #cutIn(stream: RelayedStream, cut: AnswerCut, frame: Buffer): Buffer | null {
    const data = dataOf(frame);
    const through = cut.take(data);
    if (through === null) return null;
    this.#host.windows.passed(through);
    this.#host.creditUpstream(frame.length - FRAME_HEAD_BYTES - through);
    const last = through > 0 ? frameOf(FRAME.data, 0, stream.clientId, data.subarray(0, through)) : NO_BYTES;
    return Buffer.concat([last, this.#host.cut(stream)]);
  }
}

/** 103 and the like: the answer is yet to come. */
function isInformational({ list }: HeaderBlock): boolean {
  return fieldOf(list, ":status")?.startsWith("1") === true;
}
