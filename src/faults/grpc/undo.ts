import type { Undo } from "../undo-entry.js";

/** Gateways are threads of the run: they end with it, and nothing of them is written down. */
export const undo: Undo = async (entries) => ({
  did: [],
  failures: entries.map(({ text }) => `${text}: how to undo it cannot be read`),
});
