import type { Readable, Writable } from "node:stream";

export type SignalListener = (signal: "SIGINT" | "SIGTERM") => void;

/** The process as commands see it, so that tests can run the whole command line in-process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The product. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  /** The conversation. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Registers for SIGINT and SIGTERM; returns a function that takes it off again. */
  onSignal(listener: SignalListener): () => void;
  /** A second interrupt: leave at once. */
  exitNow(code: number): void;
}

/** Colour only for a terminal that wants it: not with --no-color or NO_COLOR; FORCE_COLOR overrides the terminal. */
export function colorFor(
  stream: { readonly isTTY?: boolean },
  { env }: Pick<Io, "env">,
  flags: { readonly color?: boolean },
): boolean {
  if (flags.color === false || (env.NO_COLOR ?? "") !== "") return false;
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** Where no terminal says how wide it is. */
const COLUMNS = 100;

/** What a report may use of stdout, with so many lines `below` it. A pipe, a file and a CI log have no last line. */
export function viewFor(
  io: Pick<Io, "stdout" | "env">,
  flags: { readonly color?: boolean },
  below: number,
): { readonly columns: number; readonly color: boolean; readonly rows?: number } {
  const { columns, rows, isTTY } = io.stdout;
  const view = { columns: columns || COLUMNS, color: colorFor(io.stdout, io, flags) };
  return isTTY && rows ? { ...view, rows: rows - below } : view;
}
