type Path = readonly (string | number)[];

/** A text file that a request names, or that such a file names. */
export interface RequestFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** A stretch of a text, end exclusive. */
export interface TextStretch {
  readonly start: number;
  readonly end: number;
}

/** Reads what requests name of other files, as all files of a scenario are read. Each file is read once. */
export interface RequestFiles {
  /** The absolute path of a file or folder. `at`: where the request names it. */
  pathOf(at: Path, file: string): string;
  /**
   * `ending`: of all such files, so that complaints never quote another one.
   * @returns null, after a complaint at that place of the request, when it cannot be read.
   */
  read(at: Path, file: string, ending: string): Promise<RequestFile | null>;
  /**
   * The bytes of any file, which no complaint quotes.
   * @returns null, after a complaint at that place of the request, when it cannot be read, or is too large.
   */
  readBytes(at: Path, file: string): Promise<Uint8Array | null>;
  /**
   * The first of these absolute paths that leads to a file.
   * @returns null, after a complaint at that stretch of `by`, when it cannot be read.
   */
  readFirst(
    paths: readonly string[],
    by: RequestFile,
    stretch: TextStretch,
    ending: string,
  ): Promise<RequestFile | "nowhere" | null>;
  /** A complaint about the text of a file. */
  complain(by: RequestFile, stretch: TextStretch, message: string, help: string | null): void;
}
