import type { DueCount } from "../../merging/absences.js";

/** Second, number of the name, count. */
const CELL_WORDS = 3;
const FIRST_CELLS = 16;

/**
 * How many requests were due from one generator in one segment, by second and name. Twelve bytes for each name that was due in a second,
 * however many requests of it were.
 */
export class DueCounts {
  #words = new Uint32Array(CELL_WORDS * FIRST_CELLS);
  /** Words from here on are kept. */
  #from = 0;
  #until = 0;
  /** For each name: where its last cell is. */
  readonly #cellOf: Uint32Array;

  /** @param names so many the mix has. */
  constructor(names: number) {
    this.#cellOf = new Uint32Array(names);
  }

  /** So many cells are kept. */
  get cells(): number {
    return (this.#until - this.#from) / CELL_WORDS;
  }

  /** One more request was due. They come second by second. */
  add(second: number, name: number): void {
    let at = this.#cellOf[name]!;
    const isThere =
      at >= this.#from && at < this.#until && this.#words[at] === second && this.#words[at + 1] === name;
    if (!isThere) {
      if (this.#until === this.#words.length) this.#makeRoom();
      at = this.#until;
      this.#words[at] = second;
      this.#words[at + 1] = name;
      this.#words[at + 2] = 0;
      this.#cellOf[name] = at;
      this.#until += CELL_WORDS;
    }
    this.#words[at + 2]! += 1;
  }

  /** Earlier seconds are not asked for again. */
  forgetBefore(second: number): void {
    while (this.#from < this.#until && this.#words[this.#from]! < second) this.#from += CELL_WORDS;
  }

  /** All that is kept, in order of time. */
  all(): readonly DueCount[] {
    const counts: DueCount[] = [];
    for (let at = this.#from; at < this.#until; at += CELL_WORDS) counts.push(this.#at(at));
    return counts;
  }

  /** Those of one second, which is asked for soon after it. */
  ofSecond(second: number): readonly DueCount[] {
    const counts: DueCount[] = [];
    for (let at = this.#until - CELL_WORDS; at >= this.#from; at -= CELL_WORDS) {
      if (this.#words[at]! < second) break;
      if (this.#words[at] === second) counts.push(this.#at(at));
    }
    return counts;
  }

  #at(at: number): DueCount {
    return { second: this.#words[at]!, name: this.#words[at + 1]!, count: this.#words[at + 2]! };
  }

  #makeRoom(): void {
    const kept = this.#words.subarray(this.#from, this.#until);
    const isFull = 2 * kept.length > this.#words.length;
    const words = new Uint32Array(isFull ? 2 * this.#words.length : this.#words.length);
    words.set(kept);
    [this.#words, this.#from, this.#until] = [words, 0, kept.length];
    // Cells have moved. A name without one finds another's cell, or none, and begins its own.
    for (let at = 0; at < this.#until; at += CELL_WORDS) this.#cellOf[words[at + 1]!] = at;
  }
}
