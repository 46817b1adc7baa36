import type {
  ConditionOfDay,
  GameDayReport,
  GameDayVerdict,
  ScenarioOfDay,
} from "../../gameday/report/game-day-report.js";
import { gameDayReportSchema } from "../../gameday/report/game-day-report.js";
import { countOf } from "../../support/count-of.js";
import { EXIT, worstExit } from "../../support/errors.js";
import { codeOf } from "./exempt-faults.js";

type Conclusion = Pick<GameDayReport, "verdict" | "exitCode" | "reason">;

/**
 * The verdict of a game day, from its conditions and its scenarios. `stop`: how it was ended before its time. null: it was
 * not. */
export function concludeDay(
  conditions: readonly ConditionOfDay[],
  scenarios: readonly ScenarioOfDay[],
  stop: string | null,
): Conclusion {
  const unmet = conditions.filter(({ holds }) => !holds);
  const run = scenarios.filter(({ exitCode }) => exitCode !== null);
  // A request that comes when everything has been run ends nothing.
  const isCut = run.length < scenarios.length || run.some(({ exitCode }) => exitCode === EXIT.interrupted);
  const wasStopped = stop !== null && isCut;
  if (unmet.length > 0 && run.length === 0 && !wasStopped) {
    const why = unmet.map(({ name, reason }) => `${name} (${reason})`).join("; ");
    return {
      verdict: "postponed",
      exitCode: EXIT.undecided,
      reason: `What must hold before did not: ${why}.`,
    };
  }
  const left = scenarios.length - run.length;
  const codes = run.map((scenario) => codeOf(scenario) ?? EXIT.ok);
  const exitCode = worstExit(wasStopped ? [...codes, EXIT.interrupted] : codes);
  const failed = run.filter((scenario) => codeOf(scenario) !== EXIT.ok);
  const notRun = left === 0 ? "" : `, ${left} not run`;
  const list = failed.map(({ file, verdict }) => `${file} (${verdict ?? "could not be run"})`).join(", ");
  const excused = run.filter(({ countsAs }) => countsAs === EXIT.ok).map(({ file }) => file);
  const exempt = excused.length === 0 ? "" : `, but for exempt faults of ${excused.join(", ")}`;
  const counts =
    failed.length === 0
      ? `${countOf(run.length, "scenario")} passed${exempt}`
      : `${failed.length} of ${countOf(scenarios.length, "scenario")} did not pass: ${list}`;
  return {
    verdict: verdictFor(exitCode, run, wasStopped),
    exitCode,
    reason: wasStopped ? `It was ${stop}; ${counts}${notRun}.` : `${counts}${notRun}.`,
  };
}

function verdictFor(exitCode: number, run: readonly ScenarioOfDay[], wasStopped: boolean): GameDayVerdict {
  if (wasStopped && exitCode === EXIT.interrupted) return "interrupted";
  const worst = run.find((scenario) => codeOf(scenario) === exitCode);
  if (worst?.countsAs !== undefined) return exitCode === EXIT.ok ? "pass" : "inconclusive";
  const verdict = gameDayReportSchema.shape.verdict.safeParse(worst?.verdict ?? null);
  return verdict.success ? verdict.data : "error";
}
