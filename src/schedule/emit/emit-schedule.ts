import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { lockName } from "../../gameday/lock-name.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { Diagnostics } from "../../scenario/diagnostics/diagnostic.js";
import { DueRuns, type Schedule } from "../due/due-runs.js";
import { concernedByClockChange } from "./clock-changes.js";
import { cronTimes } from "./cron-times.js";
import { type EmitInput, type EmittedFile, type Emitter, EngineRefusal } from "./emitter.js";

const GAPS = 50;

export interface EmitOptions extends Pick<EmitInput, "cwd" | "program" | "image"> {
  readonly nowMs: number;
}

/**
 * What an engine needs to run a game day on time. `diagnostics` is told where the engine would do something else than
 * the game day says.
 * @returns null when it would.
 */
export async function emitSchedule(
  emitter: Emitter,
  gameDay: GameDay,
  schedule: Schedule,
  options: EmitOptions,
  diagnostics: Diagnostics,
): Promise<readonly EmittedFile[] | null> {
  const times = cronTimes(schedule.cron);
  try {
    return await emitter.emit({
      gameDay,
      schedule,
      times,
      catchUp: gameDay.data.schedule?.catchUp ?? "skip",
      clockChange: concernedByClockChange(times, schedule.timezone, options.nowMs),
      leastGapMs: leastGapMs(new DueRuns(schedule), options.nowMs),
      slug: lockName(gameDay.data.name),
      readFiles: () => filesOf(gameDay, options.cwd),
      ...options,
    });
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    const at = error.key === null ? ["scenarios"] : ["schedule", error.key];
    diagnostics.error("conflict", gameDay.placeOf(...at), error.message, error.help);
    return null;
  }
}

function leastGapMs(runs: DueRuns, nowMs: number): number {
  let least = Number.POSITIVE_INFINITY;
  let earlier = runs.after(nowMs);
  for (let looked = 0; earlier !== null && looked < GAPS; looked += 1) {
    const next = runs.after(earlier.nominalMs);
    if (next !== null) least = Math.min(least, next.nominalMs - earlier.nominalMs);
    earlier = next;
  }
  return least;
}

/** The game day, its calendars and scenarios, by path from its folder. */
async function filesOf(gameDay: GameDay, cwd: string): Promise<ReadonlyMap<string, string>> {
  const scenarios = gameDay.scenarios.map((file) => join(file.startsWith("/") ? "" : cwd, file));
  const files = new Map<string, string>();
  for (const absolute of [...gameDay.files, ...scenarios]) {
    const path = relative(gameDay.folder, absolute);
    const text = await readFile(absolute, "utf8");
    files.set(path, text);
  }
  return files;
}
