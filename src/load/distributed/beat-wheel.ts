import { monotonicMs } from "../../support/clock.js";

/** Each that is on the wheel has a turn this often, in ms. */
export const TURN_MS = 200;
const SLOTS = 10;
const SLOT_MS = TURN_MS / SLOTS;

/**
 * Gives each that is on it a turn every 200 ms. Many share a timer: what a thousand send within 20 ms goes out in one write, where a
 * thousand timers would make a thousand of them.
 */
export class BeatWheel {
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<() => void>());
  #timer: NodeJS.Timeout | null = null;
  #next = 0;
  /** When the next slot has its turn. */
  #dueMs = 0;

  /** @returns takes it off. */
  add(turn: () => void): () => void {
    const slot = this.#slots.reduce((least, other) => (other.size < least.size ? other : least));
    slot.add(turn);
    this.#timer ??= setInterval(() => this.#turn(), SLOT_MS);
    return () => {
      slot.delete(turn);
      if (this.#timer === null || this.#slots.some(({ size }) => size > 0)) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  /** Timers are late, and become later with each. The slots are not: several have their turn at once then, none of them twice. */
  #turn(): void {
    const nowMs = monotonicMs();
    this.#dueMs = Math.max(this.#dueMs, nowMs - TURN_MS + SLOT_MS);
    for (; this.#dueMs <= nowMs; this.#dueMs += SLOT_MS) {
      for (const turn of this.#slots[this.#next] ?? []) turn();
      this.#next = (this.#next + 1) % SLOTS;
    }
  }
}
