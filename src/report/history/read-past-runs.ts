import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readReport } from "../../analysis/document/read-report.js";
import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";
import type { PastRun } from "./trends.js";

export interface PastRuns {
  readonly runs: readonly PastRun[];
  /** Reports that could not be read, and why. */
  readonly unreadable: readonly string[];
}

/**
 * Every run that has a report.json in `folder` or directly in one of its folders, each run once. @throws
 * FILE_NOT_FOUND, FILE_UNREADABLE.
 */
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
  return { runs: onePerRun(runs), unreadable };
}

/** Keeps one report per run: first of all one that was judged by the run's own SLOs, then the one beside the record. */
function onePerRun(runs: readonly PastRun[]): PastRun[] {
  const best = new Map<string, { readonly run: PastRun; readonly rank: number }>();
  for (const run of runs) {
    const { scenario, seed, startedAt, otherSlos } = run.report;
    const id = JSON.stringify([scenario.name, scenario.sha256, seed, startedAt]);
    const rank = (otherSlos === undefined ? 2 : 0) + (existsSync(join(run.folder, "record.json")) ? 1 : 0);
    const known = best.get(id);
    if (known === undefined || rank > known.rank) best.set(id, { run, rank });
  }
  return [...best.values()].map(({ run }) => run);
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name))
      .sort();
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new FaultlineError("FILE_NOT_FOUND", `there is no folder ${folder}`);
    throw new FaultlineError("FILE_UNREADABLE", `${folder} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
