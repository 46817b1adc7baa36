import { Chalk, type ChalkInstance } from "chalk";
import type { Report } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";
import type { RunRecord } from "../../measure/record.js";
import { checkRows } from "../shown/check-rows.js";
import { tellingRequestRows } from "../shown/request-rows.js";
import {
  baselineSample,
  describeOtherSlos,
  droppedTelemetry,
  isLoadTest,
  lostWorkers,
  runFacts,
} from "../shown/run-in-words.js";
import { sloRow } from "../shown/slo-row.js";
import { sloOfHeadline } from "../shown/told-reasons.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { terminalChecks } from "./check-lines.js";
import { renderFaults } from "./fault-lines.js";
import { fitParts, spread, wrap } from "./layout.js";
import { Legend } from "./legend.js";
import { renderRequests } from "./request-lines.js";
import { bullet, DETAILS, MOST_REASON_LINES, renderInvalid, type Screen } from "./screen.js";
import { renderSloTable, toneOf } from "./slo-table.js";
import { renderTimeline } from "./timeline-lines.js";

export interface TerminalView {
  /** Width of the terminal. Less than 60 is drawn as 60, more than 110 as 110. */
  readonly columns: number;
  readonly color: boolean;
  /** Lines that may be used, on a screen with few of them. When there are more lines, what held is folded first. */
  readonly rows?: number | undefined;
}

/** With more faults than this, those that held are folded, however much room there is. */
const MOST_IN_FULL = 4;

/** The story on a screen: verdict, picture, and each fault with its SLOs side by side. Ends with a line feed. */
export function renderTerminal(report: Report, record: RunRecord, view: TerminalView): string {
  const columns = Math.min(110, Math.max(60, view.columns));
  const rows = view.rows ?? Number.POSITIVE_INFINITY;
  const chalk = new Chalk({ level: view.color ? 1 : 0 });
  const ofHead = new Legend();
  const head = [
    ...renderHeadline(report, columns, chalk),
    "",
    ...spaced(renderTimeline(report, record, { columns, chalk, legend: ofHead })),
    ...spaced(terminalChecks(checkRows(report), columns, chalk)),
    ...spaced(
      [...lostWorkers(report), ...droppedTelemetry(report)].flatMap((line) => bullet(line, columns, chalk)),
    ),
  ];
  let lines: string[] = [];
  let legend = ofHead;
  for (const details of detailsFor(report)) {
    legend = new Legend(ofHead);
    const screen = { columns, chalk, legend, ...details, rows: rows - head.length - 1 };
    const baseline = spaced(renderBaseline(report, screen));
    lines = [
      ...head,
      ...baseline,
      ...renderFaults(report, { ...screen, rows: screen.rows - baseline.length }),
    ];
    if (lines.length < rows) break;
  }
  while (lines.at(-1) === "") lines.pop();
  const hint = legend.notes(report);
  // What the verdicts do not say matters more than how to read a number.
  for (const notes of [[...report.limits, ...hint], report.limits, hint]) {
    const wrapped = notes.flatMap((note) => wrap(note, columns).map((line) => chalk.dim(line)));
    if (wrapped.length === 0 || lines.length + 1 + wrapped.length >= rows) continue;
    lines.push("", ...wrapped);
    break;
  }
  // The first line is the answer, and it has left the screen.
  if (lines.length >= rows && lines[0] !== undefined) lines.push("", lines[0]);
  return `${lines.join("\n")}\n`;
}

function detailsFor({ faults }: Report): Pick<Screen, "detail" | "requests">[] {
  const [first, ...rest] = faults.length > MOST_IN_FULL ? DETAILS.slice(1) : DETAILS;
  const most = first ?? "list";
  return [
    { detail: most, requests: true },
    ...[most, ...rest].map((detail) => ({ detail, requests: false })),
  ];
}

function spaced(lines: readonly string[]): string[] {
  return lines.length > 0 ? [...lines, ""] : [];
}

function renderHeadline(report: Report, columns: number, chalk: ChalkInstance): string[] {
  const words = VERDICT_WORDS[report.verdict];
  const paint = toneOf(words.tone, chalk);
  const badge = `${words.sign} ${words.word.toUpperCase()}`;
  const score = report.score ? `score ${Math.floor(report.score.value)}/100` : "";
  const otherSlos = describeOtherSlos(report);
  const title = spread(report.scenario.name, score, columns - badge.length - 2);
  return [
    `${paint.bold(badge)}  ${chalk.bold(title.left)}${title.gap}${title.right}`.trimEnd(),
    ...(otherSlos === null ? [] : wrap(otherSlos, columns - 2, 3).map((line) => `  ${chalk.yellow(line)}`)),
    ...wrap(report.reason, columns - 2, MOST_REASON_LINES).map((line) => `  ${line}`),
    `  ${chalk.dim(fitParts(runFacts(report), columns - 2))}`,
  ];
}

/** Shown when it is the story. A baseline that held needs no lines, but a load test has nothing else. */
function renderBaseline(report: Report, screen: Screen): string[] {
  const { columns, chalk, detail, requests, rows } = screen;
  const { baseline } = report;
  if ((baseline.verdict === "pass" && !isLoadTest(report)) || baseline.slos.length === 0) return [];
  const words = VERDICT_WORDS[baseline.verdict];
  const paint = toneOf(words.tone, chalk);
  const open = tellingResult(baseline.slos, baseline.verdict);
  const why =
    baseline.verdict !== "inconclusive" || !open || open === sloOfHeadline(report) ? "" : `: ${open.reason}`;
  const title = wrap(`${words.sign} baseline: ${words.word}${why}`, columns, 3).map((line) => paint(line));
  if (detail === "list" && why === "" && report.faults.length > 0) return title;
  const slos =
    detail === "full" || isLoadTest(report)
      ? baseline.slos
      : baseline.slos.filter(({ verdict }) => verdict !== "pass");
  const table = renderSloTable(
    slos.map((slo) => sloRow(slo)),
    screen,
  );
  const sample = baselineSample(report);
  const room = Math.max(3, rows - title.length - report.faults.length - 2);
  const shown =
    table.length > room
      ? [...table.slice(0, room - 1), chalk.dim(`  … and ${table.length - room + 1} more`)]
      : table;
  return [
    ...title,
    ...shown,
    ...(requests ? renderRequests(tellingRequestRows(report, null), screen) : []),
    ...(sample === null ? [] : bullet(sample, columns, chalk)),
    ...renderInvalid(baseline.slos, sloOfHeadline(report), columns),
  ];
}
