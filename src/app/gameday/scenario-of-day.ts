import { relative } from "node:path";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import { DEFAULT_FAIL_ON } from "../../report/fail-on.js";
import { EXIT, FaultlineError, headOf } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import type { PlannedScenario } from "../plan-scenario.js";
import { outcomeOf } from "../run-outcome.js";
import type { FinishedRun } from "../run-planned.js";

/** One that has not been run, or not yet. */
export function notRun(gameDay: GameDay, index: number): ScenarioOfDay {
  const file = gameDay.data.scenarios[index] ?? "";
  const nothing = { name: null, verdict: null, exitCode: null, reason: null, score: null };
  const expected = gameDay.data.expect.find((entry) => file in entry)?.[file] ?? null;
  return { file, ...nothing, startedAt: null, durationS: null, folder: null, expected };
}

/** What became of one that was run. */
export function asRun(before: ScenarioOfDay, run: FinishedRun, dayFolder: string): ScenarioOfDay {
  const { report, folder, error } = run;
  return {
    ...before,
    name: report.scenario.name,
    verdict: report.verdict,
    exitCode:
      error === null
        ? outcomeOf(report, { failOn: DEFAULT_FAIL_ON, earlier: null }).exitCode
        : exitCodeOf(error),
    reason: report.reason,
    score: report.score?.value ?? null,
    startedAt: report.startedAt,
    durationS: report.durationS,
    folder: folder === null ? null : relative(dayFolder, folder),
  };
}

/** What became of one that could not begin. */
export function asFailed(
  before: ScenarioOfDay,
  scenario: PlannedScenario | null,
  error: unknown,
  secrets: readonly string[],
): ScenarioOfDay {
  const mask = (text: string) => redact(text, [...secrets, ...(scenario?.plan.secrets ?? [])]);
  return {
    ...before,
    name: scenario === null ? null : mask(scenario.plan.name),
    exitCode: exitCodeOf(error),
    reason: mask(headOf(error)),
  };
}

/** As the command line exits with it: a bug leaves the verdict open. */
function exitCodeOf(error: unknown): number {
  return error instanceof FaultlineError ? error.exitCode : EXIT.undecided;
}
