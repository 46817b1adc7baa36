import type { Random } from "../../../../support/random.js";
import { PieceQueue } from "./piece-queue.js";
import type { Piece, Toxic, ToxicLine } from "./toxic.js";
import type { ToxicEntry } from "./toxic-entry.js";

/** Where data goes next: another stage, or the connection's other end. */
export interface Sink {
  accept(piece: Piece): void;
  end(): void;
}

/** What a stage needs of the link it belongs to. */
export interface StageHost {
  /** There is room behind this stage's toxic, or it holds no more: the source may be read again. */
  relieved(): void;
  reset(): void;
}

/** Longest time that a Node timer can wait. Longer holds are armed again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One toxic on one direction of one connection: queues what the toxic cannot take yet. */
export class Stage implements Sink, ToxicLine {
  next: Sink;
  readonly entry: ToxicEntry;
  readonly #host: StageHost;
  readonly #random: Random;
  readonly #toxic: Toxic;
  readonly #queue = new PieceQueue();
  /** Toxicity: drawn for each connection, and again when the toxic is updated. */
  #acts = false;
  /** It is among the hits of the toxic's tally. */
  #hit = false;
  /** The toxic is in the middle of something. */
  #holding = false;
  #held: Piece | null = null;
  #sourceEnded = false;
  #endTaken = false;
  /** Nothing goes on to `next` any more. */
  #closed = false;
  #timer: NodeJS.Timeout | null = null;
  /** When `#timer` fires. It may be earlier than `#dueMs`, and is then set again. */
  #timerMs = 0;
  #dueMs = 0;
  #then: () => void = () => {};

  constructor(entry: ToxicEntry, next: Sink, host: StageHost, random: Random) {
    this.entry = entry;
    this.next = next;
    this.#host = host;
    this.#random = random;
    this.#toxic = entry.type.create(entry.settings, random);
    this.#draw();
  }

  /** Nothing that comes from the source gets through any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The toxic is in the middle of something. What comes now has to wait. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Pieces that wait behind the one that the toxic has in hand. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Pieces that may wait before the source is no longer read. */
  get capacity(): number {
    return this.entry.type.bufferedPieces ?? 0;
  }

  accept(piece: Piece): void {
    // Nothing may follow an end: bytes were dropped where the stream was cut, and these came after them.
    if (this.#closed || this.#sourceEnded) return;
    this.#queue.push(piece);
    this.#run();
  }

  end(): void {
    if (this.#sourceEnded) return;
    this.#sourceEnded = true;
    this.#run();
  }

  /** The toxic's settings or toxicity have changed. */
  update(): void {
    if (this.#closed) return;
    this.#letGo((held) => this.#queue.unshift(held));
    this.#endTaken = false;
    this.#toxic.updated?.();
    this.#hit = false;
    this.#draw();
    if (!this.#acts) this.#toxic.spared?.(this);
    this.#run();
    this.#host.relieved();
  }

  /**
   * The toxic is taken off. What it holds goes out at once and whole, unless the toxic ends the stream. Afterwards
   * `closed` is true only when the toxic has cut the stream, now or before.
   */
  remove(): void {
    if (this.#closed) return;
    this.#letGo((held) => this.next.accept(held));
    this.#toxic.removed?.(this);
    if (this.#closed) return;
    for (let piece = this.#queue.shift(); piece; piece = this.#queue.shift()) this.next.accept(piece);
    if (this.#sourceEnded) this.next.end();
  }

  /** The connection is gone. Timers stop, data is dropped. */
  discard(): void {
    this.#letGo(() => {});
    this.#queue.clear();
    this.#closed = true;
  }

  send(piece: Piece): void {
    if (!this.#closed) this.next.accept(piece);
  }

  hold(ms: number, held: Piece | null, then: () => void): void {
    if (this.#closed) return;
    if (ms <= 0) {
      then();
      return;
    }
    this.#holding = true;
    this.#held = held;
    this.#arm(ms, () => {
      this.#holding = false;
      this.#held = null;
      then();
      this.#run();
      this.#host.relieved();
    });
  }

  alarm(ms: number, then: () => void): void {
    if (!this.#closed) this.#arm(ms, then);
  }

  close(): void {
    if (this.#closed) return;
    this.discard();
    this.next.end();
  }

  reset(): void {
    this.#host.reset();
  }

  acted(): void {
    const { tally } = this.entry;
    tally.acts++;
    if (this.#hit) return;
    this.#hit = true;
    tally.hits++;
  }

  #draw(): void {
    const { tally, toxicity } = this.entry;
    tally.connections++;
    this.#acts = this.#random() < toxicity;
    if (!this.#acts) return;
    tally.drawn++;
    this.#toxic.start?.(this);
  }

  /** Stops waiting. `take` gets what the toxic had in hand. */
  #letGo(take: (held: Piece) => void): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const held = this.#held;
    this.#held = null;
    this.#holding = false;
    if (held) take(held);
  }

  #arm(ms: number, then: () => void): void {
    this.#then = then;
    this.#dueMs = performance.now() + ms;
    if (this.#timer && this.#timerMs <= this.#dueMs) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (ms < Number.POSITIVE_INFINITY) this.#setTimer();
  }

  #setTimer(): void {
    this.#timerMs = this.#dueMs;
    const waitMs = Math.ceil(this.#dueMs - performance.now());
    this.#timer = setTimeout(this.#onTimer, Math.min(waitMs, LONGEST_TIMER_MS));
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    // Node's timers count whole milliseconds from the start of the loop's turn and can be early by one.
    if (performance.now() < this.#dueMs) this.#setTimer();
    else this.#then();
  };

  #run(): void {
    while (!this.#holding && !this.#closed) {
      const piece = this.#queue.shift();
      if (!piece) break;
      if (this.#acts) this.#toxic.take(piece, this);
      else this.next.accept(piece);
    }
    if (!this.#sourceEnded || this.#endTaken || this.#holding || this.#closed) return;
    this.#endTaken = true;
    if (this.#acts && this.#toxic.end) this.#toxic.end(this);
    else this.close();
  }
}
