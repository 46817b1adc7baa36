/** What a game day has taught, as data. Pages are made from it. Pure: no files, no clock. */

import type { GameDayReport } from "../../gameday/report/game-day-report.js";
import { type FoundAction, foundActions } from "./action-items.js";
import { type DetectedFault, detectedFaults } from "./detection.js";
import { type DayBefore, latestBefore } from "./earlier-days.js";
import { type ExpectedOutcome, expectationOf } from "./expectations.js";
import { type Lesson, lessonsOf } from "./lessons.js";
import { type Surprise, surprisesOf } from "./surprises.js";
import { type MomentOfDay, momentsOfDay } from "./timeline.js";

export interface Debrief {
  readonly day: GameDayReport;
  /** Most important first. */
  readonly lessons: readonly Lesson[];
  /** New action items, derived from what the day has shown. `day.actions` holds those that the team keeps. */
  readonly found: readonly FoundAction[];
  /** One for each scenario, in their order. */
  readonly expectations: readonly ExpectedOutcome[];
  readonly surprises: readonly Surprise[];
  /** One for each fault that was injected. */
  readonly detected: readonly DetectedFault[];
  /** The latest earlier days of the same name, newest first. */
  readonly earlier: readonly DayBefore[];
  readonly timeline: readonly MomentOfDay[];
}

/** @param earlier days of the same game day, in any order. Later days do not count. */
export function debriefOf(day: GameDayReport, earlier: readonly DayBefore[]): Debrief {
  const before = latestBefore(day, earlier);
  const detected = detectedFaults(day, before);
  return {
    day,
    lessons: lessonsOf(day, detected),
    found: foundActions(day, detected),
    expectations: day.scenarios.map(expectationOf),
    surprises: surprisesOf(day, before, detected),
    detected,
    earlier: before,
    timeline: momentsOfDay(day, detected),
  };
}
