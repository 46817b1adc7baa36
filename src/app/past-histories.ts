import { join, relative } from "node:path";
import { type BreakingSeries, breakingSeries } from "../ledger/breaking-points.js";
import { readLedger, skippedText } from "../ledger/read-ledger.js";
import { readPastRuns } from "../report/history/read-past-runs.js";
import { historyOf, type ScenarioHistory } from "../report/history/trends.js";
import { FaultlineError } from "../support/errors.js";
import { LEDGER_FILE } from "./ledger-place.js";

export interface PastHistoriesOptions {
  readonly cwd: string;
  /** null: all of them. */
  readonly scenario: string | null;
  /** The number of runs to keep of each scenario, newest first. */
  readonly last: number;
  /** Gets the reason why something that looks like a run is left out. */
  readonly onLeftOut: (why: string) => void;
}

/**
 * The runs whose reports are in a folder, by scenario.
 * @throws FaultlineError USAGE: there are runs, and none of `scenario`.
 */
export async function pastHistories(
  folder: string,
  { cwd, scenario, last, onLeftOut }: PastHistoriesOptions,
): Promise<readonly ScenarioHistory[]> {
  const { runs, unreadable } = await readPastRuns(folder);
  for (const why of unreadable) onLeftOut(why);
  const searched = await searchesIn(folder, last, onLeftOut);
  const chosen = runs.filter(({ report }) => scenario === null || report.scenario.name === scenario);
  if (runs.length > 0 && chosen.length === 0) {
    const names = [...new Set(runs.map(({ report }) => `"${report.scenario.name}"`))].sort();
    throw new FaultlineError(
      "USAGE",
      `there is no run of "${scenario}" in ${relative(cwd, folder) || "."}; there are runs of ${names.join(", ")}`,
    );
  }
  const histories = historyOf(chosen).flatMap(({ runs: all }) => historyOf(all.slice(-last)));
  const reported = new Set(histories.map(({ name }) => name));
  const gone = [...searched.keys()].filter(
    (name) => !reported.has(name) && (scenario === null || scenario === name),
  );
  return [
    ...histories.map((history) => ({ ...history, searched: searched.get(history.name) ?? [] })),
    ...gone.map((name) => ({
      name,
      runs: [],
      trends: [],
      breakingPoints: [],
      searched: searched.get(name) ?? [],
    })),
  ];
}

/** What the ledger knows of searches, by scenario. */
async function searchesIn(
  folder: string,
  last: number,
  onLeftOut: (why: string) => void,
): Promise<ReadonlyMap<string, readonly BreakingSeries[]>> {
  const ledger = await readLedger(join(folder, LEDGER_FILE));
  for (const why of skippedText(ledger?.skipped ?? [], LEDGER_FILE)) onLeftOut(why);
  const byScenario = new Map<string, readonly BreakingSeries[]>();
  for (const series of breakingSeries(ledger?.lines ?? [], last)) {
    byScenario.set(series.scenario, [...(byScenario.get(series.scenario) ?? []), series]);
  }
  return byScenario;
}
