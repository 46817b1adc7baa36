import { FATES, type Fate, type IdEntry } from "../../measure/ids/id-log.js";

export interface SentId {
  readonly id: string;
  readonly fate: Fate;
  /** How many requests had it. */
  readonly sends: number;
  /** Of the request that fared best, in ms since load began. */
  readonly dueMs: number;
  /** When that request had its outcome. */
  readonly endedMs: number;
}

/** All ids that a load has sent for one check, and what became of each. */
export class SentIds {
  readonly #at = new Map<string, number>();
  readonly #fates: number[] = [];
  readonly #sends: number[] = [];
  readonly #dueMs: number[] = [];
  readonly #tookMs: number[] = [];
  readonly #withoutId: Record<Fate, number> = { refused: 0, unknown: 0, acknowledged: 0 };

  add({ fate, dueMs, tookMs, ...entry }: Omit<IdEntry, "note">): void {
    // Blanks around an id are not told from those around a line of an answer.
    const id = entry.id.trim();
    if (id === "") {
      this.#withoutId[fate] += 1;
      return;
    }
    const rank = FATES.indexOf(fate);
    const at = this.#at.get(id);
    if (at === undefined) {
      this.#at.set(id, this.#fates.length);
      this.#fates.push(rank);
      this.#sends.push(1);
      this.#dueMs.push(dueMs);
      this.#tookMs.push(tookMs);
      return;
    }
    this.#sends[at] = (this.#sends[at] ?? 0) + 1;
    // One acknowledgement is enough for the promise.
    if (rank <= (this.#fates[at] ?? 0)) return;
    this.#fates[at] = rank;
    this.#dueMs[at] = dueMs;
    this.#tookMs[at] = tookMs;
  }

  get size(): number {
    return this.#fates.length;
  }

  /** Requests whose id is not known. */
  get withoutId(): Readonly<Record<Fate, number>> {
    return this.#withoutId;
  }

  /** The number of an id, from 0. @returns undefined when nobody has sent it. */
  find(id: string): number | undefined {
    return this.#at.get(id);
  }

  fateAt(at: number): Fate {
    return FATES[this.#fates[at] ?? 0] ?? "unknown";
  }

  /** With their numbers, in the order in which they were written down. */
  *all(): Iterable<readonly [at: number, sent: SentId]> {
    for (const [id, at] of this.#at) {
      const dueMs = this.#dueMs[at] ?? 0;
      const endedMs = dueMs + (this.#tookMs[at] ?? 0);
      yield [at, { id, fate: this.fateAt(at), sends: this.#sends[at] ?? 0, dueMs, endedMs }];
    }
  }
}
