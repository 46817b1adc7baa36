import type { ChalkInstance } from "chalk";
import type { CheckRow } from "../shown/check-rows.js";
import { idCounts, idExamples } from "../shown/id-rows.js";
import { cut, wrap } from "./layout.js";
import { toneOf } from "./slo-table.js";

/** Of what could not be asked so many lines of output are shown. */
const MOST_OUTPUT_LINES = 3;
/** Of each kind: lost, duplicated, unexpected. */
const MOST_EXAMPLES = 2;

/** A line for each check, and under one that did not hold what it asks and what came of it. */
export function renderChecks(rows: readonly CheckRow[], columns: number, chalk: ChalkInstance): string[] {
  return rows.flatMap((row) => {
    const { sign, tone } = row.words;
    const paint = toneOf(tone, chalk);
    const head = row.verdict === "pass" || row.isInHeadline ? row.name : `${row.name}: ${row.reason}`;
    const lines = wrap(`${sign} check ${head}`, columns, row.verdict === "pass" ? 1 : 4);
    const story =
      row.verdict === "pass"
        ? []
        : [`expected ${row.expect}; asked by ${row.asks}`, ...idLines(row, columns - 2)];
    return [
      ...lines.map((line, at) => (at === 0 ? paint(line) : `  ${line}`)),
      ...story.map((line) => `  ${chalk.dim(cut(line, columns - 2))}`),
      ...outputLines(row).map((line) => `  ${chalk.dim(cut(`| ${line}`, columns - 2))}`),
    ];
  });
}

function idLines({ ids }: CheckRow, columns: number): readonly string[] {
  if (ids === null) return [];
  const counts = idCounts(ids).map(({ name, count }) => `${name} ${count}`);
  const examples = idExamples(ids, MOST_EXAMPLES).map(({ kind, id, sent }) => `${kind}: ${id}, sent ${sent}`);
  // A name stays with its number.
  const whole = counts.map((each) => each.replaceAll(" ", "\u00a0")).join(" · ");
  return [...wrap(whole, columns).map((line) => line.replaceAll("\u00a0", " ")), ...examples];
}

function outputLines({ output, verdict }: CheckRow): readonly string[] {
  if (output === null || verdict !== "invalid") return [];
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-MOST_OUTPUT_LINES);
}
