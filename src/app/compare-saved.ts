import { resolve } from "node:path";
import { compareRuns } from "../analysis/compare/compare-runs.js";
import type { RunComparison } from "../analysis/compare/run-comparison.js";
import { readRun } from "../analysis/read-run.js";
import { FaultlineError } from "../support/errors.js";
import { oneLine } from "../support/printable.js";

/**
 * Compares a saved run with an earlier one. Each is a report.json, a record.json or a run's folder.
 * @throws FaultlineError COMPARE_MISMATCH: they are not the same test, and `isForced` is not set; FILE_NOT_FOUND, …
 */
export async function compareSaved(
  before: string,
  after: string,
  { cwd, isForced }: { readonly cwd: string; readonly isForced: boolean },
): Promise<RunComparison> {
  const [old, now] = await Promise.all([readRun(resolve(cwd, before)), readRun(resolve(cwd, after))]);
  const comparison = compareRuns(old, now);
  if (comparison.mismatches.length > 0 && !isForced) {
    throw new FaultlineError(
      "COMPARE_MISMATCH",
      `these runs are not the same test:\n${comparison.mismatches.map((line) => `  ${oneLine(line)}`).join("\n")}`,
    );
  }
  return comparison;
}
