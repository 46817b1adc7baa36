import { rankOfQuantile } from "../slo/observations.js";

/** Room for the first recorded time: up to about 65 ms are counted without growing again. */
const FIRST_CELLS = 7 * 1024;

/** The cells of a histogram that hold something, in ascending order. This is what crosses threads. */
export interface SparseHistogram {
  /** HdrHistogram's own cell numbers, for 3 digits and a unit of 1 µs. */
  readonly cells: readonly number[];
  readonly counts: readonly number[];
  /** The greatest recorded value itself, not its cell. 0 when empty. */
  readonly maxUs: number;
}

export const EMPTY_SPARSE_HISTOGRAM: SparseHistogram = { cells: [], counts: [], maxUs: 0 };

/**
 * Times in whole microseconds with 3 significant digits. Adding histograms is exact, in any order. Counts in
 * HdrHistogram's cells, but finds them by shifts where the library computes powers: each request is recorded several
 * times.
 */
export class TimeHistogram {
  #counts = new Uint32Array(0);
  #maxUs = 0;
  #isEmpty = true;

  record(timeUs: number): void {
    const us = timeUs > 0 ? Math.floor(timeUs) : 0;
    const cell = cellOf(us);
    if (cell >= this.#counts.length) this.#grow(cell);
    this.#counts[cell]!++;
    if (us > this.#maxUs) this.#maxUs = us;
    this.#isEmpty = false;
  }

  toSparse(): SparseHistogram {
    if (this.#isEmpty) return EMPTY_SPARSE_HISTOGRAM;
    const cells: number[] = [];
    const counts: number[] = [];
    const last = cellOf(this.#maxUs);
    for (let cell = 0; cell <= last; cell++) {
      const count = this.#counts[cell]!;
      if (count > 0) {
        cells.push(cell);
        counts.push(count);
      }
    }
    return { cells, counts, maxUs: this.#maxUs };
  }

  clear(): void {
    if (this.#isEmpty) return;
    this.#counts.fill(0, 0, cellOf(this.#maxUs) + 1);
    this.#maxUs = 0;
    this.#isEmpty = true;
  }

  #grow(cell: number): void {
    const counts = new Uint32Array(Math.max(FIRST_CELLS, 2 * this.#counts.length, cell + 1));
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

/**
 * HdrHistogram's cell of a whole number of µs (for 3 digits and a unit of 1): 2,048 cells of 1 µs, then 1,024 of 2 µs,
 * 1,024 of 4 µs and so on.
 */
export function cellOf(us: number): number {
  if (us <= 0x7fffffff) {
    const doublings = Math.max(0, 21 - Math.clz32(us));
    return doublings * 1024 + (us >>> doublings);
  }
  const doublings = Math.floor(Math.log2(us)) - 10;
  return doublings * 1024 + Math.floor(us / 2 ** doublings);
}

/** The range of a cell in whole µs, `toUs` included. */
export function rangeOf(cell: number): {
  readonly fromUs: number;
  readonly toUs: number;
  readonly widthUs: number;
} {
  const doublings = Math.max(0, Math.floor(cell / 1024) - 1);
  const widthUs = 2 ** doublings;
  const fromUs = (cell - doublings * 1024) * widthUs;
  return { fromUs, toUs: fromUs + widthUs - 1, widthUs };
}

/** Joins two sparse histograms cell by cell. Exact, associative and commutative. */
export function mergeSparse(a: SparseHistogram, b: SparseHistogram): SparseHistogram {
  if (a.cells.length === 0) return b;
  if (b.cells.length === 0) return a;
  const cells: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.cells.length || j < b.cells.length) {
    const cellA = a.cells[i] ?? Number.POSITIVE_INFINITY;
    const cellB = b.cells[j] ?? Number.POSITIVE_INFINITY;
    cells.push(Math.min(cellA, cellB));
    counts.push((cellA <= cellB ? a.counts[i]! : 0) + (cellB <= cellA ? b.counts[j]! : 0));
    if (cellA <= cellB) i++;
    if (cellB <= cellA) j++;
  }
  return { cells, counts, maxUs: Math.max(a.maxUs, b.maxUs) };
}

/**
 * Value at quantile q (0..1) in µs: the upper end of its cell, never above the greatest recorded value. @returns null
 * when empty.
 */
export function sparseQuantileUs(sparse: SparseHistogram, q: number): number | null {
  const { cells, counts, maxUs } = sparse;
  let total = 0;
  for (const count of counts) total += count;
  const rank = rankOfQuantile(q, total, 0);
  if (typeof rank !== "number") return null;
  let seen = 0;
  for (let i = 0; i < cells.length; i++) {
    seen += counts[i]!;
    if (seen >= rank) return Math.min(rangeOf(cells[i]!).toUs, maxUs);
  }
  return maxUs;
}
