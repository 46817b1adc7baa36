import { lstat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { GameDayReport } from "../../gameday/report/game-day-report.js";
import { FaultlineError } from "../../support/errors.js";
import { DAY_FILE, dayIn } from "./past-days.js";
import { writeDebrief } from "./write-debrief.js";

/** Whether `path` is the folder of a game day, or its day.json. */
export async function isOfGameDay(path: string): Promise<boolean> {
  const isFile = (file: string) =>
    lstat(file).then(
      (found) => found.isFile(),
      () => false,
    );
  if (basename(path) === DAY_FILE) return await isFile(path);
  return (await isFile(join(path, DAY_FILE))) && !(await isFile(join(path, "record.json")));
}

/**
 * Makes the debrief of a game day again.
 * @param path its folder or its day.json, absolute.
 * @throws FaultlineError RECORD_INVALID, REPORT_UNWRITABLE
 */
export async function remakeDebrief(
  path: string,
  out: string | null,
): Promise<{ readonly report: GameDayReport; readonly written: readonly string[] }> {
  const folder = basename(path) === DAY_FILE ? resolve(path, "..") : path;
  const day = await dayIn(folder);
  if (day === null)
    throw new FaultlineError("RECORD_INVALID", `${join(folder, DAY_FILE)} is not one of a game day`);
  return { report: day.report, written: await writeDebrief(day.report, folder, out ?? folder) };
}
