import { FLAG, FRAME } from "../../src/http2/frames/frame-types.js";
import { encodeHead, type HeadField } from "../../src/http2/hpack/header-encoder.js";
import { frameBytes } from "./hostile-http2-server.js";
import type { Peer } from "./proxy-line.js";

/** What a client of HTTP/2 begins with. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const settings = (...entries: readonly (readonly [number, number])[]) => {
  const payload = Buffer.alloc(6 * entries.length);
  for (const [at, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, 6 * at);
    payload.writeUInt32BE(value, 6 * at + 2);
  }
  return frameBytes(FRAME.settings, 0, 0, payload);
};

/** The headers of a call, without its content type. */
const HEAD: readonly HeadField[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/shop.Quotes/Get"],
  [":authority", "shop"],
  ["te", "trailers"],
];

export const callHead = (id: number, { contentType = "application/grpc" } = {}) =>
  frameBytes(FRAME.headers, FLAG.endHeaders, id, encodeHead([...HEAD, ["content-type", contentType]]).bytes);

/** DATA of a client or a server. */
export const dataFrame = (id: number, payload: Buffer, { ends = false } = {}) =>
  frameBytes(FRAME.data, ends ? FLAG.endStream : 0, id, payload);

/** A message of gRPC. */
export const message = (payload: Buffer) => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(payload.length, 1);
  return Buffer.concat([prefix, payload]);
};

/** A call with one message. */
export const wholeCall = (id: number, options: { readonly contentType?: string } = {}) =>
  Buffer.concat([callHead(id, options), dataFrame(id, message(Buffer.from([id, 7])), { ends: true })]);

/** Headers of an answer, or its trailers. */
export const answerHead = (id: number, fields: readonly HeadField[], { ends = false } = {}) =>
  frameBytes(FRAME.headers, FLAG.endHeaders | (ends ? FLAG.endStream : 0), id, encodeHead(fields).bytes);

/** An answer of trailers alone. */
export const answerOf = (id: number, status: number) =>
  answerHead(
    id,
    [
      [":status", "200"],
      ["grpc-status", String(status)],
    ],
    { ends: true },
  );

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** The frames in these bytes that are whole. */
export function framesIn(bytes: Buffer): readonly RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const [type = 0, flags = 0] = [bytes[at + 3], bytes[at + 4]];
    frames.push({ type, flags, id: bytes.readUInt32BE(at + 5), payload: bytes.subarray(at + 9, end) });
    at = end;
  }
  return frames;
}

/** Frames of a kind that an upstream got, behind the preface. */
export const gotFromClient = (server: Peer, type: number) =>
  framesIn(server.bytes.subarray(PREFACE.length)).filter((frame) => frame.type === type);

/** Frames of a kind that a client got. */
export const gotFromServer = (client: Peer, type: number) =>
  framesIn(client.bytes).filter((frame) => frame.type === type);
