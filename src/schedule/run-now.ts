import type { GameDay } from "../gameday/read-game-day.js";
import { type DueRun, DueRuns, scheduleOf } from "./due/due-runs.js";
import { quietAt } from "./due/quiet-time.js";
import type { GameDayOutcome } from "./game-day-outcome.js";
import { recall, runRemembered } from "./remembered-run.js";
import type { SchedulerOptions } from "./scheduler-options.js";

/**
 * Runs a game day that another scheduler has started, after its jitter.
 * @returns null when it would begin in a quiet time, or was stopped before it began.
 */
export async function runNow(
  gameDay: GameDay,
  options: Omit<SchedulerOptions, "graceMs">,
): Promise<GameDayOutcome | null> {
  const { clock, memory, stop, tell } = options;
  let known = await recall(gameDay, clock.nowMs(), options);
  const due = dueNow(gameDay, clock.nowMs());
  if (due.startMs > clock.nowMs()) tell({ kind: "next", gameDay, due, last: known.last });
  while (due.startMs > clock.nowMs() && !stop.aborted) await clock.waitUntil(due.startMs, stop);
  if (stop.aborted) return null;
  if (due.quiet) {
    tell({ kind: "quiet", gameDay, due, window: due.quiet });
    return null;
  }
  known = { ...known, handledUntil: new Date(due.nominalMs).toISOString() };
  return await runRemembered(
    gameDay,
    due,
    async (news) => {
      known = { ...known, ...news };
      await memory.write(known);
    },
    options,
  );
}

/** The run whose jitter goes on. Else this moment is a run of its own. */
function dueNow(gameDay: GameDay, nowMs: number): DueRun {
  const schedule = scheduleOf(gameDay);
  const timezone = schedule?.timezone ?? "UTC";
  const due = schedule && new DueRuns(schedule).after(nowMs - schedule.jitterMs - 1);
  if (due && due.nominalMs <= nowMs && due.startMs > nowMs) return due;
  return { nominalMs: nowMs, startMs: nowMs, quiet: quietAt(nowMs, gameDay.quiet, timezone) };
}
