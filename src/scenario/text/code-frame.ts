import type { Span } from "./source.js";

/** Longer lines are cut: the meant line around the caret, its neighbours at their end. */
const WIDTH = 100;

/**
 * The stretch's first line between its neighbours, with carets under the stretch:
 *
 *      3 | load:
 *   >  4 |   rate: 200
 *        |         ^^^
 */
export function codeFrame(span: Span): string {
  const { source } = span;
  const start = source.position(span.start);
  const end = source.position(span.end);
  const first = Math.max(1, start.line - 1);
  const last = Math.min(source.lineCount, start.line + 1);
  const digits = String(last).length;

  const lineText = source.line(start.line);
  const cutFrom = start.column > WIDTH * 0.7 ? start.column - Math.floor(WIDTH / 2) : 0;
  const lineEnd = Math.min(lineText.length + 1, cutFrom + WIDTH + 1);
  const stop = end.line > start.line ? lineEnd : Math.min(end.column, lineEnd);
  const before = columnsOf(lineText.slice(cutFrom, start.column - 1)) + (cutFrom > 0 ? 1 : 0);
  const carets = "^".repeat(Math.max(1, columnsOf(lineText.slice(start.column - 1, stop - 1))));

  const lines: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const here = number === start.line;
    const text = windowOf(source.line(number), here ? cutFrom : 0);
    if (!here && text.trim() === "") continue;
    lines.push(`${here ? "  > " : "    "}${String(number).padStart(digits)} | ${text}`.trimEnd());
    if (here) lines.push(`    ${" ".repeat(digits)} | ${" ".repeat(before)}${carets}`);
  }
  return lines.join("\n");
}

/** As much of a line as is shown, with a mark where there is more. */
function windowOf(text: string, from: number): string {
  const cut = printable(text.slice(from, from + WIDTH));
  return `${from > 0 ? "…" : ""}${cut}${text.length > from + WIDTH ? "…" : ""}`;
}

/**
 * A tab is one column wide here, so that the caret stands under what it means. Control characters reach no terminal.
 */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === "\t" ? " " : "·"));
}

/** East Asian letters, full-width forms and emoji. */
const WIDE =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/gu;
/** Accents and the like are drawn over the letter before. */
const COMBINING = /\p{M}/gu;

/** The width of a text in a terminal, in columns. */
function columnsOf(text: string): number {
  const drawn = printable(text).replace(COMBINING, "").replace(WIDE, "··");
  return [...drawn].length;
}
