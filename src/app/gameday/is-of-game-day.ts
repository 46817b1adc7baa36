import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";

/** Where a game day's report is written, in its folder. */
export const DAY_FILE = "day.json";

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
