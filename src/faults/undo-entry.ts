/**
 * What another process can undo a deed from. It is written down before the deed, so the deed may or may not have
 * happened.
 */
export interface UndoEntry {
  /** The driver that knows what `undo` means. */
  readonly driver: string;
  /** Plain data, as the driver wrote it. */
  readonly undo: unknown;
  /** What the deed is about, for people: `proxy "cache" of http://127.0.0.1:8474`. */
  readonly text: string;
}

/** The result of undoing. */
export interface Undone {
  /** What was done (in a dry run: would be done), in words. */
  readonly did: readonly string[];
  /** What could not be undone, or whose state could not be asked for. */
  readonly failures: readonly string[];
}

export interface UndoOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /**
   * Takes out only what acts on passing data. The run stands still and may go on, and its service may use its proxies.
   */
  readonly keepProxies?: boolean;
  /** Has the secrets that servers ask for; no journal has them. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Undoes the entries of one driver. Never rejects. */
export type Undo = (entries: readonly UndoEntry[], options: UndoOptions) => Promise<Undone>;
