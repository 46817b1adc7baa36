import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Int32Histogram,
  JsHistogram,
} from "hdr-histogram-js";
import { cellOf, EMPTY_SPARSE_HISTOGRAM, mergeSparse, rangeOf, type SparseHistogram } from "./histogram.js";

/** Precision of every recorded time: within 0.1 %. */
const SIGNIFICANT_DIGITS = 3;
/** Times up to about 16 s fit without growing. Longer ones make the histogram grow. */
const INITIAL_HIGHEST_US = 2 ** 24 - 1;

/**
 * Times of one stretch of a run, in HdrHistogram's cells. Never changes. JSON holds it encoded: it is encoded when a
 * record is written, and decoded once when a record is read.
 */
export class RecordedTimes {
  /** A typed array takes half the memory of a list. A record has a hundred of them. */
  readonly cells: Uint32Array;
  readonly counts: Uint32Array;
  /** How many times there are. */
  readonly count: number;
  #upTo: Float64Array | null = null;
  #encoded: string | null = null;

  constructor({ cells, counts }: Pick<SparseHistogram, "cells" | "counts">) {
    this.cells = Uint32Array.from(cells);
    this.counts = Uint32Array.from(counts);
    this.count = counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * @param encoded HdrHistogram V2, compressed, base64, in microseconds.
   * @throws when it is no histogram.
   */
  static decode(encoded: string): RecordedTimes {
    const hdr = decodeFromCompressedBase64(encoded);
    if (!(hdr instanceof JsHistogram)) throw new Error("it is no histogram");
    const times = new RecordedTimes(cellsOf(hdr));
    times.#encoded = encoded;
    return times;
  }

  /** All of these times together. */
  static joined(parts: readonly RecordedTimes[]): RecordedTimes {
    const sparse = parts.map(({ cells, counts }) => ({ cells: [...cells], counts: [...counts], maxUs: 0 }));
    return new RecordedTimes(sparse.reduce(mergeSparse, EMPTY_SPARSE_HISTOGRAM));
  }

  /** The time of this rank (from 1) in order of length: the upper end of its cell. */
  atRankUs(rank: number): number {
    const upTo = this.#countsUpTo();
    const at = firstFrom(upTo.length, (cell) => upTo[cell]! >= rank);
    const cell = this.cells[at];
    if (cell === undefined) throw new Error(`rank ${rank} of ${this.count} times`);
    return rangeOf(cell).toUs;
  }

  /** A lower bound of all times: the lower end of the first cell. */
  leastUs(): number {
    return rangeOf(this.cells[0] ?? 0).fromUs;
  }

  /** The number of times in cells that end above this. */
  countAboveUs(us: number): number {
    const first = firstFrom(this.cells.length, (at) => rangeOf(this.cells[at]!).toUs > us);
    return this.count - (first === 0 ? 0 : this.#countsUpTo()[first - 1]!);
  }

  /** The sum of all times, each as the middle of its cell. */
  totalUs(): number {
    return this.cells.reduce((total, cell, at) => {
      const { fromUs, widthUs } = rangeOf(cell);
      return total + (fromUs + Math.floor(widthUs / 2)) * this.counts[at]!;
    }, 0);
  }

  /** HdrHistogram V2, compressed, base64, in microseconds. Every HdrHistogram port can read it. */
  toJSON(): string {
    this.#encoded ??= encode(this);
    return this.#encoded;
  }

  /** For each cell: how many times are in it and in the cells before it. */
  #countsUpTo(): Float64Array {
    if (this.#upTo === null) {
      let total = 0;
      this.#upTo = Float64Array.from(this.counts, (count) => {
        total += count;
        return total;
      });
    }
    return this.#upTo;
  }
}

/**
 * The first of 0..length − 1 for which `isSo` holds, when it holds for all after it. @returns `length` when there is
 * none.
 */
function firstFrom(length: number, isSo: (at: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (isSo(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

function encode({ cells, counts }: RecordedTimes): string {
  const hdr = new Int32Histogram(1, INITIAL_HIGHEST_US, SIGNIFICANT_DIGITS);
  hdr.autoResize = true;
  for (const [at, cell] of cells.entries()) hdr.recordValueWithCount(rangeOf(cell).fromUs, counts[at]!);
  return encodeIntoCompressedBase64(hdr);
}

/** Another program's histogram may have narrower cells. */
function cellsOf(hdr: JsHistogram): Pick<SparseHistogram, "cells" | "counts"> {
  const cells: number[] = [];
  const counts: number[] = [];
  for (let index = 0; index < hdr.countsArrayLength; index++) {
    const count = hdr.getCountAtIndex(index);
    if (count === 0) continue;
    const cell = cellOf(hdr.valueFromIndex(index));
    if (cells.at(-1) === cell) counts[counts.length - 1]! += count;
    else {
      cells.push(cell);
      counts.push(count);
    }
  }
  return { cells, counts };
}
