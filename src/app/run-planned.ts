import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { analyse } from "../analysis/analyse.js";
import { withComparison } from "../analysis/compare/with-comparison.js";
import type { Report } from "../analysis/document/report.js";
import type { RunRecord } from "../measure/record.js";
import { DEFAULT_FAIL_ON, type FailOn } from "../report/fail-on.js";
import type { ReportedRun, Reporter } from "../report/reporter.js";
import { type ReportChoice, type WrittenReport, writeReports } from "../report/write-reports.js";
import { type ExperimentResult, runExperiment } from "../run/experiment.js";
import { withLeftBehind } from "../run/safety/left-behind.js";
import type { WorkersChoice } from "../run/set-up/set-up-options.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { harmlessJson } from "../support/printable.js";
import { redact } from "../support/redact.js";
import { writeWhole } from "../support/write-whole.js";
import type { RunTelemetry } from "../telemetry/run-telemetry.js";
import { enterInLedger, provenanceOf } from "./enter-in-ledger.js";
import type { PlannedScenario } from "./plan-to-run.js";
import { folderName, makeReportFolder } from "./report-folder.js";
import { ReporterAudience } from "./reporter-audience.js";
import { writeServiceOutputs } from "./service-outputs.js";
import { toolVersion } from "./tool-version.js";

/** Where the files of a run go. */
export interface RunFolder {
  /** Relative to the current folder. */
  readonly parent: string;
  /** true: a new folder in `parent`, named by time and scenario. false: `parent` itself. */
  readonly own: boolean;
}

export interface RunPlannedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** null: nothing is written. */
  readonly folder: RunFolder | null;
  /** Absolute path of the ledger that gets a line. null: none. The ledger never fails a run. */
  readonly ledger?: string | null;
  /** Written to the folder, or to a path of their own. */
  readonly files: readonly ReportChoice[];
  /** Told of the run, as `files` are. */
  readonly reporters: readonly Reporter[];
  readonly failOn?: readonly FailOn[];
  /** The run to compare with. null or not there: none. */
  readonly earlier?: Report | null;
  /** Aborts the run: it is undone and judged by what it has measured. The reason becomes part of the record. */
  readonly interrupt?: AbortSignal;
  readonly maxDurationMs?: number | undefined;
  readonly mayRetry: boolean;
  /** null or not there: this process makes the load. */
  readonly workers?: WorkersChoice | null;
  /** Something that changes no verdict: a reporter failed. */
  readonly onWarning: (text: string) => void;
}

/** A run that was measured and judged. */
export interface FinishedRun {
  readonly report: Report;
  readonly record: RunRecord;
  /** Absolute. */
  readonly folder: string | null;
  readonly written: readonly WrittenReport[];
  /** What went wrong beside the measurement: a file that could not be written, something left behind. null: nothing. */
  readonly error: unknown;
  /** Everything that was asked for has been written. */
  readonly isWritten: boolean;
}

/**
 * Runs a scenario, undoes all that it did, judges it, and writes what was asked for.
 * @throws FaultlineError when the run could not begin; `atItsPlace` adds the place in the scenario to its message.
 */
export async function runPlanned(
  scenario: PlannedScenario,
  options: RunPlannedOptions,
): Promise<FinishedRun> {
  const folder = await folderFor(scenario, options);
  const telemetry = await telemetryOf(scenario, folder?.path ?? null);
  const audience = audienceFor(scenario, folder?.path ?? null, telemetry, options);
  // Taken when the run begins: files may change while it goes on.
  const provenance = options.ledger ? await provenanceOf(scenario, options) : null;
  let finished: FinishedRun | null = null;
  await audience.start();
  try {
    const result = await experiment(scenario, folder, audience, options);
    try {
      finished = await publish(result, folder?.path ?? null, telemetry, options);
      if (options.ledger && provenance)
        await enterInLedger(options.ledger, finished, provenance, options.onWarning);
    } finally {
      await result.release();
    }
    return finished;
  } finally {
    await telemetry?.finish(null);
    const { failOn } = options;
    await audience.end(finished && { ...finished, ...(failOn ? { failOn } : {}) });
  }
}

type MadeFolder = Awaited<ReturnType<typeof makeReportFolder>>;

async function folderFor(
  { plan }: PlannedScenario,
  { cwd, folder }: RunPlannedOptions,
): Promise<MadeFolder | null> {
  if (folder === null) return null;
  const own = folder.own ? folderName(new Date(), redact(plan.name, plan.secrets)) : null;
  return await makeReportFolder(cwd, folder.parent, own);
}

/** @returns null when nobody is told. */
async function telemetryOf({ plan }: PlannedScenario, folder: string | null): Promise<RunTelemetry | null> {
  if (plan.telemetry.length === 0) return null;
  const { RunTelemetry } = await import("../telemetry/run-telemetry.js");
  return RunTelemetry.open({
    specs: plan.telemetry,
    run: { scenario: plan.name, version: toolVersion(), folder },
    mask: (text) => redact(text, plan.secrets),
  });
}

function audienceFor(
  { plan, file, placeOfSlo }: PlannedScenario,
  folder: string | null,
  telemetry: RunTelemetry | null,
  { reporters, files, onWarning }: RunPlannedOptions,
): ReporterAudience {
  const mask = (text: string) => redact(text, plan.secrets);
  const run: ReportedRun = {
    name: mask(plan.name),
    file,
    folder,
    lineOf(text, fault) {
      const span = placeOfSlo({ text, fault }) ?? placeOfSlo({ text, fault: null });
      return span?.source.name === file ? span.source.position(span.start).line : null;
    },
  };
  return new ReporterAudience({
    reporters: [
      ...new Set([...files.map(({ reporter }) => reporter), ...reporters, ...(telemetry ? [telemetry] : [])]),
    ],
    run,
    mask,
    onFailure: (reporter, error) => onWarning(mask(failureText(reporter, error))),
  });
}

/** A coded error says itself what it is about. */
function failureText({ name }: Reporter, error: unknown): string {
  return error instanceof FaultlineError ? error.message : `the reporter ${name} failed: ${messageOf(error)}`;
}

async function experiment(
  { plan }: PlannedScenario,
  folder: MadeFolder | null,
  audience: ReporterAudience,
  { env, interrupt, mayRetry, maxDurationMs, workers = null }: RunPlannedOptions,
): Promise<ExperimentResult> {
  try {
    return await runExperiment({
      plan,
      toolVersion: toolVersion(),
      env,
      observer: audience.observer(),
      mayRetry,
      workers,
      ...(interrupt ? { interrupt } : {}),
      ...(folder ? { reportFolder: { folder: folder.path, isNew: folder.isNew } } : {}),
      ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    });
  } catch (error) {
    // Nothing was measured: an empty folder would only be in the way. A folder of the user's stays.
    if (folder?.isNew) await rmdir(folder.path).catch(() => {});
    throw error;
  }
}

/** A file that could not be written does not keep the result from being returned. */
async function publish(
  { record: measured, outputs, leftBehind }: ExperimentResult,
  folder: string | null,
  telemetry: RunTelemetry | null,
  { files, failOn = DEFAULT_FAIL_ON, earlier = null }: RunPlannedOptions,
): Promise<FinishedRun> {
  const failures: unknown[] = [];
  const keep = (error: unknown) => void failures.push(error);
  try {
    const judged = withComparison(analyse(measured), earlier);
    const told = telemetry === null ? {} : { telemetry: [...(await telemetry.finish(judged))] };
    const record: RunRecord = { ...measured, ...told };
    const report: Report = { ...judged, ...told };
    let written: readonly WrittenReport[] = [];
    if (folder !== null) {
      await writeWhole(join(folder, "record.json"), `${harmlessJson(record, 0)}\n`).catch(keep);
      await writeServiceOutputs(folder, outputs).catch(keep);
      const input = { report, record, folder, reporters: files, failOn };
      written = await writeReports(input).catch((error) => {
        keep(error);
        return [];
      });
    }
    const isWritten = failures.length === 0;
    const error = withLeftBehind(failures[0] ?? null, leftBehind);
    return { report, record, folder, written, error, isWritten };
  } catch (error) {
    // Something left behind is worse than a report that could not be made.
    throw withLeftBehind(error, leftBehind);
  }
}
