import { dirname, relative, resolve } from "node:path";
import { lockFilesAround, sha256Of } from "./hashed-files.js";
import type { HashedFile, LedgerLine } from "./ledger-line.js";

/** A file that differs from what it was when the run was made. */
export interface Change {
  readonly file: string;
  readonly kind: "changed" | "gone" | "new";
  readonly of: "scenario" | "lock_file";
}

/**
 * What has changed since a run, by content: its scenario with all its files, and the lock files that existed then or
 * exist now.
 * @param root the repository's root, or the current folder; paths of the ledger count from it.
 */
export async function changesSince(line: LedgerLine, root: string): Promise<readonly Change[]> {
  const sources = await Promise.all(line.sources.map((file) => changeOf(file, "scenario", root)));
  const lockFiles = await Promise.all(line.lockFiles.map((file) => changeOf(file, "lock_file", root)));
  const known = new Set(line.lockFiles.map(({ file }) => file));
  const folders = [
    root,
    ...[...line.sources, ...line.lockFiles].map(({ file }) => dirname(resolve(root, file))),
  ];
  const now = await lockFilesAround(folders, root);
  const added = now.flatMap(({ file }): Change[] =>
    known.has(file) ? [] : [{ file, kind: "new", of: "lock_file" }],
  );
  return [...sources, ...lockFiles].flatMap((change) => change ?? []).concat(added);
}

async function changeOf(
  { file, sha256 }: HashedFile,
  of: Change["of"],
  root: string,
): Promise<Change | null> {
  const now = await sha256Of(resolve(root, file));
  if (now === sha256) return null;
  return { file, kind: now === null ? "gone" : "changed", of };
}

/** A file's name in the ledger. */
export function nameFrom(root: string, path: string): string {
  return relative(root, path) || ".";
}
