import { undoDeeds } from "../../kubernetes/changes/undo-deeds.js";
import type { Undo } from "../undo-entry.js";

/** Removes the objects that a run has made. Chaos Mesh takes their faults out before it lets them go. */
export const undo: Undo = undoDeeds;
