import { relative } from "node:path";
import { readPastRuns } from "../report/history/read-past-runs.js";
import { historyOf, type ScenarioHistory } from "../report/history/trends.js";
import { FaultlineError } from "../support/errors.js";

export interface PastHistoriesOptions {
  readonly cwd: string;
  /** null: all of them. */
  readonly scenario: string | null;
  /** Of each scenario the last so many runs. */
  readonly last: number;
  /** Told why something that looks like a run is not among them. */
  readonly onLeftOut: (why: string) => void;
}

/**
 * The runs whose reports are in a folder, by scenario.
 * @throws FaultlineError USAGE: there are runs, and none of `scenario`
 */
export async function pastHistories(
  folder: string,
  { cwd, scenario, last, onLeftOut }: PastHistoriesOptions,
): Promise<readonly ScenarioHistory[]> {
  const { runs, unreadable } = await readPastRuns(folder);
  for (const why of unreadable) onLeftOut(why);
  const chosen = runs.filter(({ report }) => scenario === null || report.scenario.name === scenario);
  if (runs.length > 0 && chosen.length === 0) {
    const names = [...new Set(runs.map(({ report }) => `"${report.scenario.name}"`))].sort();
    throw new FaultlineError(
      "USAGE",
      `there is no run of "${scenario}" in ${relative(cwd, folder) || "."}; there are runs of ${names.join(", ")}`,
    );
  }
  return historyOf(chosen).flatMap(({ runs: all }) => historyOf(all.slice(-last)));
}
