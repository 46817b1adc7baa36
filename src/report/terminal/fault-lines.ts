/** Faults on a screen: whole, with their worst alone, or a line each. */

import { isDeepStrictEqual } from "node:util";
import type { ChalkInstance } from "chalk";
import type { FaultReport, Report, SloResult } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";
import { whatBecame } from "../../analysis/wording/what-became.js";
import { oneLine } from "../escape.js";
import {
  describeNotRun,
  describeProof,
  describeProofBriefly,
  describeRecovery,
  findingsApart,
} from "../shown/fault-in-words.js";
import { tellingRequestRows } from "../shown/request-rows.js";
import { sloRow } from "../shown/slo-row.js";
import { isInHeadline, sloInReason } from "../shown/told-reasons.js";
import { tellingTraceRows, traceText } from "../shown/trace-rows.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { cut, spread, wrap } from "./layout.js";
import { renderRequests } from "./request-lines.js";
import { bullet, isHeadlineCut, renderInvalid, type Screen } from "./screen.js";
import { renderSloTable, toneOf } from "./slo-table.js";
import { renderTrials } from "./trial-lines.js";

export function renderFaults(report: Report, screen: Screen): string[] {
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
  const { own, ofTraces } = findingsApart(fault, report.reasonFaults);
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
    ...own
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
