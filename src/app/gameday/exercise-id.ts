import { randomBytes } from "node:crypto";
import { folderName } from "../report-folder.js";

/** Header of each request of a game day's load, by which logs and people tell it from an incident. */
export const EXERCISE_HEADER = "X-Exercise-Id";

/** Names one time that a game day is run, in headers and in names of folders: when it began, its name, four digits. */
export function newExerciseId(startedAt: Date, name: string): string {
  return `${folderName(startedAt, name)}-${randomBytes(2).toString("hex")}`;
}
