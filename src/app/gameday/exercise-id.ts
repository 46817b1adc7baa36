import { randomBytes } from "node:crypto";
import { folderName, shortName } from "../report-folder.js";

/** Header of each request of a game day's load, by which logs and people tell it from an incident. */
export const EXERCISE_HEADER = "X-Exercise-Id";

/** Names one time that a game day is run, in headers and in names of folders: when it began, its name, four digits. */
export function newExerciseId(startedAt: Date, name: string): string {
  return `${folderName(startedAt, name)}-${randomBytes(2).toString("hex")}`;
}

const OF_EXERCISE = /^\d{8}-\d{6}-(?<name>.*-)?[0-9a-f]{4}(?:-\d+)?$/;

/** Whether a folder is called as those that are made for a game day of this name. What lies in it may tell otherwise. */
export function isCalledAsExercise(folder: string, name: string): boolean {
  const found = OF_EXERCISE.exec(folder);
  const of = shortName(name);
  return found !== null && (found.groups?.name ?? "") === (of === "" ? "" : `${of}-`);
}
