/** Removes trust folders. The watchdog holds this in memory, so it imports nothing heavy. */

import { lstatSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { messageOf } from "../../../support/errors.js";
import { isRecord } from "../../../support/processes/read-back.js";
import type { UndoEntry, Undone, UndoOptions } from "../../undo-entry.js";

const NAME = /^faultline-tls-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface MadeFolder {
  readonly kind: "trust-folder";
  readonly path: string;
}

/** The journal's entry. It is written before the folder is made. */
export function trustFolderEntry(path: string): Omit<UndoEntry, "driver"> {
  const undo: MadeFolder = { kind: "trust-folder", path };
  return { undo, text: `certificate files in ${path}` };
}

export function isTrustFolder(undo: unknown): undo is MadeFolder {
  return (
    isRecord(undo) &&
    undo.kind === "trust-folder" &&
    typeof undo.path === "string" &&
    NAME.test(basename(undo.path))
  );
}

/** Removes the folder, if it is there. `keepProxies` leaves it: a run that stands still may go on and needs it. */
export function removeTrustFolder(
  { path }: MadeFolder,
  { dryRun, keepProxies = false }: Pick<UndoOptions, "dryRun" | "keepProxies">,
): Undone {
  const nothing: Undone = { did: [], failures: [] };
  if (keepProxies) return nothing;
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) return nothing;
    if (!dryRun) rmSync(path, { recursive: true, force: true });
    return { did: [`remove certificate files in ${path}`], failures: [] };
  } catch (error) {
    return { did: [], failures: [`remove ${path}: ${messageOf(error)}`] };
  }
}
