import type { RequestFile, TextStretch } from "../../request-files.js";

/** What is wrong inside a .proto file. */
export class ProtoProblem extends Error {
  readonly file: RequestFile;
  readonly stretch: TextStretch;
  readonly help: string | null;

  constructor(file: RequestFile, stretch: TextStretch, message: string, help: string | null = null) {
    super(message);
    this.file = file;
    this.stretch = stretch;
    this.help = help;
  }
}

/** The stretch of a word. @returns the text's first line when the word is not in it. */
export function stretchOfWord(text: string, word: string, nth: "first" | "last" = "first"): TextStretch {
  const found = [...text.matchAll(new RegExp(`(?<![\\w.])${escaped(word)}(?!\\w)`, "g"))];
  const match = nth === "first" ? found[0] : found.at(-1);
  return match ? { start: match.index, end: match.index + word.length } : { start: 0, end: lineEnd(text, 0) };
}

/** The stretch of a token in a line, or in one shortly before it. Lines count from 1. */
export function stretchInLine(text: string, line: number, token: string | null): TextStretch {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  for (let back = 0; token !== null && back < LINES_BACK; back++) {
    const start = starts[line - 1 - back];
    if (start === undefined) continue;
    const at = text.slice(start, lineEnd(text, start)).indexOf(token);
    if (at >= 0) return { start: start + at, end: start + at + token.length };
  }
  const start = starts[Math.min(line, starts.length) - 1] ?? 0;
  const blanks = /^[ \t]*/.exec(text.slice(start))?.[0].length ?? 0;
  return { start: start + blanks, end: Math.max(start + blanks, lineEnd(text, start)) };
}

/** The parser may have read on before it complains. */
const LINES_BACK = 5;

function lineEnd(text: string, start: number): number {
  const end = text.slice(start).search(/\r?\n/);
  return end < 0 ? text.length : start + end;
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
