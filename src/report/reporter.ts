import type { Report } from "../analysis/document/report.js";
import type { RunEvent, RunRecord } from "../measure/record.js";
import type {
  LiveNumbers,
  LiveTrace,
  PhaseEnd,
  PhaseStart,
  RunInProgress,
} from "../measure/run-in-progress.js";
import type { FailOn } from "./fail-on.js";

export interface ReportInput {
  readonly report: Report;
  /** The record behind the report. It has the series and histograms. */
  readonly record: RunRecord;
  /** Verdicts that fail the pipeline. Undecided ones that do not are skipped tests, not errors. Default: all. */
  readonly failOn?: readonly FailOn[];
}

/** The run that a hook is called for. All calls for one run get the same object, and each run has its own. */
export interface ReportedRun {
  /** The scenario's name. */
  readonly name: string;
  /** The scenario's file, as it was named. */
  readonly file: string;
  /** Absolute. null: nothing is written. */
  readonly folder: string | null;
  /** @returns the line that holds this SLO of this fault; null when the scenario's own file does not hold it. */
  lineOf(slo: string, fault: string): number | null;
}

/**
 * What a reporter may want to hear of a run, in order. All hooks are optional. Only `start` and `end` are waited for. A
 * hook that throws does not harm the run: the error becomes a warning.
 */
export interface ReporterHooks {
  /** Nothing has been started yet. */
  start?(run: ReportedRun): void | Promise<void>;
  /** From now on the run can say what it has measured, and take notes. */
  begun?(inProgress: RunInProgress, run: ReportedRun): void;
  /** Something without a phase is being done: "starting shop". */
  status?(text: string, run: ReportedRun): void;
  /** A phase begins. */
  phase?(phase: PhaseStart, run: ReportedRun): void;
  /** About four times a second while a phase goes on. */
  live?(numbers: LiveNumbers, run: ReportedRun): void;
  /** With `tracing` of the load: sampled requests have failed, or were slow. Some of them, some four times a second. */
  traces?(traces: readonly LiveTrace[], run: ReportedRun): void;
  /** Something happened: a fault was injected, a service died, the run was aborted. */
  event?(event: RunEvent, run: ReportedRun): void;
  phaseEnd?(phase: PhaseEnd, run: ReportedRun): void;
  /** The run is over and its files are written. null: it could not begin, or could not be judged. */
  end?(result: ReportInput | null, run: ReportedRun): void | Promise<void>;
}

/** Tells of a run, while it goes on or when it has ended. */
export interface Reporter extends ReporterHooks {
  /** The name in --reporter and in warnings. */
  readonly name: string;
}

/** One format. To add one: a file with a FileReporter in formats/, and a line in registry.ts. */
export interface FileReporter extends Reporter {
  /** A shorter name that is understood as well. */
  readonly alias?: string;
  /** The file's name in the run's folder, unless the user gives another path. */
  readonly fileName: string;
  readonly mime: string;
  /** For --help: what the format is good for, in a few words. */
  readonly purpose: string;
  /** Pure: the same input gives the same bytes. */
  render(input: ReportInput): string | Uint8Array;
}
