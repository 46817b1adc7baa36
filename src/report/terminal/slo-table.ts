import type { ChalkInstance } from "chalk";
import CliTable from "cli-table3";
import stringWidth from "string-width";
import { oneLine } from "../escape.js";
import { ALL_PHASES, BASELINE_ONLY, type SloRow } from "../shown/slo-row.js";
import type { VerdictWords } from "../shown/verdict-words.js";
import { cut } from "./layout.js";
import type { Legend } from "./legend.js";

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
/** Where a table is drawn. */
export interface TableScreen {
  readonly columns: number;
  readonly chalk: ChalkInstance;
  readonly legend: Legend;
}

const INDENT = 2;
const GAP = NO_LINES.middle.length;

/**
 * SLOs of one fault: baseline, fault and recovery side by side, then target and verdict. When the SLO as the user wrote
 * it does not fit, only its metric is shown (the target has its own column) and the verdict is a sign.
 */
export function renderSloTable(rows: readonly SloRow[], { columns, chalk, legend }: TableScreen): string[] {
  const phases = rows.every(({ judged }) => judged === "baseline") ? BASELINE_ONLY : ALL_PHASES;
  legend.add(rows.some(({ beyondTimeout }) => phases.some(({ key }) => beyondTimeout.includes(key))));
  const full = toCells(rows, phases, true);
  const fits = totalWidth(full) <= columns;
  const cells = fits ? full : toCells(rows, phases, false);
  const excess = Math.max(0, totalWidth(cells) - columns);
  const widths = widthsOf(cells).map((width, column) => (column === 0 ? Math.max(6, width - excess) : width));
  const table = new CliTable({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths: widths,
    colAligns: ["left", ...phases.map(() => "right" as const), "right", "left"],
  });
  for (const [index, line] of cells.entries()) {
    const row = rows[index - 1];
    table.push(
      line.map((text, column) => {
        if (!row) return chalk.dim(text);
        const shown = column === 0 ? cut(text, widths[0] ?? 0) : text;
        const judged = column === phases.length + 2 || phases[column - 1]?.key === row.judged;
        return judged ? toneOf(row.verdict.tone, chalk)(shown) : shown;
      }),
    );
  }
  return table
    .toString()
    .split("\n")
    .map((line) => `${" ".repeat(INDENT)}${line}`.trimEnd());
}

/** The head and one line for each row: SLO, the phases, target, verdict. */
function toCells(rows: readonly SloRow[], phases: typeof ALL_PHASES, full: boolean): string[][] {
  return [
    ["SLO", ...phases.map(({ key }) => key), "target", full ? "verdict" : ""],
    ...rows.map((row) => [
      oneLine(full ? row.expect : row.metric),
      ...phases.map(({ key }) => row[key]),
      row.target,
      full ? `${row.verdict.sign} ${row.verdict.word}` : row.verdict.sign,
    ]),
  ];
}

function widthsOf(cells: readonly (readonly string[])[]): number[] {
  const head = cells[0] ?? [];
  return head.map((_, column) => Math.max(1, ...cells.map((line) => stringWidth(line[column] ?? ""))));
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
