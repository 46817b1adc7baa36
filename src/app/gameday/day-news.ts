import type { ActionOfDay, ConditionOfDay, GameDayReport } from "../../gameday/report/game-day-report.js";
import type { HaltOrder } from "../../run/listening/halt-order.js";
import type { Note } from "../../run/listening/note.js";
import type { Diagnostic } from "../../scenario/diagnostics/diagnostic.js";
import type { PlannedScenario } from "../plan-to-run.js";
import type { FinishedRun } from "../run-planned.js";

/** What happens on a game day, for whoever shows it. */
export type DayNews =
  /** `folder`: absolute. */
  | {
      readonly kind: "begun";
      readonly exerciseId: string;
      readonly folder: string;
      /** Action items that are not closed, overdue ones first. */
      readonly actions: readonly ActionOfDay[];
    }
  | { readonly kind: "condition"; readonly condition: ConditionOfDay }
  /** One of `count` scenarios was picked, and nobody is told which. */
  | { readonly kind: "sealed"; readonly seal: string; readonly count: number }
  /** `path`: the scenario's path from the folder in which faultline was started. */
  | {
      readonly kind: "revealed";
      readonly blind: NonNullable<GameDayReport["blind"]>;
      readonly path: string;
    }
  | { readonly kind: "scenario-warnings"; readonly file: string; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: "scenario-begun"; readonly scenario: PlannedScenario }
  | { readonly kind: "scenario-ended"; readonly scenario: PlannedScenario; readonly run: FinishedRun }
  /** A scenario could not begin, or could not be judged. `scenario`: null when it could not be planned. */
  | {
      readonly kind: "scenario-failed";
      readonly file: string;
      readonly scenario: PlannedScenario | null;
      readonly error: unknown;
    }
  | { readonly kind: "note"; readonly note: Note }
  | { readonly kind: "halted"; readonly order: HaltOrder }
  /** Folders of earlier days were removed, as `keep` says. */
  | { readonly kind: "forgotten"; readonly count: number; readonly keep: string }
  | { readonly kind: "warning"; readonly text: string }
  /** `debrief`: absolute path of its page. null: it could not be made. */
  | { readonly kind: "ended"; readonly report: GameDayReport; readonly debrief: string | null };
