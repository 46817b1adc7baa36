import { stripVTControlCharacters } from "node:util";

/** In a diagnostic: a line of the scenario or the marks below it. */
const CODE_FRAME = /^\s*\d*\s*\|/;

/**
 * Breaks lines between words when they are longer than the terminal is wide, which would break them in mid-word. Text
 * without a blank (a path, an address) stays whole, so that it can be copied. So do the lines of code frames.
 */
export function wrapLines(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => (widthOf(line) <= columns || CODE_FRAME.test(line) ? line : wrapLine(line, columns)))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let filled = "";
  for (const word of line.slice(indent.length).split(" ")) {
    const begun = lines.length === 0 ? indent : `${indent}  `;
    const longer = filled === "" ? `${begun}${word}` : `${filled} ${word}`;
    if (filled !== "" && widthOf(longer) > columns) {
      lines.push(filled);
      filled = `${indent}  ${word}`;
    } else filled = longer;
  }
  return [...lines, filled].join("\n");
}

/** Near enough: wide characters are rare here, and a library that knows them would slow every start. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
