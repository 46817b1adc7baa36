import { isDeepStrictEqual } from "node:util";
import { Chalk, type ChalkInstance } from "chalk";
import type { FaultReport, Report, SloResult } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";
import { whatBecame } from "../../analysis/wording/what-became.js";
import type { RunRecord } from "../../measure/record.js";
import { oneLine } from "../escape.js";
import { checkRows } from "../shown/check-rows.js";
import {
  describeNotRun,
  describeProof,
  describeProofBriefly,
  describeRecovery,
  newFindings,
  traceFindings,
} from "../shown/fault-in-words.js";
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
import { isInHeadline, sloInReason, sloOfHeadline, untoldReasons } from "../shown/told-reasons.js";
import { tellingTraceRows, traceText } from "../shown/trace-rows.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { terminalChecks } from "./check-lines.js";
import { cut, fitParts, spread, wrap } from "./layout.js";
import { Legend } from "./legend.js";
import { renderRequests } from "./request-lines.js";
import { renderSloTable, toneOf } from "./slo-table.js";
import { renderTimeline } from "./timeline-lines.js";
import { renderTrials } from "./trial-lines.js";

export interface TerminalView {
  /** Width of the terminal. Less than 60 is drawn as 60, more than 110 as 110. */
  readonly columns: number;
  readonly color: boolean;
  /** Lines that may be used, on a screen with few of them. When there are more lines, what held is folded first. */
  readonly rows?: number | undefined;
}

/** From the most to the least. The first that fits the screen is taken. */
const DETAILS = ["full", "held_folded", "brief", "list"] as const;
type Detail = (typeof DETAILS)[number];

/** With more faults than this, those that held are folded, however much room there is. */
const MOST_IN_FULL = 4;

/** The headline is the answer. It is cut only when it would push everything else off the screen. */
const MOST_REASON_LINES = 6;

interface Screen {
  readonly columns: number;
  readonly chalk: ChalkInstance;
  readonly detail: Detail;
  /** Whether each request name has a line. These go first. */
  readonly requests: boolean;
  readonly legend: Legend;
  /** Lines for the faults. */
  readonly rows: number;
}

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
  const hint = legend.notes();
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

/** The end of a cut headline stands only with the fault. */
function isHeadlineCut({ reason }: Report, columns: number): boolean {
  return wrap(reason, columns - 2).length > MOST_REASON_LINES;
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

/** A row that says "invalid" needs its reason. */
function renderInvalid(slos: readonly SloResult[], said: SloResult | undefined, columns: number): string[] {
  return untoldReasons(slos, said).flatMap((reason) =>
    wrap(`invalid: ${reason}`, columns - 2, 2).map((line) => `  ${line}`),
  );
}

function renderFaults(report: Report, screen: Screen): string[] {
  const { columns, chalk, detail, rows } = screen;
  const lines: string[] = [];
  for (const [index, fault] of report.faults.entries()) {
    if (fault.verdict === "not_run") lines.push(...renderNotRun(report, index, screen));
    else if (detail === "list" || (detail !== "full" && fault.verdict === "pass"))
      lines.push(renderFoldedFault(report, fault, index, screen));
    else lines.push(...renderFault(report, fault, index, screen), "");
  }
  if (detail !== "list" || lines.length <= rows || rows < 2) return lines;
  const worstFirst = [...report.faults.entries()].sort((a, b) => rank(b[1]) - rank(a[1]) || a[0] - b[0]);
  const shown = worstFirst.slice(0, rows - 1).sort((a, b) => a[0] - b[0]);
  return [
    ...shown.map(([index, fault]) => renderFoldedFault(report, fault, index, screen)),
    chalk.dim(cut(`… and ${report.faults.length - shown.length} more: see the written reports`, columns)),
  ];
}

function rank(fault: FaultReport): number {
  return ["pass", "not_run", "inconclusive", "invalid", "fail"].indexOf(fault.verdict);
}

/**
 * What ended the injecting in a run is the same for all later faults. Faults in a row have it once, under the last of
 * them.
 */
function renderNotRun(report: Report, index: number, { columns, chalk }: Screen): string[] {
  const fault = report.faults[index];
  if (!fault) return [];
  const next = report.faults[index + 1];
  const reason = describeNotRun(fault, report);
  return [
    headLine(fault, index, "", columns, chalk),
    ...(next?.verdict === "not_run"
      ? []
      : wrap(reason, columns - 2, 3).map((line) => chalk.dim(`  ${line}`))),
  ];
}

/** Number, name and verdict. Between them as much of `more` as fits. */
function headLine(
  fault: FaultReport,
  index: number,
  more: string,
  columns: number,
  chalk: ChalkInstance,
): string {
  const { sign, word, tone } = VERDICT_WORDS[fault.verdict];
  const name = `${index + 1} ${oneLine(fault.name)}`;
  const { left, gap, right } = spread(`${name}${more}`, `${sign} ${word}`, columns);
  const bold = left.startsWith(name) ? name.length : left.length;
  return `${chalk.bold(left.slice(0, bold))}${left.slice(bold)}${gap}${toneOf(tone, chalk).bold(right)}`;
}

function renderFault(report: Report, fault: FaultReport, index: number, screen: Screen): string[] {
  const { columns, chalk, detail, requests } = screen;
  const recovery = fault.search === null ? `${describeRecovery(fault)} · ` : "";
  const whole = `${recovery}injection ${describeProof(fault)}`;
  const proof = whole.length <= columns - 2 ? whole : `${recovery}injection ${describeProofBriefly(fault)}`;
  const brief = detail === "brief";
  const ofTraces = traceFindings(fault);
  const isHeadline = isInHeadline(fault, report);
  // The headline has it for the SLO that it is about.
  const told = isHeadline ? tellingResult(fault.slos, fault.verdict) : undefined;
  const mostly = brief
    ? []
    : renderMostly(
        fault.slos.filter(({ mostlyOf }) => !told || !isDeepStrictEqual(mostlyOf, told.mostlyOf)),
        columns,
        chalk,
      );
  const slos = brief ? fault.slos.filter((slo) => slo.verdict !== "pass") : fault.slos;
  return [
    headLine(fault, index, "", columns, chalk),
    `  ${chalk.dim(cut(fault.injection.description, columns - 2))}`,
    ...(fault.verdict === "pass" ||
    fault.verdict === "fail" ||
    (isHeadline && !isHeadlineCut(report, columns))
      ? []
      : wrap(fault.reason, columns - 2, 3).map((line) => `  ${line}`)),
    ...(slos.length === 0
      ? []
      : renderSloTable(
          slos.map((slo) => sloRow(slo)),
          screen,
        )),
    ...(brief ? [] : renderTrials(fault, report, screen)),
    ...(requests ? renderRequests(tellingRequestRows(report, fault), screen) : []),
    ...renderInvalid(slos, sloInReason(fault), columns),
    ...mostly,
    ...newFindings(fault, report.reasonFaults)
      .filter((finding) => !ofTraces.includes(finding))
      .slice(0, brief ? 1 : 3)
      .concat(brief ? [] : ofTraces)
      .flatMap((finding) => bullet(finding, columns, chalk)),
    ...(brief ? [] : renderTraces(report, fault, screen)),
    `  ${chalk.dim(cut(proof, columns - 2))}`,
  ];
}

/** For each broken promise on all requests: which request name most of the bad ones had. Nothing is said twice. */
function renderMostly(slos: readonly SloResult[], columns: number, chalk: ChalkInstance): string[] {
  const alike = new Map<string, SloResult[]>();
  for (const slo of slos) {
    if (!slo.mostly) continue;
    const key = JSON.stringify(slo.mostlyOf ?? slo.expect);
    alike.set(key, [...(alike.get(key) ?? []), slo]);
  }
  return [...alike.values()].flatMap((group) => {
    const metrics = group.map((slo) => sloRow(slo).metric);
    return bullet(`${metrics.join(", ")}: ${group[0]?.mostly ?? ""}`, columns, chalk);
  });
}

/** A link is whole, or it is the trace's id. */
function renderTraces(report: Report, fault: FaultReport, { columns, chalk }: Screen): string[] {
  return tellingTraceRows(report, fault).flatMap((row) => {
    const { link, traceId } = row;
    const where = link !== null && link.length <= columns - 4 ? link : `trace ${traceId}`;
    return [...bullet(traceText(row), columns, chalk), `    ${chalk.dim(where)}`];
  });
}

function bullet(text: string, columns: number, chalk: ChalkInstance): string[] {
  return wrap(text, columns - 4, 2).map((line, at) => `  ${at === 0 ? chalk.cyan("›") : " "} ${line}`);
}

function renderFoldedFault(
  report: Report,
  fault: FaultReport,
  index: number,
  { columns, chalk }: Screen,
): string {
  return headLine(fault, index, `: ${oneLineStory(fault, report)}`, columns, chalk);
}

function oneLineStory(fault: FaultReport, report: Report): string {
  if (fault.verdict === "not_run") return describeNotRun(fault, report);
  if (fault.verdict === "pass" && fault.slos.length > 0) {
    const held = fault.slos.length === 1 ? "its SLO" : `all ${fault.slos.length} SLOs`;
    return `${held} held, ${describeRecovery(fault)}`;
  }
  const worst = tellingResult(fault.slos, "fail");
  return (worst && whatBecame(worst, report.load.timeoutMs)) ?? fault.reason;
}
