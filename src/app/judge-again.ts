import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { analyse } from "../analysis/analyse.js";
import type { Report } from "../analysis/document/report.js";
import { slosForRecord } from "../analysis/slo/slos-for-record.js";
import { readRecord } from "../measure/read-record.js";
import type { RunRecord } from "../measure/record.js";
import { describeLetThrough, exitCodeFor, type FailOn } from "../report/fail-on.js";
import { type ReportChoice, type WrittenReport, writeReports } from "../report/write-reports.js";
import { EXIT, FaultlineError } from "../support/errors.js";

export interface JudgeAgainOptions {
  readonly cwd: string;
  /** Where the reports go. null: beside the record. */
  readonly out: string | null;
  readonly reporters: readonly ReportChoice[];
  /** SLOs to judge by in place of the record's own. null: the record's own. */
  readonly slos: readonly string[] | null;
  /** Files with exported spans of the same time. */
  readonly traces: readonly string[];
  /** null: nothing fails, whatever the verdict. */
  readonly failOn: readonly FailOn[] | null;
}

export interface JudgedAgain {
  readonly report: Report;
  readonly record: RunRecord;
  readonly written: readonly WrittenReport[];
  readonly exitCode: number;
  /** What is said beside an exit code that `failOn` has turned into 0. null: it has not. */
  readonly letThrough: string | null;
}

/**
 * Judges a saved run again and writes its reports.
 * @param path its record.json, its folder, or the report beside the record.
 * @throws FaultlineError USAGE, FILE_NOT_FOUND, FILE_UNREADABLE, RECORD_INVALID, SLO_INVALID, SLO_NOT_RECORDED,
 *   REPORT_UNWRITABLE.
 */
export async function judgeAgain(path: string, options: JudgeAgainOptions): Promise<JudgedAgain> {
  const { cwd, out, reporters, slos, traces, failOn } = options;
  const file = await recordFile(resolve(cwd, path));
  const folder = out === null ? dirname(file) : resolve(cwd, out);
  if (slos && folder === dirname(file)) {
    throw new FaultlineError(
      "USAGE",
      "--slo needs --out with another folder: the run's own reports are not replaced by a judgement of other SLOs",
    );
  }
  const record = await readRecord(file);
  const judged = analyse(record, slos ? { slos: slosForRecord(slos, record) } : {});
  const report = await besideTraces(judged, record, traces, cwd);
  const written = await writeReports({ report, record, folder, reporters, ...(failOn ? { failOn } : {}) });
  return {
    report,
    record,
    written,
    exitCode: failOn ? exitCodeFor(report, failOn) : EXIT.ok,
    letThrough: failOn && describeLetThrough(report, failOn),
  };
}

async function besideTraces(
  report: Report,
  { phases }: RunRecord,
  files: readonly string[],
  cwd: string,
): Promise<Report> {
  if (files.length === 0) return report;
  const { readSpans } = await import("../traces/read/read-spans.js");
  const { withTraces } = await import("../traces/with-traces.js");
  const spans = await Promise.all(files.map((file) => readSpans(resolve(cwd, file), file)));
  return withTraces(report, phases, spans.flat());
}

/**
 * The record's path. A run's folder stands for the record in it, and so does the report beside it. @throws USAGE for a
 * report without a record.
 */
async function recordFile(path: string): Promise<string> {
  const kind = async (file: string) =>
    stat(file).then(
      (found) => (found.isDirectory() ? "folder" : "file"),
      () => "nothing", // reading it says what is wrong
    );
  if ((await kind(path)) === "folder") return join(path, "record.json");
  if (basename(path) !== "report.json" || (await kind(path)) === "nothing") return path;
  const record = join(dirname(path), "record.json");
  if ((await kind(record)) === "file") return record;
  throw new FaultlineError(
    "USAGE",
    `${path} holds what was judged; reports are made from the run's record.json, and there is none beside it`,
  );
}
