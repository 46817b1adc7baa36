import { type Http2ErrorName, USUAL_PAYLOAD_BYTES } from "../../../http2/frames/frame-types.js";

/** RFC 9113, 6.5.2. */
export const SETTING = {
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** The window of a stream and of a connection, as long as nobody says otherwise. */
export const USUAL_WINDOW_BYTES = 65_535;
export const LARGEST_WINDOW_BYTES = 2 ** 31 - 1;
const LARGEST_FRAME_BYTES = 2 ** 24 - 1;

/** What the other side has asked for. */
export class PeerSettings {
  maxStreams = Number.POSITIVE_INFINITY;
  windowBytes = USUAL_WINDOW_BYTES;
  payloadBytes = USUAL_PAYLOAD_BYTES;
  headerListBytes = Number.POSITIVE_INFINITY;

  /** @returns the error that a value is. null: all is well. */
  read(bytes: Buffer, from: number, to: number): Http2ErrorName | null {
    for (let at = from; at < to; at += 6) {
      const value = bytes.readUInt32BE(at + 2);
      switch (bytes.readUInt16BE(at)) {
        case SETTING.enablePush:
          // Only clients may allow it.
          if (value !== 0) return "PROTOCOL_ERROR";
          break;
        case SETTING.maxConcurrentStreams:
          this.maxStreams = value;
          break;
        case SETTING.initialWindowSize:
          if (value > LARGEST_WINDOW_BYTES) return "FLOW_CONTROL_ERROR";
          this.windowBytes = value;
          break;
        case SETTING.maxFrameSize:
          if (value < USUAL_PAYLOAD_BYTES || value > LARGEST_FRAME_BYTES) return "PROTOCOL_ERROR";
          this.payloadBytes = value;
          break;
        case SETTING.maxHeaderListSize:
          this.headerListBytes = value;
          break;
      }
    }
    return null;
  }
}
