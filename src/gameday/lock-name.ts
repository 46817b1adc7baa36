import { createHash } from "node:crypto";
import { slug } from "../support/names/slug.js";

/**
 * A game day's name in names of files: its lock, its memory, its folder of reports. Names that differ only in blanks,
 * case and signs give the same.
 */
export function lockName(name: string): string {
  const short = slug(name).slice(0, 60);
  return short === "" ? createHash("sha256").update(name).digest("hex").slice(0, 12) : short;
}
