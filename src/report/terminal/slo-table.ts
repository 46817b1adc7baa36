import type { ChalkInstance } from "chalk";
import CliTable from "cli-table3";
import stringWidth from "string-width";
import { oneLine } from "../escape.js";
import type { SloRow } from "../slo-row.js";
import type { VerdictWords } from "../words.js";
import { cut } from "./layout.js";

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};
const INDENT = 2;
const GAP = NO_LINES.middle.length;

/**
 * SLOs of one fault: baseline, fault and recovery side by side, then target and verdict. Where the SLO as the user
 * wrote it does not fit, its metric alone stands there (the target has its own column) and the verdict is a sign.
 */
export function renderSloTable(rows: readonly SloRow[], columns: number, chalk: ChalkInstance): string[] {
  const full = toCells(rows, true);
  const fits = totalWidth(full) <= columns;
  const cells = fits ? full : toCells(rows, false);
  const excess = Math.max(0, totalWidth(cells) - columns);
  const widths = widthsOf(cells).map((width, column) => (column === 0 ? Math.max(6, width - excess) : width));
  const table = new CliTable({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths: widths,
    colAligns: ["left", "right", "right", "right", "right", "left"],
  });
  for (const [index, line] of cells.entries()) {
    const row = rows[index - 1];
    table.push(
      line.map((text, column) => {
        if (!row) return chalk.dim(text);
        const shown = column === 0 ? cut(text, widths[0] ?? 0) : text;
        const judged = column === 5 || COLUMNS[column] === row.judged;
        return judged ? toneOf(row.verdict.tone, chalk)(shown) : shown;
      }),
    );
  }
  return table
    .toString()
    .split("\n")
    .map((line) => `${" ".repeat(INDENT)}${line}`.trimEnd());
}

const COLUMNS = ["SLO", "baseline", "fault", "recovery", "target", "verdict"] as const;

/** The head and one line for each row. */
function toCells(rows: readonly SloRow[], full: boolean): string[][] {
  return [
    [...COLUMNS.slice(0, 5), full ? "verdict" : ""],
    ...rows.map((row) => [
      oneLine(full ? row.expect : row.metric),
      row.baseline,
      row.fault,
      row.recovery,
      row.target,
      full ? `${row.verdict.sign} ${row.verdict.word}` : row.verdict.sign,
    ]),
  ];
}

function widthsOf(cells: readonly (readonly string[])[]): number[] {
  return COLUMNS.map((_, column) => Math.max(1, ...cells.map((line) => stringWidth(line[column] ?? ""))));
}

function totalWidth(cells: readonly (readonly string[])[]): number {
  return INDENT + widthsOf(cells).reduce((sum, width) => sum + width + GAP, -GAP);
}

/** Colour by meaning. */
export function toneOf(tone: VerdictWords["tone"], chalk: ChalkInstance): ChalkInstance {
  switch (tone) {
    case "good":
      return chalk.green;
    case "bad":
      return chalk.red;
    case "unsure":
      return chalk.yellow;
    case "muted":
      return chalk.dim;
  }
}
