import type { FaultReport, Report } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";
import { formatTiming, NOTHING } from "../../support/format.js";
import { markdown, markdownCode, markdownHtml } from "../escape.js";
import type { FileReporter } from "../reporter.js";
import { checkRows } from "../shown/check-rows.js";
import { comparedName, earlierRun } from "../shown/earlier-run.js";
import {
  describeNotRun,
  describeProof,
  describeRecovery,
  findingsBesideReason,
} from "../shown/fault-in-words.js";
import { tellingRequestRows } from "../shown/request-rows.js";
import {
  baselineSample,
  beyondTimeoutNote,
  describeOtherSlos,
  droppedTelemetry,
  isLoadTest,
  lostWorkers,
  runFacts,
} from "../shown/run-in-words.js";
import { sloRow } from "../shown/slo-row.js";
import {
  isInHeadline,
  isToldAbove,
  sloInReason,
  sloOfHeadline,
  untoldReasons,
} from "../shown/told-reasons.js";
import { checksInMarkdown } from "./checks.js";
import { markdownMark } from "./mark.js";
import { phasesInMarkdown, tracesInMarkdown } from "./phases.js";
import { requestTable, sloTable, trialTable } from "./tables.js";

/** GitHub refuses a comment of more than 65,536 characters. The rest is left for text around the report. */
export const COMMENT_LIMIT = 65_000;

/** report.md, for a pull request. It is always below GitHub's comment limit. */
export const markdownReporter: FileReporter = {
  name: "markdown",
  alias: "md",
  fileName: "report.md",
  mime: "text/markdown",
  purpose: "for a pull request or a step summary",
  render: ({ report }) => renderMarkdown(report),
};

/** With more broken faults than this, each is folded. The table has a line for every one. */
const MOST_OPEN = 3;

/** A report that is too long first loses the details of faults that held, then all details, then whole faults. */
export function renderMarkdown(report: Report): string {
  for (const keep of [() => true, (fault: FaultReport) => fault.verdict !== "pass", () => false]) {
    const text = [
      renderTop(report),
      ...report.faults.map((fault, index) => renderFault(report, fault, index, keep(fault))),
    ]
      .concat(phasesInMarkdown(report), ...tracesInMarkdown(report))
      .join("\n");
    if (text.length <= COMMENT_LIMIT) return text;
  }
  const top = renderTop(report);
  const note = "\n_Shortened: the whole report is in the other formats._\n";
  if (top.length + note.length <= COMMENT_LIMIT) return top + note;
  return top.slice(0, top.lastIndexOf("\n", COMMENT_LIMIT - note.length)) + note;
}

/** A pull request is about what changed: it stands above all details. */
function comparedInMarkdown(report: Report): readonly string[] {
  const earlier = earlierRun(report);
  if (earlier === null) return [];
  const rows = (report.comparison?.rows ?? []).filter(({ answer }) => answer === "regressed");
  return [
    `**${earlier.sign} ${markdown(earlier.title)}.** ${markdown(earlier.reason)}`,
    "",
    ...rows.map((row) => `- ✗ ${markdown(comparedName(row))}: ${markdown(row.reason)}`),
    ...(rows.length > 0 ? [""] : []),
  ];
}

function renderTop(report: Report): string {
  const score = report.score ? ` · score ${Math.floor(report.score.value)}/100` : "";
  const otherSlos = describeOtherSlos(report);
  const lines = [
    `### ${markdownMark(report.verdict)}: ${markdown(report.scenario.name)}`,
    "",
    ...(otherSlos === null ? [] : [`**${markdown(otherSlos)}**`, ""]),
    markdown(report.reason),
    "",
    ...comparedInMarkdown(report),
    `<sub>${markdown(runFacts(report).join(" · "))}${score}</sub>`,
    "",
  ];
  if ((report.baseline.verdict !== "pass" || isLoadTest(report)) && report.baseline.slos.length > 0) {
    lines.push(`**Baseline** ${markdownMark(report.baseline.verdict)}`, "");
    lines.push(...sloTable(report.baseline.slos.map((slo) => sloRow(slo))), "");
    const untold = untoldReasons(report.baseline.slos, sloOfHeadline(report));
    if (untold.length > 0) lines.push(...untold.map((reason) => `- Invalid: ${markdown(reason)}`), "");
    lines.push(...requestTable(tellingRequestRows(report, null)));
    const sample = baselineSample(report);
    if (sample !== null) lines.push(`- ${markdown(sample)}`, "");
  }
  lines.push(...checksInMarkdown(checkRows(report), report.durationS));
  if (report.faults.length > 0) lines.push(...renderSummary(report), "");
  const note = beyondTimeoutNote(report);
  const notes = note === null ? [] : [note];
  for (const limit of [...notes, ...lostWorkers(report), ...droppedTelemetry(report), ...report.limits])
    lines.push(`<sub>${markdown(limit)}</sub>`, "");
  return lines.join("\n");
}

function renderSummary(report: Report): string[] {
  return [
    "| Fault | Verdict | Worst SLO | Baseline | During fault | Back after |",
    "| :-- | :-- | :-- | --: | --: | --: |",
    ...report.faults.map((fault, index) => {
      const worst = tellingResult(fault.slos, fault.verdict);
      const row = worst ? sloRow(worst) : null;
      // The reason tells more than numbers that are missing or cannot be trusted.
      const told = row === null || fault.verdict === "invalid" || fault.verdict === "not_run";
      const cells = told
        ? [
            markdown(
              fault.verdict === "not_run"
                ? describeNotRun(fault, report)
                : isInHeadline(fault, report)
                  ? "see above"
                  : fault.reason,
            ),
            NOTHING,
            NOTHING,
          ]
        : [markdownCode(row.expect), row.baseline, `**${row.observed}**`];
      return `| ${[`${index + 1} ${markdown(fault.name)}`, markdownMark(fault.verdict), ...cells, formatTiming(fault.recovery)].join(" | ")} |`;
    }),
  ];
}

function renderFault(report: Report, fault: FaultReport, index: number, detailed: boolean): string {
  const failed = report.faults.filter(({ verdict }) => verdict === "fail");
  const isOpen = fault.verdict === "fail" && failed.length <= MOST_OPEN;
  // What the reason already says is not said again.
  const findings = findingsBesideReason(fault).map((finding) => `- ${markdown(finding)}`);
  if (!detailed) {
    if (fault.verdict === "pass" || findings.length === 0) return "";
    return `**${index + 1} ${markdown(fault.name)}**\n\n${findings.slice(0, 1).join("\n")}\n`;
  }
  return [
    `<details${isOpen ? " open" : ""}><summary><b>${index + 1} ${markdownHtml(fault.name)}</b> – ${markdownMark(fault.verdict)}</summary>`,
    "",
    ...(fault.injection.description ? [`_${markdown(fault.injection.description)}_`, ""] : []),
    ...(isToldAbove(fault, report) ? [] : [markdown(fault.reason), ""]),
    ...findings,
    "",
    ...(fault.verdict === "not_run" ? [] : sloTable(fault.slos.map((slo) => sloRow(slo)))),
    ...trialTable(fault, report),
    "",
    ...requestTable(tellingRequestRows(report, fault)),
    ...untoldReasons(fault.slos, sloInReason(fault)).map((reason) => `- Invalid: ${markdown(reason)}`),
    ...(fault.search === null ? [`- Recovery: ${markdown(describeRecovery(fault))}`] : []),
    `- Injection: ${markdown(describeProof(fault))}`,
    ...(fault.errorBudget ? [`- Error budget: ${markdown(fault.errorBudget.sentence)}`] : []),
    "",
    "</details>",
    "",
  ].join("\n");
}
