/** Reads a finished run from report.json, record.json, or the folder that holds them. */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { field, parseJson, parseRecord, readFileText } from "../measure/read-record.js";
import { FaultlineError } from "../support/errors.js";
import { analyse } from "./analyse.js";
import { parseReport } from "./document/read-report.js";
import type { Report } from "./document/report.js";

/**
 * In a folder report.json counts, else record.json.
 * @throws FILE_NOT_FOUND, FILE_UNREADABLE, RECORD_INVALID or RECORD_TOO_NEW.
 */
export async function readRun(path: string): Promise<Report> {
  const file = existsSync(path) && statSync(path).isDirectory() ? fileIn(path) : path;
  const text = await readFileText(file);
  const isRecord = field(parseJson(text, file), "format") === "faultline-record";
  return isRecord ? analyse(parseRecord(text, file)) : parseReport(text, file);
}

function fileIn(folder: string): string {
  const found = ["report.json", "record.json"]
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (found === undefined) {
    throw new FaultlineError("FILE_NOT_FOUND", `${folder} holds neither report.json nor record.json`);
  }
  return found;
}
