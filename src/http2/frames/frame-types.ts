/** RFC 9113, 6. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Length, type, flags and stream. */
export const FRAME_HEAD_BYTES = 9;

/** The largest payload, as long as nothing else was asked for. */
export const USUAL_PAYLOAD_BYTES = 16_384;

/** RFC 9113, 7. */
const ERROR_NAMES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export type Http2ErrorName = (typeof ERROR_NAMES)[number];

export function errorCode(name: Http2ErrorName): number {
  return ERROR_NAMES.indexOf(name);
}

/** The name of an error that the other side has given. A server may invent numbers: they must not become reasons. */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? "an unknown error";
}
