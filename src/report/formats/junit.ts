import type { EarlierComparison, FaultReport, Report, SloResult } from "../../analysis/document/report.js";
import { printable } from "../escape.js";
import { DEFAULT_FAIL_ON, type FailOn } from "../fail-on.js";
import type { FileReporter } from "../reporter.js";
import { type CheckRow, checkRows } from "../shown/check-rows.js";
import { completionRows } from "../shown/completion-rows.js";
import { degradedCells } from "../shown/degraded-cells.js";
import { ANSWER_WORDS, comparedName, earlierRun } from "../shown/earlier-run.js";
import { describeProof, describeRecovery } from "../shown/fault-in-words.js";
import { idCounts, idExamples } from "../shown/id-rows.js";
import { sloRow } from "../shown/slo-row.js";
import { tellingTraceRows, traceText } from "../shown/trace-rows.js";

/**
 * junit.xml as Jenkins and GitLab read it: a suite for the baseline and for each fault, a case for each SLO. `fail` is
 * a failure. `inconclusive` and `invalid` are errors (the test could not tell), or skipped where --fail-on lets them
 * through. `not_run` is skipped. A fault without an SLO, and a run that ended early, are cases of their own, so that
 * neither can look green.
 */
export const junitReporter: FileReporter = {
  name: "junit",
  fileName: "junit.xml",
  mime: "application/xml",
  purpose: "test results, for CI servers",
  render: ({ report, failOn }) => renderJunit(report, failOn ?? DEFAULT_FAIL_ON),
};

interface Case {
  readonly name: string;
  readonly timeS: number;
  readonly outcome: "passed" | "failure" | "error" | "skipped";
  readonly message: string;
  readonly detail: string;
}

interface Suite {
  readonly name: string;
  readonly startedAt: string;
  readonly timeS: number;
  readonly cases: readonly Case[];
  readonly properties: Readonly<Record<string, string>>;
}

function renderJunit(report: Report, failOn: readonly FailOn[]): string {
  const judge = (verdict: SloResult["verdict"]) => outcomeOf(verdict, failOn);
  const judged = [
    suiteOf(report, "baseline", durationOf(report, null), 0, baselineCases(report, judge), {}),
    ...report.faults.map((fault) =>
      suiteOf(
        report,
        fault.name,
        durationOf(report, fault.name),
        fault.injectedAtS ?? 0,
        faultCases(report, fault, judge),
        {
          injection: fault.injection.description,
          proof: describeProof(fault),
          recovery: describeRecovery(fault),
          ...degradedProperty(report, fault),
          ...aroundProperties(fault),
          ...traceProperties(report, fault),
        },
      ),
    ),
    suiteOf(report, "checks", 0, 0, checkCases(report, judge), {}),
    suiteOf(report, "compared with the earlier run", 0, 0, comparisonCases(report), {}),
  ].filter((suite) => suite.cases.length > 0);
  const suites = [...runSuite(report, judged, failOn), ...judged];
  const cases = suites.flatMap((suite) => suite.cases);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${xml(report.scenario.name)}" ${totals(cases)} time="${seconds(report.durationS)}">
${suites.map(renderSuite).join("")}</testsuites>
`;
}

function degradedProperty({ phases }: Report, { name }: FaultReport): Suite["properties"] {
  const phase = phases.find(({ kind, fault }) => kind === "fault" && fault === name);
  return phase?.degraded ? { degraded: degradedCells(phase)[0] } : {};
}

/** What failed around its injection and its removal. It is in the cases of no phase. */
function aroundProperties({ findings, findingIds = [] }: FaultReport): Suite["properties"] {
  const told = findings.filter((_, at) => findingIds[at] === "around_change");
  return told.length === 0 ? {} : { "around its changes": told.join(" ") };
}

function traceProperties(report: Report, fault: FaultReport): Suite["properties"] {
  const lines = tellingTraceRows(report, fault).map((row) => `${traceText(row)}, ${row.link ?? row.traceId}`);
  return Object.fromEntries(lines.map((line, at) => [`trace ${at + 1}`, line]));
}

/** Only when the run itself went wrong and its faults do not say so. */
function runSuite(report: Report, judged: readonly Suite[], failOn: readonly FailOn[]): Suite[] {
  if (report.verdict === "pass") return [];
  const early = report.verdict === "aborted" || report.ending.kind !== "completed";
  const told = judged.some((suite) =>
    suite.cases.some(({ outcome }) => outcome !== "passed" && outcome !== "skipped"),
  );
  if (told && !early) return [];
  const outcome =
    report.verdict === "fail" ? "failure" : failOn.includes(report.verdict) || early ? "error" : "skipped";
  const name = "the run was carried out and judged";
  const only: Case = { name, timeS: report.durationS, outcome, message: report.reason, detail: "" };
  return [suiteOf(report, "run", report.durationS, 0, [only], {})];
}

type Judge = (verdict: SloResult["verdict"]) => Case["outcome"];

function suiteOf(
  report: Report,
  name: string,
  timeS: number,
  atS: number,
  cases: readonly Case[],
  properties: Suite["properties"],
): Suite {
  const began = new Date(Date.parse(report.startedAt) + atS * 1000);
  // Without the zone: the schema's type is xs:dateTime, and Jenkins reads it as UTC.
  const startedAt = Number.isNaN(began.getTime()) ? "1970-01-01T00:00:00" : began.toISOString().slice(0, 19);
  return { name, startedAt, timeS, cases, properties };
}

function durationOf(report: Report, fault: string | null): number {
  return report.phases
    .filter((phase) => (fault === null ? phase.kind === "baseline" : phase.fault === fault))
    .reduce((sum, phase) => sum + phase.durationS, 0);
}

function baselineCases(report: Report, judge: Judge): Case[] {
  return report.baseline.slos.map((slo) => sloCase(slo, null, durationOf(report, null), judge));
}

function faultCases(report: Report, fault: FaultReport, judge: Judge): Case[] {
  const timeS = durationOf(report, fault.name);
  const cases = fault.slos.map((slo) => sloCase(slo, fault, timeS, judge));
  if (fault.slos.some((slo) => slo.verdict === fault.verdict)) return cases;
  const name = "the fault was injected and judged";
  return [{ name, timeS, outcome: judge(fault.verdict), message: fault.reason, detail: "" }, ...cases];
}

function checkCases(report: Report, judge: Judge): Case[] {
  return checkRows(report).map(({ name, verdict, words, expect, asks, reason, output, ids, completion }) => ({
    name,
    timeS: 0,
    outcome: judge(verdict),
    message: `${words.word}: ${reason}`,
    detail: [
      `expected ${expect}`,
      `asked by ${asks}`,
      ...idLines(ids),
      ...(completion === null ? [] : completionLines(completion)),
      ...(output === null ? [] : [output]),
    ].join("\n"),
  }));
}

/** The comparison as a whole, then what has regressed. A row that cannot be told is no reason to stop. */
function comparisonCases(report: Report): Case[] {
  const earlier = earlierRun(report);
  const { comparison } = report;
  if (earlier === null || comparison === undefined) return [];
  const outcomes: Partial<Record<EarlierComparison["answer"], Case["outcome"]>> = {
    regressed: "failure",
    cannot_tell: "skipped",
    another_test: "skipped",
  };
  const outcome = (answer: EarlierComparison["answer"]) => outcomes[answer] ?? "passed";
  return [
    {
      name: "no regression",
      timeS: 0,
      outcome: outcome(comparison.answer),
      message: earlier.title,
      detail: earlier.reason,
    },
    ...comparison.rows.map((row) => ({
      name: comparedName(row),
      timeS: 0,
      outcome: outcome(row.answer),
      message: `${ANSWER_WORDS[row.answer].word}: ${row.reason}`,
      detail: "",
    })),
  ];
}

function completionLines(completion: NonNullable<CheckRow["completion"]>): readonly string[] {
  return completionRows(completion).map(
    ({ where, p50, p95, max, never }) =>
      `there after, ${where}: p50 ${p50}, p95 ${p95}, longest ${max}, never ${never}`,
  );
}

function idLines(ids: CheckRow["ids"]): readonly string[] {
  if (ids === null) return [];
  const counts = idCounts(ids).map(({ name, count }) => `${name} ${count}`);
  return [
    counts.join(", "),
    ...idExamples(ids, 20).map(({ kind, id, sent }) => `${kind}: ${id}, sent ${sent}`),
  ];
}

function outcomeOf(verdict: SloResult["verdict"], failOn: readonly FailOn[]): Case["outcome"] {
  switch (verdict) {
    case "pass":
      return "passed";
    case "fail":
      return "failure";
    case "not_run":
      return "skipped";
    case "inconclusive":
    case "invalid":
      return failOn.includes(verdict) ? "error" : "skipped";
  }
}

function sloCase(slo: SloResult, fault: FaultReport | null, timeS: number, judge: Judge): Case {
  const row = sloRow(slo);
  const phase = slo.phase === "fault" || slo.unit === "s" ? "" : ` (${slo.phase})`;
  const detail = [
    row.judged === "baseline"
      ? `baseline ${row.baseline}, target ${row.target}`
      : `baseline ${row.baseline}, fault ${row.fault}, recovery ${row.recovery}, target ${row.target}`,
    row.interval === "–" ? "" : `98% interval ${row.interval}`,
    slo.reason,
    fault ? `${fault.injection.description}; ${describeRecovery(fault)}` : "",
    ...(fault ? findingsBeside(slo, fault) : []),
  ].filter(Boolean);
  return {
    name: `${slo.expect}${phase}`,
    timeS,
    outcome: judge(slo.verdict),
    message: `${row.verdict.word}: observed ${row.observed}, target ${row.target}`,
    detail: detail.join("\n"),
  };
}

/** Each case is read alone. Within a case nothing is said twice. */
function findingsBeside(
  { shared }: SloResult,
  { findings, findingIds = [] }: FaultReport,
): readonly string[] {
  return findings.filter((_, index) => shared === undefined || findingIds[index] !== shared.id);
}

/** The schema has no count of skipped cases on the root. */
function totals(cases: readonly Case[]): string {
  return `tests="${cases.length}" failures="${count(cases, "failure")}" errors="${count(cases, "error")}"`;
}

function count(cases: readonly Case[], outcome: Case["outcome"]): number {
  return cases.filter((one) => one.outcome === outcome).length;
}

function renderSuite(suite: Suite): string {
  const properties = Object.entries(suite.properties)
    .map(([name, value]) => `      <property name="${xml(name)}" value="${xml(value)}"/>\n`)
    .join("");
  return `  <testsuite name="${xml(suite.name)}" ${totals(suite.cases)} skipped="${count(suite.cases, "skipped")}" time="${seconds(suite.timeS)}" timestamp="${suite.startedAt}" hostname="faultline">
${properties ? `    <properties>\n${properties}    </properties>\n` : ""}${suite.cases.map((one) => renderCase(suite, one)).join("")}  </testsuite>
`;
}

function renderCase(suite: Suite, one: Case): string {
  const open = `    <testcase classname="${xml(suite.name)}" name="${xml(one.name)}" time="${seconds(one.timeS)}"`;
  switch (one.outcome) {
    case "passed":
      return `${open}/>\n`;
    case "skipped":
      return `${open}>\n      <skipped message="${xml(one.message)}"/>\n    </testcase>\n`;
    case "failure":
    case "error":
      return `${open}>\n      <${one.outcome} message="${xml(one.message)}" type="slo">${xml(one.detail)}</${one.outcome}>\n    </testcase>\n`;
  }
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function xml(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;")
    .replaceAll("\t", "&#9;");
}
