import type { Unasked } from "../asked.js";
import { SeenIds } from "./seen-ids.js";

/** One reading of a whole set of ids. Times in ms since load began. */
export interface IdLook {
  readonly fromMs: number;
  readonly toMs: number;
  /** null: the set was read. */
  readonly problem: Unasked | null;
}

/** The time from an acknowledgement until the id was stored, as far as looks tell. */
export type CompletionTime =
  | {
      /** The last look without it began so long after the acknowledgement. */
      readonly overMs: number;
      /** So long after it the id was seen. */
      readonly withinMs: number;
    }
  /** No look had it. */
  | "never";

/** A set of ids that is read again and again, one look after the other. An id that was seen once is taken as stored. */
export class IdLooks {
  readonly #seen = new SeenIds();
  readonly #looks: IdLook[] = [];
  /** null: the load goes on. */
  #duringLoad: readonly IdLook[] | null = null;

  /** Those that were made while the load went on. */
  get duringLoad(): readonly IdLook[] {
    return this.#duringLoad ?? this.#looks;
  }

  saw(id: string, atMs: number): void {
    this.#seen.add(id, atMs);
  }

  /** It began after the one before it had ended. */
  add(look: IdLook): void {
    const before = this.#looks.at(-1)?.problem ?? null;
    const isAsBefore =
      before !== null && before.why === look.problem?.why && before.reason === look.problem.reason;
    // What was printed is kept once: a store that is away for an hour has thousands of such looks.
    this.#looks.push(isAsBefore ? { ...look, problem: before } : look);
  }

  loadEnded(): void {
    this.#duringLoad ??= [...this.#looks];
  }

  timeOf(id: string, acknowledgedMs: number): CompletionTime {
    const seenMs = this.#seen.atMs(id);
    if (seenMs === null) return "never";
    const before = this.#lastWithout(seenMs, Number.POSITIVE_INFINITY);
    return {
      overMs: Math.max(0, (before?.fromMs ?? 0) - acknowledgedMs),
      withinMs: Math.max(0, seenMs - acknowledgedMs),
    };
  }

  /**
   * What was known at a time of an id that was seen only afterwards.
   * @returns for how long it had surely not been there since its acknowledgement. null: it had been seen, or never was.
   */
  underWayMs(id: string, acknowledgedMs: number, atMs: number): number | null {
    const seenMs = this.#seen.atMs(id);
    if (seenMs === null || seenMs <= atMs) return null;
    const before = this.#lastWithout(seenMs, atMs);
    return Math.max(0, (before?.fromMs ?? 0) - acknowledgedMs);
  }

  /**
   * The looks of the load that should have had the id and did not: they began this long after its acknowledgement.
   * @returns numbers of the first one, and of the one behind the last. null: there is none.
   */
  overdue(
    id: string,
    acknowledgedMs: number,
    patienceMs: number,
  ): readonly [from: number, until: number] | null {
    const looks = this.duringLoad;
    const seenMs = this.#seen.atMs(id);
    const from = firstAt(looks, ({ fromMs }) => fromMs >= acknowledgedMs + patienceMs);
    const until = seenMs === null ? looks.length : firstAt(looks, ({ toMs }) => toMs >= seenMs);
    return from < until ? [from, until] : null;
  }

  /** The last look that was over before a time and began before another one, if it read the set. */
  #lastWithout(seenMs: number, atMs: number): IdLook | undefined {
    const after = firstAt(this.#looks, ({ fromMs, toMs }) => toMs >= seenMs || fromMs > atMs);
    for (let at = after - 1; at >= 0; at--) {
      const look = this.#looks[at];
      if (look?.problem === null) return look;
    }
    return undefined;
  }
}

/** The number of the first look for which it holds. From there on it holds for all. */
function firstAt(looks: readonly IdLook[], holds: (look: IdLook) => boolean): number {
  let [low, high] = [0, looks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const look = looks[middle];
    if (look !== undefined && holds(look)) high = middle;
    else low = middle + 1;
  }
  return low;
}
