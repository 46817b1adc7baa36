import { basename, join, resolve } from "node:path";
import type { GameDayReport } from "../../gameday/report/game-day-report.js";
import { FaultlineError } from "../../support/errors.js";
import { DAY_FILE } from "./is-of-game-day.js";
import { dayIn } from "./past-days.js";
import { writeDebrief } from "./write-debrief.js";

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
