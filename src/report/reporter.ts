import type { Report } from "../analysis/document/report.js";
import type { RunRecord } from "../measure/record.js";
import type { FailOn } from "./fail-on.js";

export interface ReportInput {
  readonly report: Report;
  /** What the report was made from: series and histograms are here. */
  readonly record: RunRecord;
  /** Verdicts that fail the pipeline; undecided ones that do not are skipped tests, not errors. Default: all. */
  readonly failOn?: readonly FailOn[];
}

/** One format. To add one: a file with a Reporter in this folder, and a line in registry.ts. */
export interface Reporter {
  /** As the user names it in --reporter. */
  readonly name: string;
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
