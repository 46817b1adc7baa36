import type { FaultReport, Report } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";
import {
  formatClock,
  formatCount,
  formatRate,
  formatTiming,
  formatValue,
  NOTHING,
} from "../../support/format.js";
import { markdown, markdownCode, markdownHtml } from "../escape.js";
import type { FileReporter } from "../reporter.js";
import { type CheckRow, checkRows } from "../shown/check-rows.js";
import { completionRows, looksText } from "../shown/completion-rows.js";
import { degradedCells, tellsDegraded } from "../shown/degraded-cells.js";
import { FAILURE_HEAD, failureCells, tellsFailureTimes } from "../shown/failure-times.js";
import {
  describeNotRun,
  describeProof,
  describeRecovery,
  findingsBesideReason,
} from "../shown/fault-in-words.js";
import { idCounts, idExamples } from "../shown/id-rows.js";
import { redirectsCell, tellsRedirects } from "../shown/redirects.js";
import { type RequestRow, tellingRequestRows } from "../shown/request-rows.js";
import {
  BEYOND_TIMEOUT_NOTE,
  baselineSample,
  describeOtherSlos,
  droppedTelemetry,
  isLoadTest,
  lostWorkers,
  runFacts,
  showsBeyondTimeout,
} from "../shown/run-in-words.js";
import { trialsOf } from "../shown/shown-trials.js";
import { ALL_PHASES, BASELINE_ONLY, type SloRow, sloRow } from "../shown/slo-row.js";
import { timedRows } from "../shown/timed-rows.js";
import {
  isInHeadline,
  isToldAbove,
  sloInReason,
  sloOfHeadline,
  untoldReasons,
} from "../shown/told-reasons.js";
import { traceRows } from "../shown/trace-rows.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";

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
      .concat(renderPhases(report), ...renderTraces(report))
      .join("\n");
    if (text.length <= COMMENT_LIMIT) return text;
  }
  const top = renderTop(report);
  const note = "\n_Shortened: the whole report is in the other formats._\n";
  if (top.length + note.length <= COMMENT_LIMIT) return top + note;
  return top.slice(0, top.lastIndexOf("\n", COMMENT_LIMIT - note.length)) + note;
}

function mark(verdict: keyof typeof VERDICT_WORDS): string {
  const icons = {
    pass: "✅",
    fail: "❌",
    inconclusive: "❔",
    invalid: "⚠️",
    not_run: "⏭️",
    aborted: "🛑",
  } as const;
  return `${icons[verdict]} ${VERDICT_WORDS[verdict].word}`;
}

function renderTop(report: Report): string {
  const score = report.score ? ` · score ${Math.floor(report.score.value)}/100` : "";
  const otherSlos = describeOtherSlos(report);
  const lines = [
    `### ${mark(report.verdict)}: ${markdown(report.scenario.name)}`,
    "",
    ...(otherSlos === null ? [] : [`**${markdown(otherSlos)}**`, ""]),
    markdown(report.reason),
    "",
    `<sub>${markdown(runFacts(report).join(" · "))}${score}</sub>`,
    "",
  ];
  if ((report.baseline.verdict !== "pass" || isLoadTest(report)) && report.baseline.slos.length > 0) {
    lines.push(`**Baseline** ${mark(report.baseline.verdict)}`, "");
    lines.push(...renderTable(report.baseline.slos.map((slo) => sloRow(slo))), "");
    const untold = untoldReasons(report.baseline.slos, sloOfHeadline(report));
    if (untold.length > 0) lines.push(...untold.map((reason) => `- Invalid: ${markdown(reason)}`), "");
    lines.push(...renderRequests(tellingRequestRows(report, null)));
    const sample = baselineSample(report);
    if (sample !== null) lines.push(`- ${markdown(sample)}`, "");
  }
  lines.push(...renderChecks(checkRows(report), report.durationS));
  if (report.faults.length > 0) lines.push(...renderSummary(report), "");
  const notes = showsBeyondTimeout(report) ? [BEYOND_TIMEOUT_NOTE] : [];
  for (const limit of [...notes, ...lostWorkers(report), ...droppedTelemetry(report), ...report.limits])
    lines.push(`<sub>${markdown(limit)}</sub>`, "");
  return lines.join("\n");
}

function renderChecks(rows: readonly CheckRow[], durationS: number): string[] {
  if (rows.length === 0) return [];
  return [
    "| Check | Verdict | Expected | |",
    "| :-- | :-- | :-- | :-- |",
    ...rows.map(({ name, verdict, expect, reason, isInHeadline }) => {
      const told = isInHeadline ? "see above" : markdown(reason);
      return `| ${[markdown(name), mark(verdict), markdownCode(expect), told].join(" | ")} |`;
    }),
    "",
    ...rows.flatMap(({ name, ids }) => (ids === null ? [] : renderIds(name, ids))),
    ...rows.flatMap(({ ids, completion }) =>
      completion === null ? [] : renderCompletion(ids?.request ?? "", completion, durationS),
    ),
    ...rows.flatMap(({ name, output }) =>
      output === null ? [] : [`- ${markdown(name)} printed: ${markdownCode(output.slice(-MOST_OUTPUT))}`, ""],
    ),
  ];
}

/** Examples of each kind: lost, duplicated, unexpected. */
const MOST_EXAMPLES = 3;

function renderIds(name: string, ids: NonNullable<CheckRow["ids"]>): string[] {
  const counts = idCounts(ids).map((each) => `${each.name} ${each.count}`);
  return [
    `- ${markdown(name)}: ${markdown(counts.join(" · "))}`,
    ...idExamples(ids, MOST_EXAMPLES).map(
      ({ kind, id, sent }) => `  - ${kind}: ${markdownCode(id)}, sent ${markdown(sent)}`,
    ),
    "",
  ];
}

/** From the answer to a request until its id was there. */
function renderCompletion(
  request: string,
  completion: NonNullable<CheckRow["completion"]>,
  durationS: number,
): string[] {
  return [
    `| ${markdown(request)}: there after | Acknowledged | Never | p50 | p95 | p99 | Longest |`,
    "| :-- | --: | --: | --: | --: | --: | --: |",
    ...completionRows(completion).map(
      ({ where, acknowledged, never, p50, p95, p99, max }) =>
        `| ${[markdown(where), acknowledged, never, p50, p95, p99, max].join(" | ")} |`,
    ),
    "",
    `<sub>${markdown(looksText(completion, durationS))}</sub>`,
    "",
  ];
}

/** Characters of what a check printed that could not be asked. */
const MOST_OUTPUT = 300;

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
      return `| ${[`${index + 1} ${markdown(fault.name)}`, mark(fault.verdict), ...cells, formatTiming(fault.recovery)].join(" | ")} |`;
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
    `<details${isOpen ? " open" : ""}><summary><b>${index + 1} ${markdownHtml(fault.name)}</b> – ${mark(fault.verdict)}</summary>`,
    "",
    ...(fault.injection.description ? [`_${markdown(fault.injection.description)}_`, ""] : []),
    ...(isToldAbove(fault, report) ? [] : [markdown(fault.reason), ""]),
    ...findings,
    "",
    ...(fault.verdict === "not_run" ? [] : renderTable(fault.slos.map((slo) => sloRow(slo)))),
    ...renderTrials(fault, report),
    "",
    ...renderRequests(tellingRequestRows(report, fault)),
    ...untoldReasons(fault.slos, sloInReason(fault)).map((reason) => `- Invalid: ${markdown(reason)}`),
    ...(fault.search === null ? [`- Recovery: ${markdown(describeRecovery(fault))}`] : []),
    `- Injection: ${markdown(describeProof(fault))}`,
    ...(fault.errorBudget ? [`- Error budget: ${markdown(fault.errorBudget.sentence)}`] : []),
    "",
    "</details>",
    "",
  ].join("\n");
}

function renderTrials(fault: FaultReport, report: Report): string[] {
  const trials = trialsOf(fault, report);
  if (trials.length === 0) return [];
  return [
    `| Trial | p99 | Available | ${markdownCode(fault.search?.until ?? "")} |`,
    "| --: | --: | --: | :-- |",
    ...trials.map(
      ({ strength, p99, available, words }) =>
        `| ${strength} | ${p99} | ${available} | ${words.sign} ${words.word} |`,
    ),
  ];
}

/** Beyond this number, request names are only counted. */
const MOST_REQUESTS = 20;

function renderRequests(rows: readonly RequestRow[]): string[] {
  if (rows.length === 0) return [];
  const change = (before: string, now: string) => (before === NOTHING ? now : `${before} → ${now}`);
  const more = rows.length - MOST_REQUESTS;
  return [
    "| Request | Due | Failed | p50 | p99 | Most often |",
    "| :-- | --: | --: | --: | --: | :-- |",
    ...rows.slice(0, MOST_REQUESTS).map(({ name, requests, failed, before, now, failedBy }) => {
      const cells = [
        markdown(name),
        requests,
        failed,
        change(before.p50, now.p50),
        change(before.p99, now.p99),
      ];
      return `| ${[...cells, markdown(failedBy)].join(" | ")} |`;
    }),
    "",
    ...(more > 0 ? [`… and ${more} more requests`, ""] : []),
  ];
}

function renderTable(rows: readonly SloRow[]): string[] {
  if (rows.length === 0) return [];
  // Verdicts from what was observed alone have no intervals.
  const intervals = rows.some((row) => row.interval !== NOTHING);
  const columns = rows.every(({ judged }) => judged === "baseline") ? BASELINE_ONLY : ALL_PHASES;
  return [
    `| SLO | ${columns.map(({ title }) => `${title} | `).join("")}Target | ${intervals ? "98% interval | " : ""}Verdict |`,
    `| :-- | ${columns.map(() => "--: | ").join("")}--: | ${intervals ? "--: | " : ""}:-- |`,
    ...rows.map((row) => {
      const values = columns.map(({ key }) => (key === row.judged ? `**${row[key]}**` : row[key]));
      const verdict = `${row.verdict.sign} ${row.verdict.word}`;
      const cells = [markdownCode(row.expect), ...values, row.target, ...(intervals ? [row.interval] : [])];
      return `| ${[...cells, verdict].join(" | ")} |`;
    }),
  ];
}

function renderPhases(report: Report): string {
  if (report.phases.length === 0) return "";
  return [
    "<details><summary>Phases in numbers</summary>",
    "",
    `| Phase | From | Requests | Available | Good | p50 | p99 | max |${tellsDegraded(report) ? " Degraded | p99 of these |" : ""}${tellsRedirects(report) ? " Redirects |" : ""}${tellsFailureTimes(report) ? ` ${FAILURE_HEAD.join(" | ")} |` : ""}`,
    `| :-- | --: | --: | --: | --: | --: | --: | --: |${tellsDegraded(report) ? " --: | --: |" : ""}${tellsRedirects(report) ? " --: |" : ""}${tellsFailureTimes(report) ? " --: | --: |" : ""}`,
    ...report.phases.map((phase) => {
      const name = phase.fault === null ? phase.kind : `${phase.kind}: ${markdown(phase.fault)}`;
      const cells = [
        name,
        formatClock(phase.startS),
        formatCount(phase.requests.scheduled),
        formatValue(phase.availability, "ratio"),
        formatRate(phase.throughputPerS),
        formatValue(phase.latencyMs.p50, "ms"),
        formatValue(phase.latencyMs.p99, "ms"),
        formatValue(phase.latencyMs.max, "ms"),
        ...(tellsDegraded(report) ? degradedCells(phase) : []),
        ...(tellsRedirects(report) ? [redirectsCell(phase)] : []),
        ...(tellsFailureTimes(report) ? failureCells(phase) : []),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
    ...renderTimed(report),
    "</details>",
    "",
  ].join("\n");
}

/** @returns [] when no trace is known. */
function renderTraces(report: Report): readonly string[] {
  const rows = traceRows(report);
  if (rows.length === 0) return [];
  const lines = [
    "<details><summary>Traces of failed and slow requests</summary>",
    "",
    "| Phase | Due at | Request | What became of it | Trace |",
    "| :-- | --: | :-- | :-- | :-- |",
    ...rows.map(({ phase, at, request, what, traceId, link }) => {
      const id = markdownCode(traceId);
      // No character of a URL ends the cell or the angle brackets.
      const trace = link === null ? id : `[${id}](<${link.replace(/[|<>]/g, encodeURIComponent)}>)`;
      return `| ${[markdown(phase), at, markdown(request), markdown(what), trace].join(" | ")} |`;
    }),
    "",
    "</details>",
    "",
  ];
  return [lines.join("\n")];
}

function renderTimed(report: Report): string[] {
  const rows = timedRows(report);
  if (rows.length === 0) return [];
  return [
    "| Journey or wait | Ended | Good | p50 | p95 | p99 | max |",
    "| :-- | --: | --: | --: | --: | --: | --: |",
    ...rows.map(({ phase, label, timed }) => {
      const name = `${phase.fault === null ? phase.kind : `${phase.kind}: ${phase.fault}`} · ${label}`;
      const cells = [
        markdown(name),
        formatCount(timed.requests.scheduled),
        formatValue(timed.availability, "ratio"),
        ...(["p50", "p95", "p99", "max"] as const).map((quantile) =>
          formatValue(timed.latencyMs[quantile], "ms"),
        ),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
  ];
}
