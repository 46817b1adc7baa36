import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lockName } from "../../gameday/lock-name.js";
import { type GameDayReport, gameDayReportSchema } from "../../gameday/report/game-day-report.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import { isCalledAsExercise } from "./exercise-id.js";
import { DAY_FILE } from "./is-of-game-day.js";

const MOST_BYTES = 20_000_000;
/** At most this many folders are looked at in each place. The names of exercises sort them by time. */
const MOST_LOOKED_AT = 500;

/** A game day that was run before, and where its files lie. */
export interface PastDay {
  readonly report: GameDayReport;
  /** Absolute. */
  readonly folder: string;
}

/** @returns null when the folder holds no day.json that can be read. */
export async function dayIn(folder: string): Promise<PastDay | null> {
  try {
    const path = join(folder, DAY_FILE);
    if (!(await lstat(path)).isFile()) return null;
    const text = (await readRegularFile(path, { mostBytes: MOST_BYTES, beyond: "refuse" })).toString("utf8");
    const parsed = gameDayReportSchema.safeParse(JSON.parse(text));
    return parsed.success ? { report: parsed.data, folder } : null;
  } catch {
    return null;
  }
}

/**
 * The other days of the same name. Their folders are looked for beside this one, and where `schedule` and `gameday` put
 * theirs. A folder that cannot be read is left out, and so is one behind a symbolic link.
 * @param folder the folder of one day, absolute.
 * @param which which of them to take, when there are very many.
 */
export async function pastDaysBeside(
  folder: string,
  name: string,
  which: "latest" | "oldest" = "latest",
): Promise<readonly PastDay[]> {
  const parent = dirname(folder);
  const own = lockName(name);
  const places = new Set([parent, join(parent, own), ...(basename(parent) === own ? [dirname(parent)] : [])]);
  const found: PastDay[] = [];
  for (const place of places) {
    for (const candidate of await foldersIn(place, name, which)) {
      if (candidate === folder) continue;
      const day = await dayIn(candidate);
      if (day !== null && day.report.name === name) found.push(day);
    }
  }
  return found;
}

/** Puts folders whose names are exercises of this name first, so that they are found behind any number of others. */
async function foldersIn(place: string, day: string, which: "latest" | "oldest"): Promise<readonly string[]> {
  try {
    if (!(await lstat(place)).isDirectory()) return [];
    const entries = await readdir(place, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
    if (which === "latest") names.reverse();
    const own = names.filter((name) => isCalledAsExercise(name, day));
    const others = names.filter((name) => !isCalledAsExercise(name, day));
    return [...own, ...others].slice(0, MOST_LOOKED_AT).map((name) => join(place, name));
  } catch {
    return [];
  }
}
