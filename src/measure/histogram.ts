import { encodeIntoCompressedBase64, Int32Histogram } from "hdr-histogram-js";

/** Precision of every recorded time: 3 significant digits, so within 0.1 %. */
const SIGNIFICANT_DIGITS = 3;
/** Times up to about 16 s fit without growing; longer ones make the histogram grow. */
const INITIAL_HIGHEST_US = 2 ** 24 - 1;

/** The cells of a histogram that hold something, in ascending order: what crosses threads. */
export interface SparseHistogram {
  /** HdrHistogram's own cell numbers for 3 digits and a unit of 1 µs. */
  readonly cells: readonly number[];
  readonly counts: readonly number[];
  /** The greatest recorded value itself, not its cell; 0 when empty. */
  readonly maxUs: number;
}

export const EMPTY_SPARSE_HISTOGRAM: SparseHistogram = { cells: [], counts: [], maxUs: 0 };

/** Times in whole microseconds with 3 significant digits; adding histograms is exact, in any order. */
export class TimeHistogram {
  readonly #hdr = newHdr();

  get count(): number {
    return this.#hdr.totalCount;
  }

  /** The greatest recorded value, exactly; 0 when empty. */
  get maxUs(): number {
    return this.#hdr.maxValue;
  }

  record(timeUs: number): void {
    this.#hdr.recordValue(timeUs > 0 ? Math.floor(timeUs) : 0);
  }

  add(sparse: SparseHistogram): void {
    if (sparse.cells.length === 0) return;
    const hdr = this.#hdr;
    const last = sparse.cells.length - 1;
    for (let i = 0; i < last; i++) {
      hdr.recordValueWithCount(hdr.valueFromIndex(sparse.cells[i]!), sparse.counts[i]!);
    }
    // The last cell holds the greatest value; recording that value itself keeps the maximum exact.
    hdr.recordValueWithCount(sparse.maxUs, sparse.counts[last]!);
  }

  toSparse(): SparseHistogram {
    const hdr = this.#hdr;
    if (hdr.totalCount === 0) return EMPTY_SPARSE_HISTOGRAM;
    const cells: number[] = [];
    const counts: number[] = [];
    const end = hdr.countsArrayIndex(hdr.maxValue) + 1;
    for (let cell = 0; cell < end; cell++) {
      const count = hdr.getCountAtIndex(cell);
      if (count > 0) {
        cells.push(cell);
        counts.push(count);
      }
    }
    return { cells, counts, maxUs: hdr.maxValue };
  }

  /** HdrHistogram V2 compressed, base64, unit 1 µs: readable by every HdrHistogram port. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#hdr);
  }

  clear(): void {
    this.#hdr.reset();
  }
}

/** Joins two sparse histograms cell by cell; exact, associative and commutative. */
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

/** Knows the cells' values; holds no counts. */
const RULER = newHdr();

/** Value at quantile q (0..1) in µs: the upper end of its cell, never above the greatest recorded value; null when empty. */
export function sparseQuantileUs(sparse: SparseHistogram, q: number): number | null {
  const { cells, counts, maxUs } = sparse;
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  // q·total can come out a hair above the whole number that is meant.
  const wanted = Math.max(1, Math.ceil(q * total - 1e-9 * total));
  let seen = 0;
  for (let i = 0; i < cells.length; i++) {
    seen += counts[i]!;
    if (seen >= wanted) return Math.min(RULER.highestEquivalentValue(RULER.valueFromIndex(cells[i]!)), maxUs);
  }
  return maxUs;
}

/** As `TimeHistogram.encode`. */
export function encodeSparse(sparse: SparseHistogram): string {
  const histogram = new TimeHistogram();
  histogram.add(sparse);
  return histogram.encode();
}

function newHdr(): Int32Histogram {
  const hdr = new Int32Histogram(1, INITIAL_HIGHEST_US, SIGNIFICANT_DIGITS);
  hdr.autoResize = true;
  return hdr;
}
