import { createHash } from "node:crypto";

/**
 * A game day's name in names of files: its lock, its memory, its folder of reports. Names that differ only in blanks,
 * case and signs give the same.
 */
export function lockName(name: string): string {
  const slug = name
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
  return slug === "" ? createHash("sha256").update(name).digest("hex").slice(0, 12) : slug;
}
