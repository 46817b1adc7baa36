import { resolve } from "node:path";
import type { Report } from "../analysis/document/report.js";
import { atItsPlace } from "../app/placed-error.js";
import { planToRun } from "../app/plan-to-run.js";
import { removeEarlierReports } from "../app/report-folder.js";
import { type FinishedRun, runPlanned } from "../app/run-planned.js";
import type { RunRecord } from "../measure/record.js";
import { jsonReporter } from "../report/formats/json.js";
import { DEFAULT_REPORTERS } from "../report/registry.js";
import type { FileReporter, Reporter, ReporterHooks } from "../report/reporter.js";
import type { ReportChoice, WrittenReport } from "../report/write-reports.js";
import { diagnosticHead, ScenarioError } from "../scenario/diagnostics/diagnostic.js";
import { planOptions, type ScenarioOptions } from "./scenario-options.js";

export interface RunOptions extends ScenarioOptions {
  /**
   * Aborts the run. Everything is undone, and the run is judged by what it has measured, with the verdict `aborted`.
   * The signal's reason becomes part of the report.
   */
  readonly signal?: AbortSignal;
  /** Hooks for what happens while the run goes on. */
  readonly on?: ReporterHooks;
  /**
   * They hear of the run as `on` does. Those with a `render` are written to `folder`. Default: the formats that the
   * command line writes.
   */
  readonly reporters?: readonly (Reporter | FileReporter)[];
  /**
   * Gets record.json, report.json and the other formats. What an earlier run left there is removed. Default: nothing is
   * written.
   */
  readonly folder?: string;
  /** The run is aborted when it takes longer. */
  readonly maxDurationMs?: number;
  /** false: nothing is measured a second time because the load generator was late. Default: true. */
  readonly retry?: boolean;
}

/** A run that was measured and judged, whatever the verdict. */
export interface ScenarioRun {
  readonly report: Report;
  /** What the report was made from. */
  readonly record: RunRecord;
  /** Files that were written: format and absolute path. */
  readonly files: readonly WrittenReport[];
  /** Warnings that change no verdict: SLOs that can never pass, a reporter that failed. */
  readonly warnings: readonly string[];
}

/**
 * Runs a scenario: starts its services and proxies, drives the load, injects the faults, undoes all of it, and judges.
 * It writes to no terminal and never ends the process. Runs may follow each other or go on at once, as long as they do
 * not claim the same ports; but runs at once on one machine disturb each other's measurement.
 *
 * A verdict is no error: a run whose SLOs broke resolves, with `report.verdict` "fail". So does one that was aborted or
 * that failed after the load began.
 * @throws FaultlineError SCENARIO_INVALID, FILE_NOT_FOUND, USAGE …: the scenario cannot be run; SERVICE_FAILED,
 * TARGET_UNREACHABLE, RUN_CONFLICT, INTERRUPTED …: the run could not begin, and everything was undone;
 * REPORT_UNWRITABLE: `folder` could not be written; ROLLBACK_FAILED: a fault, or a process of a service or a check, may
 * still be in place. docs/errors.md has them all.
 */
export async function runScenario(file: string, options: RunOptions = {}): Promise<ScenarioRun> {
  const chosen = planOptions(options);
  const { signal, on, maxDurationMs, retry = true } = options;
  const reporters = options.reporters ?? DEFAULT_REPORTERS;
  const folder = options.folder === undefined ? null : resolve(chosen.cwd, options.folder);
  const files = folder === null ? [] : filesOf(reporters);
  const planning = await planToRun(file, chosen);
  if (planning.result instanceof ScenarioError) throw planning.result;
  const warnings = [...planning.warnings, ...planning.result.sloWarnings].map(diagnosticHead);
  await removeEarlierReports(folder, files);
  const stop = followed(signal);
  try {
    const run = await runPlanned(planning.result, {
      env: chosen.env,
      cwd: chosen.cwd,
      folder: folder === null ? null : { parent: folder, own: false },
      files,
      reporters: [...reporters, ...(on ? [named(on)] : [])],
      interrupt: stop.signal,
      maxDurationMs,
      mayRetry: retry,
      onWarning: (text) => void warnings.push(text),
    });
    return resultOf(run, warnings);
  } catch (error) {
    throw atItsPlace(error, planning.result);
  } finally {
    stop.release();
  }
}

/** Nobody may overlook that a fault is still in place, or that a file is missing. */
function resultOf({ error, report, record, written }: FinishedRun, warnings: readonly string[]): ScenarioRun {
  if (error !== null) throw error;
  return { report, record, files: written, warnings };
}

/** report.json is always written, as on the command line: `compare` and `history` read it. */
function filesOf(reporters: readonly (Reporter | FileReporter)[]): ReportChoice[] {
  const formats = reporters.filter(isFileReporter);
  const all = formats.includes(jsonReporter) ? formats : [jsonReporter, ...formats];
  return all.map((reporter) => ({ reporter, path: null }));
}

function isFileReporter(reporter: Reporter | FileReporter): reporter is FileReporter {
  return "render" in reporter;
}

/** Calls hooks with their own `this`: they may be methods of an object. */
function named(hooks: ReporterHooks): Reporter {
  return {
    name: "on",
    start: (...of) => hooks.start?.(...of),
    status: (...of) => hooks.status?.(...of),
    phase: (...of) => hooks.phase?.(...of),
    live: (...of) => hooks.live?.(...of),
    event: (...of) => hooks.event?.(...of),
    phaseEnd: (...of) => hooks.phaseEnd?.(...of),
    end: (...of) => hooks.end?.(...of),
  };
}

/** A signal that outlives the run keeps nothing of it. */
function followed(signal: AbortSignal | undefined): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return { signal: controller.signal, release: () => signal?.removeEventListener("abort", abort) };
}
