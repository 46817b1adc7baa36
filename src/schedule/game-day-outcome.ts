import type { GameDay } from "../gameday/read-game-day.js";
import type { GameDayVerdict } from "../gameday/report/game-day-report.js";
import type { DueRun } from "./due/due-runs.js";

/** What became of one run of a game day. */
export interface GameDayOutcome {
  readonly verdict: GameDayVerdict;
  readonly exitCode: number;
  /** The lowest score of its scenarios. null: none has one. */
  readonly score: number | null;
  readonly durationMs: number;
  /** Where its reports are. */
  readonly folder: string;
  /** Why it was not run. null: it was. */
  readonly postponed: Postponed | null;
}

export interface Postponed {
  /** A condition under `preflight` did not hold, somebody has halted all runs, or it already runs. */
  readonly by: "condition" | "halt" | "running";
  readonly reason: string;
}

/** Runs a game day. When the signal is aborted, it undoes everything and ends. */
export type StartGameDay = (gameDay: GameDay, due: DueRun, stop: AbortSignal) => Promise<GameDayOutcome>;
