/**
 * Adds up many parts in any order. Each is joined with one that stands for as many, so that the sum of a thousand small ones takes
 * ten rounds over all of them. One after the other, each would be joined with nearly the whole.
 */
export class BalancedSum<Part> {
  readonly #join: (a: Part, b: Part) => Part;
  /** The one at place k is the sum of 2^k parts. */
  readonly #sums: (Part | undefined)[] = [];

  /** @param join exact, in any order. */
  constructor(join: (a: Part, b: Part) => Part) {
    this.#join = join;
  }

  add(part: Part): void {
    let sum = part;
    for (let place = 0; ; place++) {
      const other = this.#sums[place];
      if (other === undefined) {
        this.#sums[place] = sum;
        return;
      }
      this.#sums[place] = undefined;
      sum = this.#join(other, sum);
    }
  }

  /** @returns null when there was no part. */
  total(): Part | null {
    let total: Part | null = null;
    for (const sum of this.#sums) {
      if (sum !== undefined) total = total === null ? sum : this.#join(total, sum);
    }
    return total;
  }
}

/** @returns null for no parts. */
export function sumOf<Part>(parts: Iterable<Part>, join: (a: Part, b: Part) => Part): Part | null {
  const sum = new BalancedSum(join);
  for (const part of parts) sum.add(part);
  return sum.total();
}
