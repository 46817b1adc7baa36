/** What another process can undo a deed from. It is written down before the deed, which may then have happened or not. */
export interface UndoEntry {
  /** Who knows what `undo` means. */
  readonly driver: string;
  /** Plain data, as the driver wrote it. */
  readonly undo: unknown;
  /** What the deed is about, for people: `proxy "cache" of http://127.0.0.1:8474`. */
  readonly text: string;
}

/** What came of undoing. */
export interface Undone {
  /** What was (or, in a dry run, would be) done, in words. */
  readonly did: readonly string[];
  /** What could not be undone, or whose state could not be asked for. */
  readonly failures: readonly string[];
}

export interface UndoOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Takes out only what acts on what passes: the run stands still, may go on, and its service may use its proxies. */
  readonly keepProxies?: boolean;
  /** Secrets that servers ask for stand there, and in no journal; without it, that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Undoes what entries of one driver tell of. Never rejects. */
export type Undo = (entries: readonly UndoEntry[], options: UndoOptions) => Promise<Undone>;
