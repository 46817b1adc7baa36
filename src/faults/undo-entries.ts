import { messageOf } from "../support/errors.js";
import { DRIVERS } from "./drivers.js";
import type { Undo, UndoEntry, Undone } from "./undo-entry.js";

/** Undoes what drivers wrote down, each its own entries. Never rejects. */
export const undoEntries: Undo = async (entries, options) => {
  const names = [...new Set(entries.map(({ driver }) => driver))];
  const parts = await Promise.all(
    names.map(async (name): Promise<Undone> => {
      const own = entries.filter(({ driver }) => driver === name);
      try {
        const undo = await undoOf(name);
        return undo
          ? await undo(own, options)
          : left(own, `this version of faultline has no driver "${name}"`);
      } catch (error) {
        return left(own, messageOf(error));
      }
    }),
  );
  return { did: parts.flatMap(({ did }) => did), failures: parts.flatMap(({ failures }) => failures) };
};

/** Loads the undo code of these drivers early: when it is needed, the files may be out of reach. */
export async function loadUndos(drivers: readonly string[]): Promise<void> {
  await Promise.all(drivers.map(undoOf));
}

/** @returns null when this version has no driver of that name. */
async function undoOf(driver: string): Promise<Undo | null> {
  const parts = Object.hasOwn(DRIVERS, driver) ? DRIVERS[driver] : undefined;
  return parts ? (await parts.undo()).undo : null;
}

function left(entries: readonly UndoEntry[], why: string): Undone {
  return { did: [], failures: entries.map(({ text }) => `${text}: ${why}`) };
}
