import type { ChalkInstance } from "chalk";
import type { CheckRow } from "../shown/check-rows.js";
import { type CompletionGlance, completionsAtGlance } from "../shown/completion-rows.js";
import { idCounts, idExamples } from "../shown/id-rows.js";
import { cut, fit, wrap } from "./layout.js";
import { toneOf } from "./slo-table.js";

/** Of what could not be asked so many lines of output are shown. */
const MOST_OUTPUT_LINES = 3;
/** Of each kind: lost, duplicated, unexpected. */
const MOST_EXAMPLES = 2;

/** A line for each check, and under one that did not hold what it asks and what came of it. */
export function terminalChecks(rows: readonly CheckRow[], columns: number, chalk: ChalkInstance): string[] {
  return rows.flatMap((row) => {
    const { sign, tone } = row.words;
    const paint = toneOf(tone, chalk);
    const head = row.verdict === "pass" || row.isInHeadline ? row.name : `${row.name}: ${row.reason}`;
    const lines = wrap(`${sign} check ${head}`, columns, row.verdict === "pass" ? 1 : 4);
    const story =
      row.verdict === "pass"
        ? []
        : [`expected ${row.expect}; asked by ${row.asks}`, ...idLines(row, columns - 2)];
    const completed = completionLines(row, columns - 2);
    return [
      ...lines.map((line, at) => (at === 0 ? paint(line) : `  ${line}`)),
      ...story.map((line) => `  ${chalk.dim(cut(line, columns - 2))}`),
      ...completed.map((line) => `  ${line}`),
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

/** Of more faults those that took longest are shown. */
const MOST_FAULTS = 4;
/** A narrow terminal has no room for columns. */
const LEAST_NAME = 12;

/** How soon 95 % of what was acknowledged was there: a line for each fault. */
function completionLines({ completion }: CheckRow, columns: number): readonly string[] {
  if (completion === null) return [];
  const { shown, more } = completionsAtGlance(completion, MOST_FAULTS);
  const cells = [
    ["95 % there after", "Baseline", "Fault", "Recovery"],
    ...shown.map(({ fault, baseline, during, recovery }) => [
      fault ?? "without a fault",
      baseline,
      during,
      recovery,
    ]),
  ];
  const widths = [1, 2, 3].map((at) => Math.max(...cells.map((line) => (line[at] ?? "").length)));
  const room = columns - widths.reduce((sum, width) => sum + width + 2, 0);
  const names = Math.max(...cells.map(([name = ""]) => name.length));
  const nameWidth = Math.min(room, names);
  const lines =
    nameWidth < LEAST_NAME
      ? shown.flatMap((row) => wrap(completionText(row), columns))
      : cells.map(
          ([name = "", ...others]) =>
            `${fit(name, nameWidth)}${others.map((text, at) => `  ${text.padStart(widths[at] ?? 0)}`).join("")}`,
        );
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

function completionText({ fault, baseline, during, recovery }: CompletionGlance): string {
  const times =
    fault === null ? baseline : `${during} in "${fault}", ${recovery} after it, ${baseline} in the baseline`;
  return `95 % there after ${times}`;
}

function outputLines({ output, verdict }: CheckRow): readonly string[] {
  if (output === null || verdict !== "invalid") return [];
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-MOST_OUTPUT_LINES);
}
