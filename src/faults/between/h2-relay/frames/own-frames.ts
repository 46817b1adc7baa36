import {
  errorCode,
  FLAG,
  FRAME,
  FRAME_HEAD_BYTES,
  type Http2ErrorName,
  USUAL_PAYLOAD_BYTES,
} from "../../../../http2/frames/frame-types.js";
import { DROPPED, NO_BYTES } from "./frame-stream.js";

export function frameOf(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

export interface OwnBlock {
  readonly streamId: number;
  readonly block: Buffer;
  readonly endsStream: boolean;
  /** PUSH_PROMISE: the stream that it promises. */
  readonly promisedId?: number | null;
}

/** A block of headers, in as many frames as it takes. Any peer takes frames of that size. */
export function headerFrames({ streamId, block, endsStream, promisedId = null }: OwnBlock): Buffer {
  const payload = promisedId === null ? block : Buffer.concat([number32(promisedId), block]);
  const begin = promisedId === null ? FRAME.headers : FRAME.pushPromise;
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += USUAL_PAYLOAD_BYTES) {
    const part = payload.subarray(at, at + USUAL_PAYLOAD_BYTES);
    const isLast = at + part.length >= payload.length;
    const flags = (isLast ? FLAG.endHeaders : 0) | (at === 0 && endsStream ? FLAG.endStream : 0);
    frames.push(frameOf(at === 0 ? begin : FRAME.continuation, flags, streamId, part));
  }
  return frames.length === 1 && frames[0] ? frames[0] : Buffer.concat(frames);
}

export function resetFrame(streamId: number, error: Http2ErrorName): Buffer {
  return frameOf(FRAME.rstStream, 0, streamId, number32(errorCode(error)));
}

/** Gives back what a window of the sender's has lost to bytes that went no further. @param streamId 0: that of the connection. */
export function creditFrame(bytes: number, streamId = 0): Buffer {
  return frameOf(FRAME.windowUpdate, 0, streamId, number32(bytes));
}

function number32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A frame with the number of its stream on the other side. @returns null: it goes on, and was changed where it is. */
export function onStream(frame: Buffer, streamId: number): Buffer | null {
  if (streamId === DROPPED) return NO_BYTES;
  if ((frame.readUInt32BE(5) & 0x7fff_ffff) !== streamId) frame.writeUInt32BE(streamId, 5);
  return null;
}

/** What a frame of DATA carries, without its padding. */
export function dataOf(frame: Buffer): Buffer {
  const isPadded = ((frame[4] ?? 0) & FLAG.padded) !== 0;
  if (!isPadded) return frame.subarray(FRAME_HEAD_BYTES);
  const from = FRAME_HEAD_BYTES + 1;
  return frame.subarray(from, Math.max(from, frame.length - (frame[FRAME_HEAD_BYTES] ?? 0)));
}

/** What frames of DATA among these take of a window, padding included. */
export function dataBytesIn(frames: readonly unknown[]): number {
  let sum = 0;
  for (const frame of frames) {
    if (Buffer.isBuffer(frame) && frame[3] === FRAME.data) sum += frame.length - FRAME_HEAD_BYTES;
  }
  return sum;
}

const MOST_WINDOW_BYTES = 0x7fff_ffff;

/** Adds a WINDOW_UPDATE to frames that wait: there is one of them at the most. */
export function addWindow(held: unknown[], frame: Buffer): void {
  const before = held.find(
    (one): one is Buffer =>
      Buffer.isBuffer(one) && one[3] === FRAME.windowUpdate && one.length === frame.length,
  );
  if (!before || frame.length !== FRAME_HEAD_BYTES + 4) {
    held.push(Buffer.from(frame));
    return;
  }
  const sum = windowIn(before) + windowIn(frame);
  before.writeUInt32BE(Math.min(sum, MOST_WINDOW_BYTES), FRAME_HEAD_BYTES);
}

/** The bytes that a WINDOW_UPDATE adds to a window. */
export function windowIn(frame: Buffer): number {
  return frame.readUInt32BE(FRAME_HEAD_BYTES) & MOST_WINDOW_BYTES;
}

const HEADER_TABLE_SIZE = 1;

/** The smallest table of headers that SETTINGS ask for. @returns null when they do not say. */
export function tableBytesIn(frame: Buffer): number | null {
  const all = settingsIn(frame, HEADER_TABLE_SIZE);
  return all.length === 0 ? null : Math.min(...all);
}

/** The value that SETTINGS have for an identifier. @returns null when they do not say. */
export function settingIn(frame: Buffer, id: number): number | null {
  return settingsIn(frame, id).at(-1) ?? null;
}

function settingsIn(frame: Buffer, id: number): readonly number[] {
  const values: number[] = [];
  for (let at = FRAME_HEAD_BYTES; at + 6 <= frame.length; at += 6) {
    if (frame.readUInt16BE(at) === id) values.push(frame.readUInt32BE(at + 2));
  }
  return values;
}
