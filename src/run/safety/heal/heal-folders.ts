import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Undone } from "../../../faults/undo-entry.js";
import { messageOf } from "../../../support/errors.js";
import type { ReportFolder } from "../journal-format.js";

/** The name of a file that `writeWhole` has not finished. */
const UNFINISHED_FILE = /^\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

/** Removes unfinished files, and folders that the run made and that hold nothing else. */
export function healFolders(
  folders: readonly ReportFolder[],
  { dryRun }: { readonly dryRun: boolean },
): Undone {
  const files = folders.flatMap(({ folder }) => unfinishedFiles(folder));
  const empty = folders.filter(({ folder, isNew }) => isNew && holdsNothing(folder));
  const did: string[] = [];
  const failures: string[] = [];
  for (const file of files) {
    try {
      if (!dryRun) rmSync(file, { force: true });
      did.push(`remove ${file}`);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  for (const { folder } of empty) {
    try {
      if (!dryRun) rmdirSync(folder);
      did.push(`remove the empty folder ${folder}`);
    } catch {
      // Somebody has put something into it, or it cannot be removed. It does no harm.
    }
  }
  return { did, failures };
}

/** The folder exists and holds nothing but unfinished files. */
function holdsNothing(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => UNFINISHED_FILE.test(name));
  } catch {
    return false;
  }
}

function unfinishedFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => UNFINISHED_FILE.test(name))
      .map((name) => join(folder, name));
  } catch {
    // Never made, or gone.
    return [];
  }
}
