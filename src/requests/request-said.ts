type Path = readonly (string | number)[];

/** What a scenario says of a request and of what it uses, well formed or not. Paths begin at the request. */
export interface RequestSaid {
  /** Whether something is there. */
  has(...path: Path): boolean;
  /** Whether nothing is there, and no misspelt key may be meant for it. */
  lacks(...path: Path): boolean;
  /** Whether the map there has unknown keys. */
  isUnclear(...path: Path): boolean;
  /** All texts, numbers and switches below a path. */
  scalars(...path: Path): readonly WrittenScalar[];
  /** Where the load goes. null: it is known only when it runs, or it is no URL. */
  readonly target: string | null;
  /** The rows of a data feed. @returns null when they are not known. */
  rowsOf(feed: string): FeedRows | null;
}

export interface WrittenScalar {
  /** From the request. */
  readonly path: Path;
  readonly value: string | number | boolean | null;
  /** The value's characters. */
  readonly text: string;
  /** As the file has it, before variables were put in. */
  readonly written: string;
}

export interface FeedRows {
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** @returns undefined when the row has no such value. Rows and columns count from 0. */
  value(row: number, column: number): string | undefined;
}
