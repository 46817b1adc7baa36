import { monotonicMs } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import { TURN_MS } from "./beat-wheel.js";
import { ClockOffset } from "./clock-offset.js";
import type { ToRun, ToWorker } from "./messages.js";
import { SEAL_BYTES, type Seal } from "./sealing.js";
import { decode, encode } from "./wire-format.js";

/** Both sides tell this often that they are there, and what they have got. */
export const LINE_BEAT_MS = TURN_MS;
/** The most that is under way at once. The rest waits until the other side has got some of it. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** So many parts may wait for an earlier one. */
const MOST_AHEAD = 4096;
const LARGEST_FRAME = 256 * 1024;
const LEAST_PART = 1024;

const LEAST_STEP_MS = 0.001;

const BEAT = 0;
const PART = 1;
const LAST_PART = 2;
/** Kind, number, number that was got, when this was sent, when the other's last frame was sent, and when it came. */
const HEADER_BYTES = 1 + 4 + 4 + 8 + 8 + 8;

interface Waiting {
  readonly number: number;
  readonly kind: number;
  readonly body: Buffer;
  /** As its last frame says. null: it is to be sent. */
  sentMs: number | null;
}

export interface LineOptions<In> {
  readonly seal: Seal;
  /** The largest message that the server takes. */
  readonly mostBytes: number;
  readonly publish: (frame: Uint8Array) => void;
  readonly onMessage: (message: In) => void;
  /** The other side's message cannot be read: nothing of what follows can be understood. */
  readonly onUnreadable: (reason: string) => void;
  /**
   * Answers each beat with one. Then the other side can ask for a round trip at any time. While answers go out, this side needs no
   * beats of its own.
   */
  readonly answersBeats?: boolean;
}

/**
 * Messages between a run and a worker, over a server that delivers each at most once: numbered, in order, each once. What
 * got lost, as while the server is started anew, is sent again. Each frame also is a round trip's half, so that each side
 * knows the other's clock.
 */
export class NumberedLine<Out extends ToWorker | ToRun, In extends ToWorker | ToRun> {
  readonly clock = new ClockOffset();
  readonly #options: LineOptions<In>;
  readonly #partBytes: number;
  /** Not known to have come, in order. */
  readonly #waiting: Waiting[] = [];
  #lastNumber = 0;
  /** The number of the last part that has come, of those without a gap. */
  #got = 0;
  /** Parts that came before an earlier one. */
  readonly #ahead = new Map<number, { readonly kind: number; readonly body: Buffer }>();
  #parts: Buffer[] = [];
  #heardMs = monotonicMs();
  /** When the other side sent its last frame, on its clock. 0: none has come. */
  #othersMs = 0;
  /** When this side sent its last frame. */
  #sentMs = 0;
  #isClosed = false;

  constructor(options: LineOptions<In>) {
    this.#options = options;
    this.#partBytes = Math.max(
      LEAST_PART,
      Math.min(LARGEST_FRAME, options.mostBytes - SEAL_BYTES) - HEADER_BYTES,
    );
  }

  /** When the other side was heard last, on the clock of `monotonicMs`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** The other side was heard at all. */
  get isHeard(): boolean {
    return this.#othersMs > 0;
  }

  /** Everything that was sent has come. */
  get isQuiet(): boolean {
    return this.#waiting.length === 0;
  }

  send(message: Out): void {
    if (this.#isClosed) return;
    const bytes = encode(message);
    for (let at = 0; at === 0 || at < bytes.length; at += this.#partBytes) {
      const end = at + this.#partBytes;
      const kind = end < bytes.length ? PART : LAST_PART;
      this.#lastNumber += 1;
      this.#waiting.push({ number: this.#lastNumber, kind, body: bytes.subarray(at, end), sentMs: null });
    }
    this.#push();
  }

  /** To be called every LINE_BEAT_MS. */
  beat(): void {
    if (this.#isClosed) return;
    const hasJustSpoken = this.#options.answersBeats === true && monotonicMs() - this.#sentMs < LINE_BEAT_MS;
    if (!hasJustSpoken) this.#publish(BEAT, 0, EMPTY);
  }

  /** Takes a frame of the other side. Others are passed over. */
  receive(frame: Uint8Array): void {
    const plain = this.#isClosed ? null : this.#options.seal.open(frame);
    if (plain === null || plain.length < HEADER_BYTES) return;
    const sentMs = plain.readDoubleBE(9);
    // It has come before. Somebody may send an old frame again, and that must not look like life.
    if (sentMs <= this.#othersMs) return;
    const nowMs = monotonicMs();
    const kind = plain.readUInt8(0);
    const number = plain.readUInt32BE(1);
    const got = plain.readUInt32BE(5);
    const askedMs = plain.readDoubleBE(17);
    const heldMs = plain.readDoubleBE(25);
    this.#heardMs = nowMs;
    this.#othersMs = sentMs;
    if (askedMs > 0) this.clock.add(askedMs, sentMs - heldMs, sentMs, nowMs);
    this.#came(got, askedMs);
    if (kind === BEAT && this.#options.answersBeats === true) this.#publish(BEAT, 0, EMPTY);
    // It has come before, or is further ahead than what is under way at once can be.
    if (kind === BEAT || number <= this.#got || number > this.#got + MOST_AHEAD) return;
    this.#ahead.set(number, { kind, body: plain.subarray(HEADER_BYTES) });
    // Where an earlier part is missing, those behind it wait for it.
    for (let next = this.#ahead.get(this.#got + 1); next; next = this.#ahead.get(this.#got + 1)) {
      this.#got += 1;
      this.#ahead.delete(this.#got);
      this.#take(next.kind, next.body);
    }
  }

  /**
   * Frames come in the order in which they went. So one that has not come, and is older than another that has, is lost, and is sent
   * again. One that nothing tells of is only late: to send it again would make a busy other side later still.
   * @param got the number of the last part that the other side has.
   * @param heardMs when this side sent the last frame that the other side has heard.
   */
  #came(got: number, heardMs: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].number <= got) this.#waiting.shift();
    for (const each of this.#waiting) {
      if (each.sentMs !== null && each.sentMs < heardMs) each.sentMs = null;
    }
    this.#push();
  }

  #take(kind: number, body: Buffer): void {
    this.#parts.push(body);
    if (kind === PART) return;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    const message = this.#read(bytes);
    // A line carries only what its other side sends.
    if (message !== null) this.#options.onMessage(message as In);
  }

  /** Nothing is sent or taken any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  #read(bytes: Buffer): ReturnType<typeof decode> | null {
    try {
      return decode(bytes);
    } catch (error) {
      this.#options.onUnreadable(messageOf(error));
      return null;
    }
  }

  /** Sends what was not sent yet, as far as the window goes. */
  #push(): void {
    let underWay = 0;
    for (const each of this.#waiting) {
      underWay += each.body.length;
      if (underWay > WINDOW_BYTES && each !== this.#waiting[0]) return;
      if (each.sentMs !== null) continue;
      each.sentMs = this.#publish(each.kind, each.number, each.body);
    }
  }

  /** @returns when the frame was sent, as it says itself. */
  #publish(kind: number, number: number, body: Buffer): number {
    // Each is later than the one before, so that the other side knows the order even where the clock has not moved on.
    const nowMs = Math.max(monotonicMs(), this.#sentMs + LEAST_STEP_MS);
    this.#sentMs = nowMs;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(kind, 0);
    header.writeUInt32BE(number, 1);
    header.writeUInt32BE(this.#got, 5);
    header.writeDoubleBE(nowMs, 9);
    header.writeDoubleBE(this.#othersMs, 17);
    header.writeDoubleBE(this.#othersMs > 0 ? nowMs - this.#heardMs : 0, 25);
    this.#options.publish(this.#options.seal.seal(Buffer.concat([header, body])));
    return nowMs;
  }
}

const EMPTY = Buffer.alloc(0);
