import type { Undo, Undone } from "../undo-entry.js";
import { isTrustFolder, removeTrustFolder } from "./trust/remove-trust-folder.js";

/** The thread that ends TLS goes with its process. The files of the trust folder stay, and are removed here. */
export const undo: Undo = async (entries, options) => {
  const parts = entries.map(({ undo: deed, text }): Undone => {
    if (isTrustFolder(deed)) return removeTrustFolder(deed, options);
    return { did: [], failures: [`${text}: how to undo it cannot be read`] };
  });
  return { did: parts.flatMap(({ did }) => did), failures: parts.flatMap(({ failures }) => failures) };
};
