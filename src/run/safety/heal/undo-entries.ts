import { TOXIPROXY, undoToxiproxy } from "../../../faults/toxiproxy/undo/toxiproxy-undo.js";
import type { Undo, UndoEntry, Undone } from "../../../faults/undo-entry.js";

/** One line for each driver of faults. What it imports stays small: the watchdog has it in memory all the time. */
const DRIVERS: ReadonlyMap<string, Undo> = new Map([[TOXIPROXY, undoToxiproxy]]);

/** Undoes what drivers wrote down, each its own. Never rejects. */
export const undoEntries: Undo = async (entries, options) => {
  const names = [...new Set(entries.map(({ driver }) => driver))];
  const parts = await Promise.all(
    names.map((name) => {
      const own = entries.filter(({ driver }) => driver === name);
      return DRIVERS.get(name)?.(own, options) ?? withoutDriver(name, own);
    }),
  );
  return { did: parts.flatMap(({ did }) => did), failures: parts.flatMap(({ failures }) => failures) };
};

function withoutDriver(name: string, entries: readonly UndoEntry[]): Undone {
  const failures = entries.map(({ text }) => `${text}: this version of faultline has no driver "${name}"`);
  return { did: [], failures };
}
