import { monotonicMs } from "./clock.js";

/** Shorter ones delay nobody more than a busy event loop does. */
const LEAST_MS = 5;
const LOOK_EVERY_MS = 10;
/** Even when as many are noted per second as possible, these are kept for minutes. */
const KEPT = 8_192;
const WORDS_PER_ENTRY = 2;
const HEAD_BYTES = 8;

/** A stretch in which a thread had no turn. */
export interface Standstill {
  /** On the clock of `monotonicMs`. */
  readonly fromMs: number;
  readonly lengthMs: number;
}

/** When a thread stood still. That thread writes it, another one reads it, in memory that both share. */
export class StandstillLog {
  readonly shared: SharedArrayBuffer;
  readonly #noted: Int32Array;
  readonly #entries: Float64Array;

  constructor(shared = new SharedArrayBuffer(HEAD_BYTES + KEPT * WORDS_PER_ENTRY * 8)) {
    this.shared = shared;
    this.#noted = new Int32Array(shared, 0, 1);
    this.#entries = new Float64Array(shared, HEAD_BYTES);
  }

  /** Call it once, in the thread that is watched. @returns what ends it. */
  watchThisThread(): () => void {
    let lastMs = monotonicMs();
    const timer = setInterval(() => {
      const nowMs = monotonicMs();
      const lengthMs = nowMs - lastMs - LOOK_EVERY_MS;
      if (lengthMs >= LEAST_MS) this.note({ fromMs: lastMs, lengthMs });
      lastMs = nowMs;
    }, LOOK_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  note({ fromMs, lengthMs }: Standstill): void {
    const count = Atomics.load(this.#noted, 0);
    const at = (count % KEPT) * WORDS_PER_ENTRY;
    this.#entries[at] = fromMs;
    this.#entries[at + 1] = lengthMs;
    // After the entry: a reader of the count finds the entry whole.
    Atomics.store(this.#noted, 0, count + 1);
  }

  /** Standstills that touch this time, as far as they are still kept. */
  between(fromMs: number, untilMs: number): Standstill[] {
    const count = Atomics.load(this.#noted, 0);
    const found: Standstill[] = [];
    for (let nth = Math.max(0, count - KEPT); nth < count; nth++) {
      const at = (nth % KEPT) * WORDS_PER_ENTRY;
      const standstill = { fromMs: this.#entries[at]!, lengthMs: this.#entries[at + 1]! };
      const endMs = standstill.fromMs + standstill.lengthMs;
      if (endMs >= fromMs && standstill.fromMs < untilMs) found.push(standstill);
    }
    return found;
  }
}

/** The longest standstill that touches each second from `startMs` on, in ms. */
export function longestBySecond(
  standstills: readonly Standstill[],
  startMs: number,
  seconds: number,
): number[] {
  const longest = Array<number>(seconds).fill(0);
  for (const { fromMs, lengthMs } of standstills) {
    const first = Math.max(0, Math.floor((fromMs - startMs) / 1000));
    const last = Math.min(seconds - 1, Math.floor((fromMs + lengthMs - startMs) / 1000));
    for (let second = first; second <= last; second++) {
      longest[second] = Math.max(longest[second]!, Math.round(lengthMs * 10) / 10);
    }
  }
  return longest;
}
