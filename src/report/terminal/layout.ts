import stringWidth from "string-width";
import { oneLine } from "../escape.js";

/** At most `width` columns of printable text, with "…" where something was cut. */
export function cut(text: string, width: number): string {
  const line = oneLine(text);
  if (stringWidth(line) <= width) return line;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Padded to `width` columns. Cut when longer. */
export function fit(text: string, width: number): string {
  const short = cut(text, width);
  return short + " ".repeat(Math.max(0, width - stringWidth(short)));
}

/** Lines of at most `width` columns, broken between words. At most `maxLines`; the last one is cut. */
export function wrap(text: string, width: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  let line = "";
  const words = oneLine(text).split(" ");
  for (const [index, word] of words.entries()) {
    const longer = line ? `${line} ${word}` : word;
    if (stringWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (lines.length + 1 >= maxLines)
      return [...lines, cut([line, ...words.slice(index)].join(" ").trim(), width)];
    if (line) lines.push(line);
    line = cut(word, width);
  }
  return line ? [...lines, line] : lines;
}

/** Left and right text in one line of `width` columns. The left one is cut when both do not fit. */
export function spread(
  left: string,
  right: string,
  width: number,
): { left: string; gap: string; right: string } {
  const room = width - stringWidth(right) - (right ? 2 : 0);
  const shown = cut(left, room);
  return {
    left: shown,
    gap: " ".repeat(Math.max(0, width - stringWidth(shown) - stringWidth(right))),
    right,
  };
}

const DOT = " · ";

/** As many whole parts as fit in `width` columns, with a dot between them, and "…" for the rest. */
export function fitParts(parts: readonly string[], width: number): string {
  const all = parts.join(DOT);
  if (stringWidth(all) <= width) return all;
  for (let kept = parts.length - 1; kept > 0; kept--) {
    const line = [...parts.slice(0, kept), "…"].join(DOT);
    if (stringWidth(line) <= width) return line;
  }
  return cut(all, width);
}

/** Bars for a row of values, from the lowest to the highest. */
export const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
