import { Chalk, type ChalkInstance } from "chalk";
import type { FaultReport, Report, SloResult } from "../../analysis/model.js";
import { tellingResult } from "../../analysis/severity.js";
import type { RunRecord } from "../../measure/record.js";
import {
  describeOtherSlos,
  describeProof,
  describeRecovery,
  newFindings,
  runFacts,
  untoldReasons,
} from "../facts.js";
import { sloRow } from "../slo-row.js";
import { VERDICT_WORDS } from "../words.js";
import { cut, spread, wrap } from "./layout.js";
import { renderSloTable, toneOf } from "./slo-table.js";
import { renderTimeline } from "./timeline.js";

export interface TerminalView {
  /** Width of the terminal; less than 60 is drawn as 60, more than 110 as 110. */
  readonly columns: number;
  readonly color: boolean;
  /** Lines that may be used; faults that held are folded first when there are more. Default 40. */
  readonly rows?: number;
}

/** From all there is to the least: the first that fits the screen is taken. */
const DETAILS = ["full", "held_folded", "brief", "list"] as const;
type Detail = (typeof DETAILS)[number];

/** The story in a screen: verdict, picture, and each fault with its SLOs side by side. Ends with a line feed. */
export function renderTerminal(report: Report, record: RunRecord, view: TerminalView): string {
  const columns = Math.min(110, Math.max(60, view.columns));
  const rows = view.rows ?? 40;
  const chalk = new Chalk({ level: view.color ? 1 : 0 });
  const top = [
    ...renderHeadline(report, columns, chalk),
    "",
    ...spaced(renderTimeline(report, record, columns, chalk)),
    ...spaced(renderBaseline(report, columns, chalk)),
  ];
  let lines: string[] = [];
  for (const detail of DETAILS) {
    lines = [...top, ...renderFaults(report, detail, columns, chalk, rows - top.length - 1)];
    if (lines.length < rows) break;
  }
  while (lines.at(-1) === "") lines.pop();
  const limits = report.limits.flatMap((limit) => wrap(limit, columns).map((line) => chalk.dim(line)));
  if (limits.length > 0 && lines.length + 1 + limits.length < rows) lines.push("", ...limits);
  return `${lines.join("\n")}\n`;
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
    ...wrap(report.reason, columns - 2, 3).map((line) => `  ${line}`),
    `  ${chalk.dim(cut(runFacts(report).join(" · "), columns - 2))}`,
  ];
}

/** Only when it is the story: a baseline that held needs no lines. */
function renderBaseline(report: Report, columns: number, chalk: ChalkInstance): string[] {
  const { baseline } = report;
  if (baseline.verdict === "pass" || baseline.slos.length === 0) return [];
  const words = VERDICT_WORDS[baseline.verdict];
  return [
    toneOf(words.tone, chalk)(`${words.sign} baseline: ${words.word}`),
    ...renderSloTable(
      baseline.slos.map((slo) => sloRow(slo)),
      columns,
      chalk,
    ),
    ...renderInvalid(baseline.slos, report.reason, columns),
  ];
}

/** A row that says "invalid" needs its reason. */
function renderInvalid(slos: readonly SloResult[], told: string, columns: number): string[] {
  return untoldReasons(slos, told).flatMap((reason) =>
    wrap(`invalid: ${reason}`, columns - 2, 2).map((line) => `  ${line}`),
  );
}

function renderFaults(
  report: Report,
  detail: Detail,
  columns: number,
  chalk: ChalkInstance,
  room: number,
): string[] {
  const lines = report.faults.flatMap((fault, index) => {
    const folded =
      detail === "list" || fault.verdict === "not_run" || (detail !== "full" && fault.verdict === "pass");
    return folded
      ? [renderFoldedFault(fault, index, columns, chalk)]
      : [...renderFault(fault, index, detail, columns, chalk), ""];
  });
  if (detail !== "list" || lines.length <= room || room < 2) return lines;
  const worstFirst = [...report.faults.entries()].sort((a, b) => rank(b[1]) - rank(a[1]) || a[0] - b[0]);
  const shown = worstFirst.slice(0, room - 1).sort((a, b) => a[0] - b[0]);
  return [
    ...shown.map(([index, fault]) => renderFoldedFault(fault, index, columns, chalk)),
    chalk.dim(`  … and ${report.faults.length - shown.length} more: see the written reports`),
  ];
}

function rank(fault: FaultReport): number {
  return ["pass", "not_run", "inconclusive", "invalid", "fail"].indexOf(fault.verdict);
}

function renderFault(
  fault: FaultReport,
  index: number,
  detail: Detail,
  columns: number,
  chalk: ChalkInstance,
): string[] {
  const words = VERDICT_WORDS[fault.verdict];
  const head = spread(`${index + 1} ${fault.name}`, `${words.sign} ${words.word}`, columns);
  const proof = `${describeRecovery(fault)} · injection ${describeProof(fault)}`;
  const brief = detail === "brief";
  const slos = brief ? fault.slos.filter((slo) => slo.verdict !== "pass") : fault.slos;
  return [
    `${chalk.bold(head.left)}${head.gap}${toneOf(words.tone, chalk).bold(head.right)}`,
    ...(brief ? [] : [`  ${chalk.dim(cut(fault.injection.description, columns - 2))}`]),
    ...(fault.verdict === "pass" || fault.verdict === "fail"
      ? []
      : wrap(fault.reason, columns - 2, 3).map((line) => `  ${line}`)),
    ...(slos.length === 0
      ? []
      : renderSloTable(
          slos.map((slo) => sloRow(slo)),
          columns,
          chalk,
        )),
    ...renderInvalid(slos, fault.reason, columns),
    `  ${chalk.dim(cut(proof, columns - 2))}`,
    ...newFindings(fault)
      .slice(0, brief ? 1 : 3)
      .flatMap((finding) =>
        wrap(finding, columns - 4, 2).map((line, at) => `  ${at === 0 ? chalk.cyan("›") : " "} ${line}`),
      ),
  ];
}

function renderFoldedFault(fault: FaultReport, index: number, columns: number, chalk: ChalkInstance): string {
  const words = VERDICT_WORDS[fault.verdict];
  const head = spread(
    `${index + 1} ${fault.name}: ${oneLineStory(fault)}`,
    `${words.sign} ${words.word}`,
    columns,
  );
  return `${head.left}${head.gap}${toneOf(words.tone, chalk)(head.right)}`;
}

function oneLineStory(fault: FaultReport): string {
  if (fault.verdict === "not_run" || fault.slos.length === 0) return fault.reason;
  const worst = tellingResult(fault.slos, fault.verdict);
  if (fault.verdict === "pass" || !worst)
    return `all ${fault.slos.length} SLOs held, ${describeRecovery(fault)}`;
  const row = sloRow(worst);
  return `${row.expect} was ${row.observed}`;
}
