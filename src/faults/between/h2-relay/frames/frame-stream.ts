import { FRAME, FRAME_HEAD_BYTES } from "../../../../http2/frames/frame-types.js";

/** What becomes of a DATA frame, in place of the stream that it goes on. */
export const DROPPED = -1;
/** It is gathered, and handed over when it is whole. */
export const GATHERED = -2;
/** It waits, with all that is behind it. */
export const WAITING = -3;

/** Who looks at the frames of one direction of a connection. */
export interface FrameLook {
  /**
   * A whole frame, with its head. It may be changed where it is.
   * @returns what goes on in its place; null: the frame itself.
   */
  onFrame(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null;
  /** A DATA frame begins. @returns the stream that it goes on, DROPPED, GATHERED or WAITING. */
  onData(flags: number, streamId: number, payloadBytes: number): number;
  /** A part of its payload passes, or is dropped. */
  onPayload(bytes: Buffer): void;
  /** All of the payload has passed, or was dropped. */
  onDataEnd(flags: number, streamId: number): void;
  /** From a frame on that is WAITING: these bytes are to be read again. */
  onWaiting(rest: Buffer): void;
  /** A frame of another kind is too large to be looked at. */
  onOversized(): void;
}

/** Larger frames are no headers. */
const LARGEST_BYTES = 1024 * 1024;
/** So much is written in one piece. */
const JOINED_BYTES = 64 * 1024;
export const NO_BYTES = Buffer.alloc(0);

/**
 * Cuts the bytes of one direction into frames. What nobody changes goes on as it came, in the pieces in which it came. DATA
 * is not gathered.
 */
export class FrameStream {
  readonly #look: FrameLook;
  readonly #write: (bytes: Buffer) => void;
  /** The begin of a frame whose rest has not come yet, and how many bytes are needed to go on. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #neededBytes = 0;
  /** Of the payload that passes or is dropped, so much is to come. */
  #left = 0;
  #isDropping = false;
  #flags = 0;
  #streamId = 0;
  /** Frames of our own, which wait for the end of one that passes. */
  #inserted: Buffer[] = [];
  #isPlanned = false;
  #isReading = false;
  #out: Buffer[] = [];
  #isRaw = false;
  #isOver = false;
  /** What is inserted may go. */
  #hasBegun: boolean;

  /** @param isFirst the sender's first frame has to go before any of ours: it is what a server of HTTP/2 begins with. */
  constructor(look: FrameLook, write: (bytes: Buffer) => void, { isFirst = false } = {}) {
    this.#hasBegun = !isFirst;
    this.#look = look;
    this.#write = write;
  }

  /** Frames of our own may go now. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** A frame of our own, or several. It goes between two others. */
  insert(frame: Buffer): void {
    if (this.#isRaw || this.#isOver || frame.length === 0) return;
    this.#inserted.push(frame);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (this.#left > 0 || this.#isReading || !this.#hasBegun) return;
      this.#putInserted();
      this.#flush();
    });
  }

  /** From now on bytes cross unread. @param held what goes before them. */
  goRaw(held: readonly Buffer[] = []): void {
    if (this.#isRaw) return;
    this.#isRaw = true;
    if (this.#isReading) return;
    this.#out.push(...held);
    this.finish();
  }

  /** Nothing follows: what has begun goes on as it is. */
  finish(): void {
    if (this.#left === 0 && this.#hasBegun) this.#putInserted();
    this.#out.push(...this.#begun.splice(0));
    this.#flush();
  }

  /** Nothing is read or written any more. */
  end(): void {
    this.#isOver = true;
  }

  read(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#isRaw) {
      this.#write(bytes);
      return;
    }
    this.#isReading = true;
    this.#cut(this.#withBegun(bytes));
    this.#isReading = false;
    this.#flush();
  }

  /** @returns nothing as long as more is needed. */
  #withBegun(bytes: Buffer): Buffer {
    if (this.#begunBytes === 0) return bytes;
    this.#begun.push(bytes);
    this.#begunBytes += bytes.length;
    if (this.#begunBytes < this.#neededBytes) return NO_BYTES;
    this.#begunBytes = 0;
    return Buffer.concat(this.#begun.splice(0));
  }

  #cut(bytes: Buffer): void {
    let at = 0;
    /** What lies between the two goes on as it came. */
    let from = 0;
    const passUntil = (until: number, goOnAt: number) => {
      if (until > from)
        this.#out.push(from === 0 && until === bytes.length ? bytes : bytes.subarray(from, until));
      from = goOnAt;
    };
    while (at < bytes.length && !this.#isRaw && !this.#isOver) {
      if (this.#left > 0) {
        const until = Math.min(bytes.length, at + this.#left);
        this.#left -= until - at;
        if (this.#isDropping) passUntil(at, until);
        this.#look.onPayload(bytes.subarray(at, until));
        at = until;
        if (this.#left === 0) this.#look.onDataEnd(this.#flags, this.#streamId);
        continue;
      }
      if (this.#inserted.length > 0 && this.#hasBegun) {
        passUntil(at, at);
        this.#putInserted();
      }
      const hasHead = bytes.length - at >= FRAME_HEAD_BYTES;
      const payloadBytes = hasHead ? bytes.readUIntBE(at, 3) : 0;
      const end = at + FRAME_HEAD_BYTES + payloadBytes;
      const type = bytes[at + 3];
      const flags = bytes[at + 4] ?? 0;
      const streamId = hasHead ? bytes.readUInt32BE(at + 5) & 0x7fff_ffff : 0;
      if (hasHead && type === FRAME.data) {
        const target = this.#look.onData(flags, streamId, payloadBytes);
        if (target === WAITING) {
          passUntil(at, bytes.length);
          this.#look.onWaiting(bytes.subarray(at));
          return;
        }
        if (target !== GATHERED) {
          this.#flags = flags;
          this.#streamId = streamId;
          this.#left = payloadBytes;
          this.#isDropping = target === DROPPED;
          if (this.#isDropping) passUntil(at, at + FRAME_HEAD_BYTES);
          else if (target !== streamId) bytes.writeUInt32BE(target, at + 5);
          at += FRAME_HEAD_BYTES;
          if (payloadBytes === 0) this.#look.onDataEnd(flags, streamId);
          continue;
        }
      } else if (hasHead && payloadBytes > LARGEST_BYTES) {
        this.#look.onOversized();
        continue;
      }
      if (!hasHead || end > bytes.length) {
        passUntil(at, bytes.length);
        this.#begin(bytes.subarray(at), hasHead ? end - at : FRAME_HEAD_BYTES);
        return;
      }
      const instead = this.#look.onFrame(type ?? 0, flags, streamId, bytes.subarray(at, end));
      if (instead !== null) {
        passUntil(at, end);
        if (instead.length > 0) this.#out.push(instead);
      }
      this.#hasBegun = true;
      at = end;
    }
    if (this.#isOver) return;
    passUntil(bytes.length, bytes.length);
    if (this.#left === 0 && this.#hasBegun) this.#putInserted();
  }

  #begin(bytes: Buffer, neededBytes: number): void {
    this.#begun.push(bytes);
    this.#begunBytes = bytes.length;
    this.#neededBytes = neededBytes;
  }

  #putInserted(): void {
    if (this.#inserted.length > 0) this.#out.push(...this.#inserted.splice(0));
  }

  #flush(): void {
    const [first, ...others] = this.#out.splice(0);
    if (!first || this.#isOver) return;
    const pieces = [first, ...others];
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (others.length === 0) this.#write(first);
    else if (length <= JOINED_BYTES) this.#write(Buffer.concat(pieces, length));
    else for (const piece of pieces) this.#write(piece);
  }
}
