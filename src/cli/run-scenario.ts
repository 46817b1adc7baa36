import { rmdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { analyse } from "../analysis/analyse.js";
import { compareRuns } from "../analysis/compare/compare-runs.js";
import type { RunComparison } from "../analysis/compare/run-comparison.js";
import type { Report } from "../analysis/document/report.js";
import type { PlaceOfSlo } from "../plan/check-scenario.js";
import { exitCodeFor, type FailOn } from "../report/fail-on.js";
import { tellGithub } from "../report/github.js";
import { renderComparison } from "../report/terminal/comparison.js";
import { renderTerminal } from "../report/terminal/terminal.js";
import { type ReportChoice, writeReports } from "../report/write-reports.js";
import { type ExperimentResult, runExperiment } from "../run/experiment.js";
import { withLeftBehind } from "../run/safety/left-behind.js";
import { diagnosticText } from "../scenario/diagnostics/diagnostic.js";
import { EXIT, messageOf } from "../support/errors.js";
import { harmlessJson, oneLine } from "../support/printable.js";
import { redact } from "../support/redact.js";
import { writeWhole } from "../support/write-whole.js";
import { harmlessIo } from "./harmless-io.js";
import { colorFor, type Io, viewFor } from "./io.js";
import { atItsPlace } from "./placed-error.js";
import type { PlannedScenario } from "./plan-scenario.js";
import { progressFor } from "./progress.js";
import { errorJson, reportError } from "./report-error.js";
import { folderName, makeReportFolder } from "./report-folder.js";
import type { RunFlags } from "./run-flags.js";
import { toolVersion } from "./version.js";

/** What holds for every scenario of a command line; checked before the first of them starts. */
export interface RunSettings {
  readonly flags: RunFlags;
  readonly reporters: readonly ReportChoice[];
  readonly failOn: readonly FailOn[];
  readonly maxDurationMs: number | null;
  /** The run to compare with; null: none. */
  readonly earlier: Report | null;
  readonly interrupt: AbortSignal;
  /** More than one scenario: each says its name, and `--out` holds a folder for each. */
  readonly several: boolean;
}

/** What became of one scenario. */
export interface ScenarioResult {
  readonly file: string;
  readonly exitCode: number;
  /** null when it could not begin. */
  readonly report: Report | null;
  /** Held against `RunSettings.earlier`. */
  readonly isCompared: boolean;
}

/** Runs one scenario and reports it. Errors are printed here, so that the scenarios after it still run. */
export async function runScenario(scenario: PlannedScenario, settings: RunSettings): Promise<ScenarioResult> {
  const { file, plan, placeOfEndpoint, warnings, io } = scenario;
  if (settings.several) io.stderr.write(`\n${oneLine(plan.name)} (${oneLine(file)})\n`);
  for (const warning of warnings) io.stderr.write(`${diagnosticText(warning)}\n`);
  try {
    return { file, ...(await execute(scenario, settings)) };
  } catch (error) {
    const verbose = settings.flags.verbose ?? false;
    const placed = atItsPlace(error, placeOfEndpoint);
    const exitCode = reportError(placed, io, { verbose });
    if (settings.flags.json && !settings.several) io.stdout.write(errorJson(error, exitCode, io));
    return { file, exitCode, report: null, isCompared: false };
  }
}

type Judged = Pick<ScenarioResult, "exitCode" | "isCompared"> & { readonly report: Report };

/** Runs, judges, writes and prints. */
async function execute(scenario: PlannedScenario, settings: RunSettings): Promise<Judged> {
  const { plan, io } = scenario;
  const { flags, maxDurationMs, interrupt } = settings;
  const own =
    flags.out === undefined || settings.several
      ? folderName(new Date(), redact(plan.name, plan.secrets))
      : null;
  const { path: folder, isNew } = await makeReportFolder(io.cwd, flags.out ?? "reports", own);
  const progress = progressFor(io, { color: colorFor(io.stderr, io, flags) });
  let result: ExperimentResult;
  try {
    result = await runExperiment({
      plan,
      toolVersion: toolVersion(),
      env: io.env,
      observer: progress,
      interrupt,
      reportFolder: { folder, isNew },
      mayRetry: flags.retry ?? true,
      ...(maxDurationMs === null ? {} : { maxDurationMs }),
    });
  } catch (error) {
    // Nothing was measured: an empty folder would only be in the way. One of the user's own stays.
    if (isNew) await rmdir(folder).catch(() => {});
    throw error;
  } finally {
    progress.close();
  }
  const { leftBehind } = result;
  try {
    const { failures, ...judged } = await publish(result, folder, settings, scenario).catch((error) => {
      // What is left behind is worse than a report that could not be made.
      throw withLeftBehind(error, leftBehind);
    });
    if (failures.length + leftBehind.length === 0) return judged;
    const error = withLeftBehind(failures[0] ?? "the run is over", leftBehind);
    return { ...judged, exitCode: reportError(error, io, { verbose: flags.verbose ?? false }) };
  } finally {
    await result.release();
  }
}

/** What could not be written does not keep the result from being printed: it is in `failures`. */
async function publish(
  { record }: ExperimentResult,
  folder: string,
  { flags, reporters, failOn, earlier, several }: RunSettings,
  { io, file, placeOfSlo }: PlannedScenario,
): Promise<Judged & { readonly failures: readonly unknown[] }> {
  const failures: unknown[] = [];
  const keep = (error: unknown) => void failures.push(error);
  const report = analyse(record);
  await writeWhole(join(folder, "record.json"), `${JSON.stringify(record)}\n`).catch(keep);
  const written = await writeReports({ report, record, folder, reporters, failOn }).catch((error) => {
    keep(error);
    return [];
  });
  const isWritten = failures.length === 0;
  await tellGithub(report, io.env, harmlessIo(io).command, {
    cwd: io.cwd,
    lineOf: (text, fault) => lineOfSlo(placeOfSlo, file, text, fault),
  }).catch((error) => {
    // The gate's answer does not depend on a page that shows it.
    io.stderr.write(`warning: ${messageOf(error)}
`);
  });
  const comparison = earlier && compareWith(earlier, report, io);
  // An empty line, where the report is, and the prompt.
  const view = viewFor(io, flags, 3);
  const compared = comparison ? renderComparison(comparison, view) : "";
  if (flags.json) {
    if (!several) io.stdout.write(`${harmlessJson(report)}\n`);
    io.stderr.write(compared);
  } else {
    io.stdout.write(renderTerminal(report, record, view));
    if (comparison) io.stdout.write(`\n${compared}`);
    // The page is what a person opens; without it the folder.
    const page = written.find(({ reporter }) => reporter === "html")?.path ?? folder;
    if (isWritten) io.stdout.write(`\nReport: ${relative(io.cwd, page) || "."}\n`);
  }
  const exitCode = exitCodeFor(report, failOn);
  const regressed = exitCode === EXIT.ok && comparison?.answer === "regressed";
  return {
    exitCode: regressed ? EXIT.sloBroken : exitCode,
    report,
    isCompared: comparison !== null,
    failures,
  };
}

/** @returns null when it is not written in the scenario's own file. */
function lineOfSlo(placeOf: PlaceOfSlo, file: string, text: string, fault: string): number | null {
  const span = placeOf({ text, fault }) ?? placeOf({ text, fault: null });
  return span?.source.name === file ? span.source.position(span.start).line : null;
}

/** null, with a word on stderr, when the runs are not the same test. */
function compareWith(earlier: Report, report: Report, io: Io): RunComparison | null {
  const comparison = compareRuns(earlier, report);
  if (comparison.mismatches.length === 0) return comparison;
  const differences = comparison.mismatches.map((line) => `  ${oneLine(line)}\n`).join("");
  io.stderr.write(`warning: not compared with the baseline run, which is not the same test:\n${differences}`);
  return null;
}
