import { undoDeeds } from "../../kubernetes/changes/undo-deeds.js";
import type { Undo } from "../undo-entry.js";

/** Puts back what a run has set in a cluster, and removes what it has made. */
export const undo: Undo = undoDeeds;
