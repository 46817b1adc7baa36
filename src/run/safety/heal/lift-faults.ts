import { undoEntries } from "../../../faults/undo-entries.js";
import type { Undone } from "../../../faults/undo-entry.js";
import { messageOf } from "../../../support/errors.js";
import { readJournal } from "../journal.js";

/**
 * Takes out the faults of a run that stands still. Its proxies and its journal stay: it may go on, and then cleans up
 * itself. Never rejects.
 */
export async function liftFaults(journalPath: string): Promise<Undone> {
  try {
    const journal = readJournal(journalPath);
    if (journal === "gone" || "unreadable" in journal) return { did: [], failures: [] };
    return await undoEntries(journal.undos, { dryRun: false, keepProxies: true });
  } catch (error) {
    return { did: [], failures: [messageOf(error)] };
  }
}
