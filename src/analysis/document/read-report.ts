/** Reads report.json from a file and checks it: it may be cut off, edited by hand or of a newer version. */

import { describeIssue, parseJson, readFileText, refuseNewer } from "../../measure/read-record.js";
import { FaultlineError } from "../../support/errors.js";
import { REPORT_FORMAT_VERSION, type Report, reportSchema } from "./report.js";

/** @throws FILE_NOT_FOUND, FILE_UNREADABLE, RECORD_INVALID (what and where) or RECORD_TOO_NEW. */
export async function readReport(path: string): Promise<Report> {
  return parseReport(await readFileText(path), path);
}

/** @param name the file's name, for messages. */
export function parseReport(text: string, name: string): Report {
  const json = parseJson(text, name);
  refuseNewer(json, name, "report", REPORT_FORMAT_VERSION);
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) {
    throw new FaultlineError("RECORD_INVALID", `${name}: ${describeIssue(parsed.error, json)}`);
  }
  return parsed.data;
}
