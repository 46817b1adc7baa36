import { lstat } from "node:fs/promises";
import { readRegularFile } from "../support/read-regular-file.js";

const MOST_BYTES = 1_000_000;

/**
 * Whether a file is a game day: a line begins with `gameday:`, and none with `faultline:`. A file that cannot be read
 * is none. When its author is not trusted, the target of a symbolic link is none, either.
 */
export async function isGameDay(absolute: string, { isTrusted = true } = {}): Promise<boolean> {
  try {
    if (!isTrusted && (await lstat(absolute)).isSymbolicLink()) return false;
    const bytes = await readRegularFile(absolute, { mostBytes: MOST_BYTES, beyond: "cut" });
    const text = bytes.toString("utf8");
    return begins("gameday").test(text) && !begins("faultline").test(text);
  } catch {
    return false;
  }
}

const begins = (key: string) => new RegExp(`^(?:\\uFEFF)?["']?${key}["']?\\s*:`, "m");
