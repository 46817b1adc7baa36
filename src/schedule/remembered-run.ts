import type { GameDay } from "../gameday/read-game-day.js";
import type { DueRun } from "./due/due-runs.js";
import type { GameDayOutcome } from "./game-day-outcome.js";
import type { Memory } from "./memory.js";
import type { SchedulerOptions } from "./scheduler-options.js";

type Options = Pick<SchedulerOptions, "clock" | "start" | "stop" | "tell" | "memory">;

/**
 * What is known of a game day: from `earlier`, else from where it is kept.
 * - A run that has begun and not ended was interrupted. That is told once.
 * - When nothing is known, or the schedule was written anew, it begins at `sinceMs`: the new schedule's earlier times
 *   were never due.
 */
export async function recall(
  gameDay: GameDay,
  sinceMs: number,
  { memory, tell }: Pick<Options, "memory" | "tell">,
  earlier?: Memory,
): Promise<Memory> {
  const schedule = scheduleText(gameDay);
  const found = earlier ?? (await memory.read(gameDay.data.name));
  const handledUntil = new Date(sinceMs).toISOString();
  if (found === null) {
    const name = gameDay.data.name;
    const fresh: Memory = {
      formatVersion: 1,
      gameDay: name,
      schedule,
      handledUntil,
      running: null,
      last: null,
    };
    await memory.write(fresh);
    return fresh;
  }
  const current = found.schedule === schedule ? found : { ...found, schedule, handledUntil };
  if (earlier || current.running === null) return current;
  const { due, startedAt } = current.running;
  tell({ kind: "interrupted", gameDay, dueMs: Date.parse(due), startedMs: Date.parse(startedAt) });
  const last = { due, startedAt, verdict: "interrupted", score: null, durationMs: 0 };
  const ended: Memory = { ...current, running: null, last };
  await memory.write(ended);
  return ended;
}

function scheduleText({ data: { schedule } }: GameDay): string {
  return schedule ? `${schedule.cron} ${schedule.timezone}` : "";
}

/** Runs it. Before and after, notes what would be lost if this process were killed. */
export async function runRemembered(
  gameDay: GameDay,
  due: DueRun,
  note: (news: Partial<Memory>) => Promise<void>,
  { clock, start, stop, tell }: Omit<Options, "memory">,
): Promise<GameDayOutcome> {
  const startedMs = clock.nowMs();
  const times = { due: new Date(due.nominalMs).toISOString(), startedAt: new Date(startedMs).toISOString() };
  await note({ running: times });
  tell({ kind: "started", gameDay, due, startedMs });
  const outcome = await start(gameDay, due, stop);
  const { verdict, score, durationMs, postponed } = outcome;
  const last = postponed === null ? { last: { ...times, verdict, score, durationMs } } : {};
  await note({ running: null, ...last });
  tell({ kind: "ended", gameDay, due, endedMs: clock.nowMs(), outcome });
  return outcome;
}
