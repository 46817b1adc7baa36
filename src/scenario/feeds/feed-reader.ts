import { type FeedTable, NOT_THERE } from "./feed-table.js";

/** Looks into a table. */
export class FeedReader {
  readonly table: FeedTable;
  readonly #bytes: Buffer;
  readonly #ends: Uint32Array;

  constructor(table: FeedTable) {
    this.table = table;
    this.#bytes = Buffer.from(table.bytes);
    this.#ends = new Uint32Array(table.ends);
  }

  /** @returns undefined when the row has no such value. Rows and columns count from 0. */
  value(row: number, column: number): string | undefined {
    const at = row * this.table.columns.length + column;
    const end = this.#ends[at] ?? NOT_THERE;
    if (end >= NOT_THERE) return undefined;
    const start = at === 0 ? 0 : this.#ends[at - 1]! % NOT_THERE;
    return this.#bytes.toString("utf8", start, end);
  }

  /** The first row without a value for the column. @returns null when each row has one. */
  firstRowWithout(column: number): number | null {
    const { columns, rowCount } = this.table;
    for (let row = 0; row < rowCount; row += 1) {
      if (this.#ends[row * columns.length + column]! >= NOT_THERE) return row;
    }
    return null;
  }

  columnsOf(row: number): readonly string[] {
    return this.table.columns.filter((_, column) => this.value(row, column) !== undefined);
  }
}
