import { join } from "node:path";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import type { RunRecord } from "../../measure/record.js";
import { parseReporters } from "../../report/parse-reporters.js";
import type { Reporter } from "../../report/reporter.js";
import { ScenarioError } from "../../scenario/diagnostics/diagnostic.js";
import { atItsPlace } from "../placed-error.js";
import { type PlannedScenario, planToRun } from "../plan-to-run.js";
import { runPlanned } from "../run-planned.js";
import type { DayNews } from "./day-news.js";
import { EXERCISE_HEADER } from "./exercise-id.js";
import { asFailed, asRun } from "./scenario-of-day.js";

export interface ScenarioOfDayOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly allowHosts: readonly string[];
  readonly exerciseId: string;
  /** Gets a folder for the scenario's reports. */
  readonly dayFolder: string;
  readonly ledger: string | null;
  readonly interrupt: AbortSignal;
  readonly reportersOf?: ((scenario: PlannedScenario) => readonly Reporter[]) | undefined;
  readonly tell: (news: DayNews) => void;
  /** Is called when the scenario is over, before anybody is told which it was. null: everybody knows. */
  readonly reveal: (() => void) | null;
}

/** Runs one scenario of a game day. What keeps it from running is part of the outcome. */
export async function runScenarioOfDay(
  file: string,
  before: ScenarioOfDay,
  gameDay: GameDay,
  options: ScenarioOfDayOptions,
): Promise<{ readonly outcome: ScenarioOfDay; readonly record: RunRecord | null }> {
  const { env, cwd, allowHosts, exerciseId, dayFolder, ledger, interrupt, tell, reveal } = options;
  /** Tells news that give away which scenario it is. On a blind day nobody hears them. */
  const tellKnown = reveal === null ? tell : () => {};
  let scenario: PlannedScenario | null = null;
  try {
    const loadHeaders = { [EXERCISE_HEADER]: exerciseId };
    const { warnings, result } = await planToRun(file, { env, cwd, allowHosts, loadHeaders });
    if (warnings.length > 0) tellKnown({ kind: "scenario-warnings", file, warnings });
    if (result instanceof ScenarioError) throw result;
    scenario = result;
    tellKnown({ kind: "scenario-begun", scenario });
    const run = await runPlanned(scenario, {
      env,
      cwd,
      // The scenario's own name would give it away.
      folder: reveal ? { parent: join(dayFolder, "sealed"), own: false } : { parent: dayFolder, own: true },
      ledger,
      files: parseReporters(undefined, cwd),
      reporters: reveal ? [] : (options.reportersOf?.(scenario) ?? []),
      interrupt,
      mayRetry: true,
      // The report has it, too.
      onWarning: (text) => tellKnown({ kind: "warning", text }),
    });
    reveal?.();
    tell({ kind: "scenario-ended", scenario, run });
    return { outcome: asRun(before, run, dayFolder, gameDay), record: run.record };
  } catch (error) {
    reveal?.();
    const placed = scenario === null ? error : atItsPlace(error, scenario);
    tell({ kind: "scenario-failed", file, scenario, error: placed });
    return { outcome: asFailed(before, scenario, error, gameDay.secrets), record: null };
  }
}
