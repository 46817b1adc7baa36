import type { Report } from "../analysis/document/report.js";
import type { LiveNumbers, PhaseEnd, PhaseStart, RunInProgress } from "../measure/progress.js";
import type { RunEvent, RunRecord } from "../measure/record.js";
import type { FailOn } from "./fail-on.js";

export interface ReportInput {
  readonly report: Report;
  /** What the report was made from: series and histograms are here. */
  readonly record: RunRecord;
  /** Verdicts that fail the pipeline; undecided ones that do not are skipped tests, not errors. Default: all. */
  readonly failOn?: readonly FailOn[];
}

/** The run that a hook is called for. It is the same object in all calls for one run, and another one for each run. */
export interface ReportedRun {
  /** Of the scenario. */
  readonly name: string;
  /** The scenario's file, as it was named. */
  readonly file: string;
  /** Absolute; null: nothing is written. */
  readonly folder: string | null;
  /**
   * @returns the line that an SLO of a fault is written on; null when it is not written in the scenario's own file.
   */
  lineOf(slo: string, fault: string): number | null;
}

/**
 * What a reporter may want to hear of a run, in the order of its life. All are optional. Only `start` and `end` are
 * waited for. A hook that throws does no harm to the run: it is told as a warning.
 */
export interface ReporterHooks {
  /** Nothing has been started yet. */
  start?(run: ReportedRun): void | Promise<void>;
  /** From now on the run can be asked what it has measured, and be given notes. */
  begun?(inProgress: RunInProgress, run: ReportedRun): void;
  /** Something is being done that has no phase: "starting shop". */
  status?(text: string, run: ReportedRun): void;
  /** A phase begins. */
  phase?(phase: PhaseStart, run: ReportedRun): void;
  /** About four times a second while a phase goes on. */
  live?(numbers: LiveNumbers, run: ReportedRun): void;
  /** Something happened: a fault was injected, a service died, the run was aborted. */
  event?(event: RunEvent, run: ReportedRun): void;
  phaseEnd?(phase: PhaseEnd, run: ReportedRun): void;
  /** The run is over and its files are written; null: it could not begin, or could not be judged. */
  end?(result: ReportInput | null, run: ReportedRun): void | Promise<void>;
}

/** Whoever tells of a run: while it goes on, or when it has ended. */
export interface Reporter extends ReporterHooks {
  /** As the user names it in --reporter, and as warnings name it. */
  readonly name: string;
}

/** One format. To add one: a file with a FileReporter in formats/, and a line in registry.ts. */
export interface FileReporter extends Reporter {
  /** A shorter name that is understood as well. */
  readonly alias?: string;
  /** In the run's folder, unless the user names another path. */
  readonly fileName: string;
  readonly mime: string;
  /** For --help: what it is good for, in a few words. */
  readonly purpose: string;
  /** Pure: the same input gives the same bytes. */
  render(input: ReportInput): string | Uint8Array;
}
