import { type FeedTable, MOST_VALUES, NOT_THERE } from "./feed-table.js";

/** More values than a feed may have. */
export class TooManyValues extends Error {}

/** Takes rows one after the other. */
export class FeedPacker {
  readonly #columns: readonly string[];
  #bytes = Buffer.alloc(64 * 1024);
  #length = 0;
  #ends = new Uint32Array(1024);
  #values = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** Adds a row: one value for each column, in order. undefined: the row has none. @throws TooManyValues. */
  add(row: readonly (string | undefined)[]): void {
    if (this.#values + row.length > MOST_VALUES) throw new TooManyValues();
    for (const value of row) this.#addValue(value);
  }

  pack(): FeedTable {
    const bytes = new SharedArrayBuffer(this.#length);
    Buffer.from(bytes).set(this.#bytes.subarray(0, this.#length));
    const ends = new SharedArrayBuffer(this.#values * Uint32Array.BYTES_PER_ELEMENT);
    new Uint32Array(ends).set(this.#ends.subarray(0, this.#values));
    const rowCount = this.#columns.length === 0 ? 0 : this.#values / this.#columns.length;
    return { columns: this.#columns, rowCount, bytes, ends };
  }

  #addValue(value: string | undefined): void {
    if (value !== undefined) {
      // The most that UTF-8 needs for a UTF-16 unit.
      const mostBytes = value.length * 3;
      if (this.#length + mostBytes > this.#bytes.length) {
        const larger = Buffer.alloc((this.#length + mostBytes) * 2);
        this.#bytes.copy(larger, 0, 0, this.#length);
        this.#bytes = larger;
      }
      this.#length += this.#bytes.write(value, this.#length);
    }
    if (this.#values === this.#ends.length) {
      const larger = new Uint32Array(this.#ends.length * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#values] = value === undefined ? this.#length + NOT_THERE : this.#length;
    this.#values += 1;
  }
}

/** The table of rows that are in memory already. @throws TooManyValues. */
export function packRows(rows: readonly Readonly<Record<string, string>>[]): FeedTable {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length * rows.length > MOST_VALUES) throw new TooManyValues();
  const packer = new FeedPacker(columns);
  for (const row of rows) {
    packer.add(columns.map((column) => (Object.hasOwn(row, column) ? row[column] : undefined)));
  }
  return packer.pack();
}
