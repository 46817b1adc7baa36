import type { Undo, Undone } from "../undo-entry.js";
import { isTrustFolder, removeTrustFolder } from "./trust/remove-trust-folder.js";

/** What ends TLS is a thread of the run, and goes with it; files stay. */
export const undo: Undo = async (entries, options) => {
  const parts = entries.map(({ undo: deed, text }): Undone => {
    if (isTrustFolder(deed)) return removeTrustFolder(deed, options);
    return { did: [], failures: [`${text}: how to undo it cannot be read`] };
  });
  return { did: parts.flatMap(({ did }) => did), failures: parts.flatMap(({ failures }) => failures) };
};
