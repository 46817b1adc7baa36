import { existsSync } from "node:fs";
import type { Undone } from "../../../faults/undo-entry.js";
import { messageOf } from "../../../support/errors.js";
import { isRunFolder, removeRunFolder } from "../../services/run-folder.js";

/** Removes folders that a dead run had made for its services. Call it when these have ended. Never rejects. */
export async function healRunFolders(
  paths: readonly string[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<Undone> {
  const did: string[] = [];
  const failures: string[] = [];
  for (const path of paths) {
    if (!isRunFolder(path))
      failures.push(`${path} does not look like a folder that a run has made; it stays`);
    else if (existsSync(path)) {
      try {
        if (!dryRun) await removeRunFolder(path);
        did.push(`remove ${path}`);
      } catch (error) {
        failures.push(`remove ${path}: ${messageOf(error)}`);
      }
    }
  }
  return { did, failures };
}
