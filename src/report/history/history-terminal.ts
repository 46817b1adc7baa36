import { Chalk, type ChalkInstance } from "chalk";
import { formatBeside } from "../../support/format.js";
import { sloRow } from "../shown/slo-row.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { BARS, cut, fit, spread, wrap } from "../terminal/layout.js";
import { toneOf } from "../terminal/slo-table.js";
import { trendWords } from "./trend-words.js";
import {
  type BreakingTrend,
  boundsText,
  breakingText,
  heightsOf,
  type PastRun,
  type ScenarioHistory,
  type Trend,
  type TrendPoint,
} from "./trends.js";

/** Signs for values that have no height. */
const SIGNS = { inf: "×", beyond: "↑" } as const;

/** Runs of each scenario, newest first, then the course of each SLO from the oldest run to the newest. */
export function renderHistory(
  histories: readonly ScenarioHistory[],
  view: {
    readonly columns: number;
    readonly color: boolean;
    readonly folderName: (folder: string) => string;
  },
): string {
  const columns = Math.min(110, Math.max(60, view.columns));
  const chalk = new Chalk({ level: view.color ? 1 : 0 });
  return histories
    .map((history) =>
      [
        chalk.bold(cut(history.name, columns)),
        ...history.runs.toReversed().map((run) => runLine(run, columns, chalk, view.folderName)),
        "",
        ...trendLines(history, columns, chalk),
        ...breakingLines(history, columns, chalk),
        ...searchedLines(history, columns, chalk),
      ].join("\n"),
    )
    .join("\n\n")
    .concat("\n");
}

function runLine(
  run: PastRun,
  columns: number,
  chalk: ChalkInstance,
  folderName: (folder: string) => string,
): string {
  const { report } = run;
  const words = VERDICT_WORDS[report.verdict];
  const when = report.startedAt.slice(0, 16).replace("T", " ");
  const score = report.score ? `score ${Math.floor(report.score.value)}` : "";
  const left = `  ${when}  ${fit(`${words.sign} ${words.word}`, 14)}  ${fit(score, 9)}  `;
  const painted = `  ${when}  ${toneOf(words.tone, chalk)(fit(`${words.sign} ${words.word}`, 14))}  ${fit(score, 9)}  `;
  return `${painted}${chalk.dim(cut(folderName(run.folder), columns - left.length))}`.trimEnd();
}

function trendLines(history: ScenarioHistory, columns: number, chalk: ChalkInstance): string[] {
  let fault = "";
  return history.trends.flatMap((trend) => {
    const head = trend.fault === fault ? [] : [`  ${cut(trend.fault, columns - 2)}`];
    fault = trend.fault;
    return [...head, trendLine(trend, columns, chalk)];
  });
}

function breakingLines({ breakingPoints }: ScenarioHistory, columns: number, chalk: ChalkInstance): string[] {
  if (breakingPoints.length === 0) return [];
  return ["  breaking points", ...breakingPoints.map((trend) => breakingLine(trend, columns, chalk))];
}

function breakingLine({ fault, what, points }: BreakingTrend, columns: number, chalk: ChalkInstance): string {
  const last = points.at(-1) ?? null;
  const before = points.slice(0, -1).findLast((point) => point !== null);
  const now = last ? breakingText(last) : "not in the last run";
  const was = before ? `, was ${breakingText(before)}` : "";
  const words = last ? VERDICT_WORDS[last.verdict] : null;
  const { left, gap, right } = spread(`${fault}: ${what}`, `${now}${was}`, columns - 8);
  const mark = words ? toneOf(words.tone, chalk)(words.sign) : " ";
  return `    ${left}${gap}${right}  ${mark}`.trimEnd();
}

/** From the ledger, which remembers runs whose reports are gone. */
function searchedLines({ searched = [] }: ScenarioHistory, columns: number, chalk: ChalkInstance): string[] {
  if (searched.length === 0) return [];
  return [
    "  breaking points over time, from the ledger",
    ...searched.flatMap((series) => {
      const ways = series.points.map(({ found }) => boundsText(found)).join(" → ");
      const { tone } = trendWords(series);
      return [
        `    ${cut(`${series.fault} on ${series.dependency}: ${series.what}`, columns - 4)}`,
        ...wrap(ways, columns - 6).map((line) => `      ${line}`),
        ...wrap(trendWords(series).text, columns - 6).map((line) => `      ${toneOf(tone, chalk)(line)}`),
      ];
    }),
  ];
}

/**
 * A value that was only a lower bound keeps its mark. Without it, a time that was never seen would look like an
 * improvement.
 */
function wasText(before: TrendPoint, last: TrendPoint | null, unit: Trend["unit"]): string {
  return before.slo.censored
    ? sloRow(before.slo).observed
    : formatBeside(before.observed, last?.observed ?? null, unit);
}

function trendLine(trend: Trend, columns: number, chalk: ChalkInstance): string {
  const heights = heightsOf(trend);
  const bars = heights.map((height, index) => {
    const point = trend.points[index];
    if (height === null || !point) return " ";
    const bar =
      typeof height === "string" ? SIGNS[height] : (BARS[Math.min(7, Math.floor(height * 8))] ?? BARS[0]);
    return toneOf(VERDICT_WORDS[point.verdict].tone, chalk)(bar);
  });
  const shown = bars.slice(-Math.floor(columns / 4)).join("");
  const width = Math.min(bars.length, Math.floor(columns / 4));
  const last = trend.points.at(-1);
  const before = trend.points.slice(0, -1).findLast((point) => point !== null);
  const now = last ? sloRow(last.slo).observed : "not in the last run";
  const was = before ? `, was ${wasText(before, last ?? null, trend.unit)}` : "";
  const words = last ? VERDICT_WORDS[last.verdict] : null;
  const text = spread(trend.expect, `${now}${was}`, columns - width - 10);
  const mark = words ? toneOf(words.tone, chalk)(words.sign) : " ";
  return `    ${text.left}${text.gap}${text.right}  ${shown} ${mark}`.trimEnd();
}
