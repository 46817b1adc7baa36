import { harmless } from "../../support/printable.js";
import { colorFor, type Io } from "./io.js";
import { wrapLines } from "./wrap-lines.js";

/**
 * The process as commands see it. Everything that they write is freed from what would act on a terminal or a CI server:
 * names, file names, what servers and services said. This is the only place where that is done.
 */
export interface HarmlessIo extends Io {
  /** stderr as it is, for code that draws on a terminal. Texts from outside go through `clean` first. */
  readonly terminal: Io["stderr"];
  /** What `stderr` makes of a text. */
  clean(text: string): string;
  /** Writes commands for the CI server. Nothing else that is written can be one. */
  command(text: string): void;
  /** The same process, with secrets taken out of everything that goes to stderr. */
  masking(mask: (text: string) => string): HarmlessIo;
}

/** A process that is already harmless stays as it is. */
export function harmlessIo(process: Io): HarmlessIo {
  return isHarmless(process) ? process : maskingIo(process, (text) => text);
}

function isHarmless(process: Io): process is HarmlessIo {
  return "masking" in process;
}

function maskingIo(process: Io, mask: (text: string) => string): HarmlessIo {
  // Freed first: a control character could stand in the middle of a secret.
  const clean = (text: string) => mask(harmless(text));
  const { isTTY, columns } = process.stderr;
  // A file and a CI server's log keep the lines as they are.
  const said = isTTY && columns ? (text: string) => wrapLines(clean(text), columns) : clean;
  // stdout shows what is made from the record, which holds no secret. And JSON must not be edited as text.
  const shown = colorFor(process.stdout, process, {}) ? colored(harmless) : harmless;
  return {
    ...process,
    stdout: written(process.stdout, shown),
    stderr: written(process.stderr, said),
    terminal: process.stderr,
    clean,
    command: (text) => void process.stderr.write(mask(text)),
    masking: (other) => maskingIo(process, other),
  };
}

/** The same stream, with each text changed on its way. */
function written<T extends Io["stderr"]>(stream: T, change: (text: string) => string): T {
  return new Proxy(stream, {
    get(_, name) {
      if (name === "write") {
        return (chunk: unknown, ...rest: readonly unknown[]) =>
          Reflect.apply(stream.write, stream, [typeof chunk === "string" ? change(chunk) : chunk, ...rest]);
      }
      // A stream's methods work on the stream itself, not on its proxy.
      const value: unknown = Reflect.get(stream, name, stream);
      return typeof value === "function" ? value.bind(stream) : value;
    },
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what reports are coloured with
const COLOR = /(\u001b\[[\d;]*m)/;

/** Leaves the colours of reports in place. Texts from outside have lost theirs before they became part of a report. */
function colored(change: (text: string) => string): (text: string) => string {
  return (text) =>
    text
      .split(COLOR)
      .map((piece, index) => (index % 2 === 1 ? piece : change(piece)))
      .join("");
}
