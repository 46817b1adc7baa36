import { appendFile } from "node:fs/promises";
import type { FaultReport, Report, SloResult } from "../analysis/model.js";
import { whatBecame } from "../analysis/what-became.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { oneLine } from "./escape.js";
import { renderMarkdown } from "./markdown.js";
import { sloRow } from "./slo-row.js";
import { VERDICT_WORDS } from "./words.js";

/** GitHub shows ten annotations of a kind for a step; the first faults are as good as any. */
const MOST_ANNOTATIONS = 10;

/**
 * Workflow commands that mark the scenario's file: an error for each broken SLO, a warning for each undecided one, and
 * an error for a run that ended early or that no SLO tells of (a baseline that does not hold).
 */
export function annotations(report: Report): string {
  const lines = report.faults.flatMap((fault) =>
    fault.slos
      .filter(({ verdict }) => verdict !== "pass" && verdict !== "not_run")
      .map((slo) => {
        const title = `${slo.expect} in ${fault.name}: ${VERDICT_WORDS[slo.verdict].word}`;
        const level = slo.verdict === "fail" ? "error" : "warning";
        return command(level, report, title, story(slo, fault, report));
      }),
  );
  if (report.verdict !== "pass" && (lines.length === 0 || report.ending.kind !== "completed")) {
    lines.unshift(command("error", report, `${report.scenario.name}: ${report.verdict}`, report.reason));
  }
  return lines.slice(0, MOST_ANNOTATIONS).join("");
}

/** What became of the promise, and of what happened the first that this does not say yet. */
function story(slo: SloResult, fault: FaultReport, report: Report): string {
  const { observed, target } = sloRow(slo);
  const change = whatBecame(slo, report.load.timeoutMs) ?? `observed ${observed}, target ${target}`;
  const [told = change] = change.split(",");
  const news =
    slo.verdict === "fail" ? fault.findings.find((finding) => !finding.startsWith(told)) : undefined;
  return `${change}. ${news ?? slo.reason}`;
}

function command(level: "error" | "warning", report: Report, title: string, text: string): string {
  const file = property(report.scenario.file);
  return `::${level} file=${file},title=${property(title)}::${message(text)}\n`;
}

function message(text: string): string {
  return oneLine(text).replaceAll("%", "%25");
}

function property(text: string): string {
  return message(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * What a GitHub Actions step wants to know of a run: the summary page and annotations. Does nothing elsewhere.
 * `write` takes the annotations; give it stderr, which the runner reads as well, so that stdout stays the product.
 * Throws REPORT_UNWRITABLE when the summary file cannot be written.
 */
export async function tellGithub(
  report: Report,
  env: Readonly<Record<string, string | undefined>>,
  write: (text: string) => void,
): Promise<void> {
  if (env.GITHUB_ACTIONS === "true") write(annotations(report));
  const path = env.GITHUB_STEP_SUMMARY;
  if (!path) return;
  try {
    await appendFile(path, `${renderMarkdown(report)}\n`);
  } catch (error) {
    throw new FaultlineError(
      "REPORT_UNWRITABLE",
      `cannot write the step summary ${path}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
