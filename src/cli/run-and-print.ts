import { join, relative, resolve } from "node:path";
import { DEFAULT_FOLDER, LEDGER_FILE } from "../app/ledger-place.js";
import { atItsPlace } from "../app/placed-error.js";
import { type OutcomeOptions, outcomeOf, type ScenarioResult } from "../app/run-outcome.js";
import { type FinishedRun, runPlanned } from "../app/run-planned.js";
import type { Reporter } from "../report/reporter.js";
import { renderComparison } from "../report/terminal/comparison-lines.js";
import { renderTerminal } from "../report/terminal/terminal.js";
import type { ReportChoice } from "../report/write-reports.js";
import type { WorkersChoice } from "../run/set-up/set-up-options.js";
import { diagnosticText } from "../scenario/diagnostics/diagnostic.js";
import { harmlessJson, oneLine } from "../support/printable.js";
import type { RunFlags } from "./options/run-flags.js";
import { LET_THROUGH_LINES, printLetThrough } from "./output/let-through.js";
import { liveReporters } from "./output/live-reporters.js";
import { errorJson, reportError } from "./output/report-error.js";
import { type Io, viewFor } from "./process/io.js";
import type { ScenarioToRun } from "./scenario-to-run.js";

/** Settings for every scenario of a command line. They are checked before the first one starts. */
export interface RunSettings extends OutcomeOptions {
  readonly flags: RunFlags;
  readonly reporters: readonly ReportChoice[];
  readonly maxDurationMs: number | null;
  readonly interrupt: AbortSignal;
  /** null: this process makes the load. */
  readonly workers: WorkersChoice | null;
  /** The page that people watch. null: there is none. */
  readonly page: Reporter | null;
  /** More than one scenario: each says its name, and `--out` holds a folder for each. */
  readonly several: boolean;
}

/** Runs one scenario and prints what became of it. Prints errors, too, so that the scenarios after it still run. */
export async function runAndPrint(scenario: ScenarioToRun, settings: RunSettings): Promise<ScenarioResult> {
  const { file, plan, sloWarnings, io } = scenario;
  const { flags, reporters, failOn, maxDurationMs, interrupt, page, several, workers } = settings;
  const verbose = flags.verbose ?? false;
  if (several) io.stderr.write(`\n${oneLine(plan.name)} (${oneLine(file)})\n`);
  for (const warning of sloWarnings) io.stderr.write(`${diagnosticText(warning)}\n`);
  try {
    const run = await runPlanned(scenario, {
      env: io.env,
      cwd: io.cwd,
      folder: { parent: flags.out ?? DEFAULT_FOLDER, own: flags.out === undefined || several },
      ledger: ledgerOf(flags, io),
      files: reporters,
      reporters: [...liveReporters(io, flags), ...(page ? [page] : [])],
      failOn,
      earlier: settings.earlier,
      interrupt,
      maxDurationMs: maxDurationMs ?? undefined,
      mayRetry: flags.retry ?? true,
      workers,
      onWarning: (text) => void io.stderr.write(`warning: ${text}\n`),
    });
    const printed = print(run, settings, io);
    if (run.error === null) return { file, ...printed };
    return { file, ...printed, exitCode: reportError(run.error, io, { verbose }) };
  } catch (error) {
    const exitCode = reportError(atItsPlace(error, scenario), io, { verbose });
    if (flags.json && !several) io.stdout.write(errorJson(error, exitCode, io));
    return { file, exitCode, report: null, isCompared: false };
  }
}

/** @returns null when the run gets no line. */
function ledgerOf({ history, out }: RunFlags, { cwd }: Io): string | null {
  if (history === false) return null;
  return resolve(cwd, history ?? join(out ?? DEFAULT_FOLDER, LEDGER_FILE));
}

/** Prints the result, and the comparison with an earlier run. */
function print(
  { report, record, folder, written, isWritten }: FinishedRun,
  settings: RunSettings,
  io: Io,
): Omit<ScenarioResult, "file"> {
  const { flags, several } = settings;
  const { exitCode, comparison, mismatches, letThrough } = outcomeOf(report, settings);
  if (mismatches.length > 0) {
    const differences = mismatches.map((line) => `  ${oneLine(line)}\n`).join("");
    io.stderr.write(
      `warning: not compared with the baseline run, which is not the same test:\n${differences}`,
    );
  }
  // An empty line, where the report is, and the prompt.
  const view = viewFor(io, flags, 3 + (letThrough === null ? 0 : LET_THROUGH_LINES));
  const compared = comparison ? renderComparison(comparison, view) : "";
  if (flags.json) {
    if (!several) io.stdout.write(`${harmlessJson(report)}\n`);
    io.stderr.write(compared);
    if (letThrough !== null) printLetThrough(letThrough, io, flags);
  } else {
    io.stdout.write(renderTerminal(report, record, view));
    if (letThrough !== null) printLetThrough(letThrough, io, flags);
    if (comparison) io.stdout.write(`\n${compared}`);
    // A person opens the page, or without it the folder.
    const page = written.find(({ reporter }) => reporter === "html")?.path ?? folder ?? io.cwd;
    if (isWritten) io.stdout.write(`\nReport: ${relative(io.cwd, page) || "."}\n`);
  }
  return { exitCode, report, isCompared: comparison !== null };
}
