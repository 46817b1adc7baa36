import { undoDeeds } from "../../kubernetes/changes/undo-deeds.js";
import type { Undo } from "../undo-entry.js";

/** Puts the rules of HTTPRoutes back as they were found, and removes those that a run has made. */
export const undo: Undo = undoDeeds;
