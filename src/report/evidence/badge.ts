import type { GateItem } from "../../ledger/gate.js";
import { countsText } from "../../ledger/gate-in-words.js";
import { markup } from "../html/markup.js";

const LABEL = "resilience";
/** White text on each of these has a contrast of 4.5 or more. */
const COLORS = { pass: "#1a7f37", fail: "#cf222e", inconclusive: "#8a5d00" } as const;
const LABEL_COLOR = "#444c56";
/** Width of a character in 11 px Verdana and similar fonts. `textLength` makes the text fit in any other font. */
const CHARACTER_PX = 6.6;
const PADDING_PX = 7;
const HEIGHT_PX = 20;

/** The gate's answer as a badge: an SVG that loads nothing. */
export function renderBadge(verdict: keyof typeof COLORS, items: readonly GateItem[]): string {
  const value = items.length === 0 ? "no evidence" : countsText(items);
  const [left, right] = [LABEL, value].map((text) => Math.ceil(text.length * CHARACTER_PX));
  const [labelPx = 0, valuePx = 0] = [left, right].map((width) => (width ?? 0) + 2 * PADDING_PX);
  const width = labelPx + valuePx;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT_PX}" viewBox="0 0 ${width} ${HEIGHT_PX}" role="img" aria-label="${LABEL}: ${value}"><title>${LABEL}: ${value}</title><clipPath id="r"><rect width="${width}" height="${HEIGHT_PX}" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="${labelPx}" height="${HEIGHT_PX}" fill="${LABEL_COLOR}"/><rect x="${labelPx}" width="${valuePx}" height="${HEIGHT_PX}" fill="${COLORS[verdict]}"/></g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="${PADDING_PX}" y="14" textLength="${left ?? 0}">${LABEL}</text><text x="${labelPx + PADDING_PX}" y="14" textLength="${right ?? 0}">${value}</text></g></svg>
`.text;
}
