import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readReport } from "../../analysis/read-report.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { PastRun } from "./trends.js";

export interface PastRuns {
  readonly runs: readonly PastRun[];
  /** Reports that could not be read, and why. */
  readonly unreadable: readonly string[];
}

/** Every report.json in `folder` and in the folders right in it. Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
export async function readPastRuns(folder: string): Promise<PastRuns> {
  const runs: PastRun[] = [];
  const unreadable: string[] = [];
  for (const candidate of [folder, ...(await foldersIn(folder))]) {
    try {
      runs.push({ folder: candidate, report: await readReport(join(candidate, "report.json")) });
    } catch (error) {
      if (error instanceof FaultlineError && error.code === "FILE_NOT_FOUND") continue;
      unreadable.push(messageOf(error));
    }
  }
  return { runs, unreadable };
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name))
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // Node's own errors carry one
    if (code === "ENOENT") throw new FaultlineError("FILE_NOT_FOUND", `there is no folder ${folder}`);
    throw new FaultlineError("FILE_UNREADABLE", `${folder} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
