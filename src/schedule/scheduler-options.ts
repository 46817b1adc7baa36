import type { QuietWindow } from "../gameday/quiet/quiet-window.js";
import type { GameDay } from "../gameday/read-game-day.js";
import type { DueRun } from "./due/due-runs.js";
import type { GameDayOutcome, StartGameDay } from "./game-day-outcome.js";
import type { Memory, MemoryStore } from "./memory.js";

/** Time as the scheduler sees it, so that a year can pass in a test. */
export interface SchedulerClock {
  nowMs(): number;
  /** Resolves at that time, or when the signal is aborted. */
  waitUntil(atMs: number, signal: AbortSignal): Promise<void>;
}

/** What happens to a game day. */
export type SchedulerEvent = { readonly gameDay: GameDay } & (
  | { readonly kind: "next"; readonly due: DueRun | null; readonly last: Memory["last"] }
  | { readonly kind: "quiet"; readonly due: DueRun; readonly window: QuietWindow }
  /** `catchesUp`: one run stands for all of them. */
  | { readonly kind: "missed"; readonly count: number; readonly first: DueRun; readonly catchesUp: boolean }
  | { readonly kind: "interrupted"; readonly dueMs: number; readonly startedMs: number }
  | { readonly kind: "started"; readonly due: DueRun; readonly startedMs: number }
  | {
      readonly kind: "ended";
      readonly due: DueRun;
      readonly endedMs: number;
      readonly outcome: GameDayOutcome;
    }
);

export interface SchedulerOptions {
  readonly start: StartGameDay;
  readonly memory: MemoryStore;
  readonly clock: SchedulerClock;
  readonly tell: (event: SchedulerEvent) => void;
  /** Ends a run that goes on, and the scheduler. */
  readonly stop: AbortSignal;
  /** A run that is looked at later than this has been missed. */
  readonly graceMs?: number;
}
