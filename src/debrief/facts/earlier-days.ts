import type { GameDayReport, ScenarioOfDay } from "../../gameday/report/game-day-report.js";

/** An earlier day of the same game day. */
export interface DayBefore {
  readonly day: GameDayReport;
  /** Path of its debrief, from the page that links to it. null: it has none. */
  readonly page: string | null;
}

const MOST_SHOWN = 5;

/** The latest earlier days of the same name, newest first. */
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

/** The last earlier day on which a scenario came to a verdict. @returns null when it never did. */
export function lastVerdict(file: string, days: readonly DayBefore[]): ScenarioBefore | null {
  for (const { day } of days) {
    const scenario = day.scenarios.find((one) => one.file === file && one.verdict !== null);
    if (scenario) return { day, scenario };
  }
  return null;
}

/** The lowest score of the day's scenarios. @returns null when none has a score. */
export function scoreOf({ scenarios }: GameDayReport): number | null {
  const scores = scenarios.flatMap(({ score }) => score ?? []);
  return scores.length === 0 ? null : Math.min(...scores);
}
