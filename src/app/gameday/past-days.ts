import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lockName } from "../../gameday/lock-name.js";
import { type GameDayReport, gameDayReportSchema } from "../../gameday/report/game-day-report.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import { isCalledAsExercise } from "./exercise-id.js";
import { DAY_FILE } from "./is-of-game-day.js";

const MOST_BYTES = 20_000_000;
/** Of each folder so many at most. Folders of exercises are in the order of their time by name. */
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
 * The other days of the same name whose folders lie where those of this game day lie: beside this one, and where
 * `schedule` and `gameday` put theirs. What cannot be read is left out, and so is what a symbolic link leads to.
 * @param folder of one day, absolute.
 * @param which of them, where there are very many.
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

/** Those that are called as exercises of this name come first: behind any number of others they are found, too. */
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
