import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { keptSince } from "../../gameday/schema/keep.js";
import { messageOf } from "../../support/errors.js";
import { type PastDay, pastDaysBeside } from "./past-days.js";

/**
 * Removes the folders of earlier days of this game day that are older than `keep` allows. A folder counts only when its
 * day.json says so and its name is that of the exercise. Symbolic links are not followed.
 * @returns how many were removed.
 */
export async function forgetOldDays(
  day: {
    /** Absolute folder of the day that has just ended. */
    readonly folder: string;
    readonly name: string;
    readonly keep: string;
    readonly startedAt: Date;
  },
  onWarning: (text: string) => void,
): Promise<number> {
  const since = keptSince(day.keep, day.startedAt);
  if (since === null) return 0;
  let count = 0;
  for (const past of await pastDaysBeside(day.folder, day.name, "oldest")) {
    if (!isOurs(past) || !(Date.parse(past.report.startedAt) < since.getTime())) continue;
    try {
      await rm(past.folder, { recursive: true });
      count += 1;
    } catch (error) {
      onWarning(`${past.folder} is older than ${day.keep} and cannot be removed: ${messageOf(error)}`);
    }
  }
  return count;
}

/** A copy under another name belongs to whoever made it. */
function isOurs({ report, folder }: PastDay): boolean {
  const name = basename(folder);
  const { exerciseId, tool } = report;
  const isNamedSo = name === exerciseId || /^-\d+$/.test(name.slice(exerciseId.length));
  return tool.name === "faultline" && exerciseId !== "" && name.startsWith(exerciseId) && isNamedSo;
}
