import type { GameDayReport, ScenarioOfDay } from "../../gameday/report/game-day-report.js";

/** An earlier day of the same game day. */
export interface DayBefore {
  readonly day: GameDayReport;
  /** Where its debrief lies, as a path from the page that names it; null: it has none. */
  readonly page: string | null;
}

const MOST_SHOWN = 5;

/** The latest ones of the same name before it, newest first. */
export function latestBefore(day: GameDayReport, days: readonly DayBefore[]): readonly DayBefore[] {
  const beganMs = Date.parse(day.startedAt);
  return days
    .filter((one) => one.day.name === day.name && Date.parse(one.day.startedAt) < beganMs)
    .sort((a, b) => Date.parse(b.day.startedAt) - Date.parse(a.day.startedAt))
    .slice(0, MOST_SHOWN);
}

export interface ScenarioBefore {
  readonly day: GameDayReport;
  readonly scenario: ScenarioOfDay;
}

/** The last time that a scenario came to a verdict. @returns null when it never did. */
export function lastVerdict(file: string, days: readonly DayBefore[]): ScenarioBefore | null {
  for (const { day } of days) {
    const scenario = day.scenarios.find((one) => one.file === file && one.verdict !== null);
    if (scenario) return { day, scenario };
  }
  return null;
}

/** The lowest one of its scenarios. @returns null when none has one. */
export function scoreOf({ scenarios }: GameDayReport): number | null {
  const scores = scenarios.flatMap(({ score }) => score ?? []);
  return scores.length === 0 ? null : Math.min(...scores);
}
