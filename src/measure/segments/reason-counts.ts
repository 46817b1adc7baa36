import { OTHER_REASONS } from "../outcome.js";

/** With more kinds of reasons, the rest goes under OTHER_REASONS. */
const MAX_REASONS = 20;

/** Why requests failed, and how many of them. */
export class ReasonCounts {
  readonly #counts = new Map<string, number>();

  add(reason: string, count: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  /** By reason, the most frequent first. The sum is that of all that was added. */
  mostFrequent(): Record<string, number> {
    const sorted = [...this.#counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
    if (sorted.length <= MAX_REASONS) return Object.fromEntries(sorted);
    // What a thread could not tell apart goes with the rest, however much it is.
    const named = sorted.filter(([reason]) => reason !== OTHER_REASONS);
    const kept = named.slice(0, MAX_REASONS - 1);
    const shown = kept.reduce((sum, [, count]) => sum + count, 0);
    const all = sorted.reduce((sum, [, count]) => sum + count, 0);
    return { ...Object.fromEntries(kept), [OTHER_REASONS]: all - shown };
  }
}
