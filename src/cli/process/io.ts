import type { Readable, Writable } from "node:stream";

/** SIGHUP: the terminal was closed. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export type SignalListener = (signal: EndSignal) => void;

/** The process as commands see it, so that tests can run the whole command line in-process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The product. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  /** The conversation. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Registers for all of them. @returns a function that takes it off again. */
  onSignal(listener: SignalListener): () => void;
  /** A second interrupt: leave at once. */
  exitNow(code: number): void;
}

/**
 * Whether to use colour: only on a terminal that wants it, not with --no-color or NO_COLOR. FORCE_COLOR overrides the
 * terminal.
 */
export function colorFor(
  stream: { readonly isTTY?: boolean },
  { env }: Pick<Io, "env">,
  flags: { readonly color?: boolean },
): boolean {
  if (flags.color === false || (env.NO_COLOR ?? "") !== "") return false;
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** Used when neither a terminal nor COLUMNS gives a width. */
const DEFAULT_COLUMNS = 100;

/** The width of stdout. When it is no terminal: as COLUMNS asks for. */
export function columnsOf({ stdout, env }: Pick<Io, "stdout" | "env">, otherwise = DEFAULT_COLUMNS): number {
  const asked = Number(env.COLUMNS);
  return stdout.columns || (Number.isInteger(asked) && asked > 0 ? asked : otherwise);
}

/** What a report may use of stdout, with this many lines `below` it. A pipe, a file and a CI log have no last line. */
export function viewFor(
  io: Pick<Io, "stdout" | "env">,
  flags: { readonly color?: boolean },
  below: number,
): { readonly columns: number; readonly color: boolean; readonly rows?: number } {
  const { rows, isTTY } = io.stdout;
  const view = { columns: columnsOf(io), color: colorFor(io.stdout, io, flags) };
  return isTTY && rows ? { ...view, rows: rows - below } : view;
}
