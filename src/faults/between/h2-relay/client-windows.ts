import { FRAME_HEAD_BYTES, USUAL_PAYLOAD_BYTES } from "../../../http2/frames/frame-types.js";
import { settingIn, windowIn } from "./frames/own-frames.js";

/** What HTTP/2 begins with, for a stream and for the whole connection. */
const FIRST_WINDOW_BYTES = 65_535;
const INITIAL_WINDOW_SIZE = 4;

/** A stream that gets bytes of ours. */
export interface OwnStream {
  /** By how much the client has widened its window since it began. */
  readonly widenedBytes: number;
}

/**
 * How much DATA the client takes. The upstream keeps to that by itself, as long as all DATA is the upstream's. Bytes of ours take
 * a part that the upstream does not know of: the client's next WINDOW_UPDATEs pay for them, and until then the upstream's DATA may
 * have to wait.
 */
export class ClientWindows {
  #connectionBytes = FIRST_WINDOW_BYTES;
  #initialBytes = FIRST_WINDOW_BYTES;
  /** Of ours, and not paid for yet. */
  #owedBytes = 0;
  /** Of the upstream's: they go later. */
  #promisedBytes = 0;

  /** Whether so much of the upstream's can go on. It always can where nothing is owed. */
  hasRoomFor(bytes: number): boolean {
    return this.#owedBytes === 0 || this.#connectionBytes - this.#promisedBytes >= bytes;
  }

  /** DATA of the upstream's goes to the client. */
  passed(bytes: number): void {
    this.#connectionBytes -= bytes;
  }

  /** DATA of the upstream's is held; fewer bytes where it is below 0. */
  promised(bytes: number): void {
    this.#promisedBytes += bytes;
  }

  /** @returns how many bytes of ours the stream can have now. @param given so many it has had. */
  roomFor({ widenedBytes }: OwnStream, given: number): number {
    const ofStream = this.#initialBytes + widenedBytes - given;
    const ofConnection = this.#connectionBytes - this.#promisedBytes;
    return Math.max(0, Math.min(USUAL_PAYLOAD_BYTES, ofStream, ofConnection));
  }

  /** Bytes of ours go to the client. */
  gave(bytes: number): void {
    this.#connectionBytes -= bytes;
    this.#owedBytes += bytes;
  }

  /**
   * A WINDOW_UPDATE of the client's for the whole connection. It is lessened where it is, by what pays for bytes of ours.
   * @returns whether anything is left of it.
   */
  widened(frame: Buffer): boolean {
    if (frame.length !== FRAME_HEAD_BYTES + 4) return true;
    const bytes = windowIn(frame);
    this.#connectionBytes += bytes;
    const paid = Math.min(bytes, this.#owedBytes);
    if (paid === 0) return true;
    this.#owedBytes -= paid;
    frame.writeUInt32BE(bytes - paid, FRAME_HEAD_BYTES);
    return bytes > paid;
  }

  /** SETTINGS of the client. */
  settings(frame: Buffer): void {
    this.#initialBytes = settingIn(frame, INITIAL_WINDOW_SIZE) ?? this.#initialBytes;
  }
}
