import type { Readable, Writable } from "node:stream";

/** The process as commands see it, so that tests can run the whole command line in-process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The product. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** The conversation. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Registers for SIGINT and SIGTERM; returns a function that takes it off again. */
  onSignal(listener: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /** A second interrupt: leave at once. */
  exitNow(code: number): void;
}
