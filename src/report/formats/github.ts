import { appendFile } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { FaultReport, FindingId, Report, SloResult } from "../../analysis/document/report.js";
import { promiseOf } from "../../analysis/document/slo-result.js";
import { whatBecame } from "../../analysis/wording/what-became.js";
import { metricOf } from "../../slo/metrics/index.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { oneLine } from "../escape.js";
import { renderMarkdown } from "../markdown/markdown.js";
import type { Reporter } from "../reporter.js";
import { checkRows } from "../shown/check-rows.js";
import { comparedName } from "../shown/earlier-run.js";
import { sloRow } from "../shown/slo-row.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";

/** Where to show the scenario's complaints. */
export interface AnnotationPlace {
  /** The path from the root of the repository. */
  readonly file: string;
  /** The line of the scenario that holds this SLO of this fault. */
  readonly lineOf?: (slo: string, fault: string) => number | null;
}

/** GitHub shows ten errors and ten warnings per step. The first faults are as good as any. */
const MOST_ANNOTATIONS = 10;

/**
 * Workflow commands that mark the scenario's file. Errors come first.
 * - An error for each broken SLO and each broken check, a warning for each undecided one.
 * - An error for each that has regressed against the earlier run.
 * - An error for a run that ended early.
 * - An error for a run that failed or was invalid without a broken SLO (a search that broke everywhere, a baseline that
 *   does not hold).
 */
export function annotations(report: Report, place: AnnotationPlace = { file: report.scenario.file }): string {
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const fault of report.faults) {
    for (const slo of fault.slos) {
      if (slo.verdict === "pass" || slo.verdict === "not_run") continue;
      const level = slo.verdict === "fail" ? "error" : "warning";
      const title = `${slo.expect} in ${fault.name}: ${VERDICT_WORDS[slo.verdict].word}`;
      const lines = level === "error" ? errors : warnings;
      const at = { ...place, line: place.lineOf?.(slo.expect, fault.name) ?? null };
      lines.push(command(level, at, title, story(slo, fault, report)));
    }
  }
  for (const { name, verdict, words, reason } of checkRows(report)) {
    if (verdict === "pass" || verdict === "not_run") continue;
    const level = verdict === "fail" ? "error" : "warning";
    const title = `check ${name}: ${words.word}`;
    (level === "error" ? errors : warnings).unshift(command(level, { file: place.file }, title, reason));
  }
  for (const row of report.comparison?.rows ?? []) {
    if (row.answer !== "regressed") continue;
    errors.push(command("error", { file: place.file }, `${comparedName(row)}: regressed`, row.reason));
  }
  if (isUntold(report, errors.length, warnings.length)) {
    const title = `${report.scenario.name}: ${report.verdict}`;
    errors.unshift(command("error", { file: place.file }, title, report.reason));
  }
  return [...errors.slice(0, MOST_ANNOTATIONS), ...warnings.slice(0, MOST_ANNOTATIONS)].join("");
}

/** The run's own verdict needs a line when no SLO's line says it. */
function isUntold({ verdict, ending }: Report, errors: number, warnings: number): boolean {
  if (verdict === "pass") return false;
  if (ending.kind !== "completed") return true;
  return errors === 0 && (verdict !== "inconclusive" || warnings === 0);
}

/** What became of the promise, then the first finding that adds something to it. */
function story(slo: SloResult, fault: FaultReport, report: Report): string {
  const { observed, target } = sloRow(slo);
  const change = whatBecame(slo, report.load.timeoutMs) ?? `observed ${observed}, target ${target}`;
  const same = findingOfSameMetric(slo);
  const news =
    slo.verdict === "fail"
      ? fault.findings.find((_, index) => same === null || fault.findingIds?.[index] !== same)
      : undefined;
  return `${change}. ${slo.mostly ?? news ?? slo.reason}`;
}

/** The finding that the promise's own line already says. @returns null when there is none. */
function findingOfSameMetric(result: SloResult): FindingId | null {
  const promise = promiseOf(result);
  if (promise === null || promise.request !== null) return null;
  const { quantile, rate } = metricOf(promise.metric);
  if (quantile !== null) return quantile === 0.99 ? "latency" : null;
  return rate === null ? null : "throughput";
}

function command(
  level: "error" | "warning",
  { file, line }: { readonly file: string; readonly line?: number | null },
  title: string,
  text: string,
): string {
  const at = line ? `,line=${line}` : "";
  return `::${level} file=${property(file)}${at},title=${property(title)}::${message(text)}\n`;
}

function message(text: string): string {
  return oneLine(text).replaceAll("%", "%25");
}

function property(text: string): string {
  return message(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * The file's path from the root of the repository: a job may work in one of its folders. @returns null for a file
 * outside.
 */
function fromRepository(file: string, root: string | undefined): string | null {
  if (!root) return null;
  const path = relative(root, file);
  return path.startsWith("..") || isAbsolute(path) ? null : path.split(sep).join("/");
}

/**
 * What a GitHub Actions step wants to know of a run: the summary page and annotations. It does nothing elsewhere.
 * `write` takes the annotations. Give it stderr: the runner reads it as well, and stdout stays the product. Its `end`
 * throws REPORT_UNWRITABLE when the summary file cannot be written.
 */
export function githubReporter({ env, cwd, write }: GithubSurroundings): Reporter {
  return {
    name: "github",
    async end(result, run) {
      if (result === null) return;
      const { report } = result;
      if (env.GITHUB_ACTIONS === "true") {
        const file = fromRepository(resolve(cwd, report.scenario.file), env.GITHUB_WORKSPACE);
        write(annotations(report, { file: file ?? report.scenario.file, lineOf: run.lineOf }));
      }
      if (env.GITHUB_STEP_SUMMARY) await appendSummary(env.GITHUB_STEP_SUMMARY, report);
    },
  };
}

export interface GithubSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Paths of scenarios are relative to this folder. */
  readonly cwd: string;
  readonly write: (text: string) => void;
}

async function appendSummary(path: string, report: Report): Promise<void> {
  try {
    await appendFile(path, `${renderMarkdown(report)}\n`);
  } catch (error) {
    throw new FaultlineError(
      "REPORT_UNWRITABLE",
      `cannot write the step summary ${path}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
