import path from "node:path";

/** A text that diagnostics can point into: a scenario file, or an option of the command line. */
export class Source {
  /** As the user named it. */
  readonly name: string;
  readonly text: string;
  /** Absolute. Relative paths in this text count from here. */
  readonly folder: string;
  #lineStarts: readonly number[] | null = null;

  constructor(name: string, text: string, folder: string) {
    this.name = name;
    this.text = text;
    this.folder = path.resolve(folder);
  }

  /** 1-based line and column (in UTF-16 units) of an offset. Offsets outside the text are moved to its ends. */
  position(offset: number): { readonly line: number; readonly column: number } {
    const starts = this.#starts();
    const at = Math.min(Math.max(0, offset), this.text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - starts[low]! + 1 };
  }

  get lineCount(): number {
    return this.#starts().length;
  }

  /** Text of a 1-based line without its line end. */
  line(number: number): string {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return "";
    return this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$|\r$/, "");
  }

  #starts(): readonly number[] {
    if (this.#lineStarts) return this.#lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
    return starts;
  }
}

/** A stretch of a source, end exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}
