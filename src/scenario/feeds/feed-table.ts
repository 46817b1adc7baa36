/**
 * The rows of a data feed, packed. All load threads read one copy, and a row costs its text and four bytes per value.
 * As objects, the rows of a file of 59 MB took 1.2 GB, and each thread had its own.
 */
export interface FeedTable {
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** UTF-8 of all values, row by row. */
  readonly bytes: SharedArrayBuffer;
  /** A Uint32 for each value: where it ends in `bytes`, plus the bit NOT_THERE. */
  readonly ends: SharedArrayBuffer;
}

/** Set on the end of a value that its row does not have. */
export const NOT_THERE = 0x8000_0000;
/** The ends of this many values take 80 MB. */
export const MOST_VALUES = 20_000_000;
