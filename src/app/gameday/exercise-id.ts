import { randomBytes } from "node:crypto";
import { folderName, shortName } from "../report-folder.js";

/** A header of each request of a game day's load. By it logs and people tell the exercise from an incident. */
export const EXERCISE_HEADER = "X-Exercise-Id";

/** The id of one exercise, for headers and names of folders: when it began, the game day's name, and four digits. */
export function newExerciseId(startedAt: Date, name: string): string {
  return `${folderName(startedAt, name)}-${randomBytes(2).toString("hex")}`;
}

const OF_EXERCISE = /^\d{8}-\d{6}-(?<name>.*-)?[0-9a-f]{4}(?:-\d+)?$/;

/** Whether a folder's name is one that is made for a game day of this name. What lies in the folder may tell otherwise. */
export function isCalledAsExercise(folder: string, name: string): boolean {
  const found = OF_EXERCISE.exec(folder);
  const of = shortName(name);
  return found !== null && (found.groups?.name ?? "") === (of === "" ? "" : `${of}-`);
}
