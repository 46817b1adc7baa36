import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hasCode } from "../../support/errors.js";
import { listNotes } from "../safety/journal.js";
import { stateOf } from "../safety/runner-identity.js";
import type { ListenerEntry } from "./listener.js";
import type { Note } from "./note.js";

/** Tells a note to all current listeners, and removes the files of those that are gone. @returns the listeners. */
export function addNote(stateFolder: string, note: Note): readonly ListenerEntry[] {
  return listNotes(stateFolder).flatMap((path) => {
    const entry = entryOf(path);
    if (entry === null) return [];
    if (stateOf(entry.runner) === "dead") {
      rmSync(path, { force: true });
      return [];
    }
    return append(path, `${JSON.stringify(note)}\n`) ? [entry] : [];
  });
}

/** Writes in one piece, so that two notes at once stay two lines. @returns false when nobody listens there any more. */
function append(path: string, line: string): boolean {
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_APPEND);
    try {
      writeSync(file, line);
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** @returns null when the file is gone, or is not a listener's. */
function entryOf(path: string): ListenerEntry | null {
  try {
    const [line = ""] = readFileSync(path, "utf8").split("\n");
    const entry: unknown = JSON.parse(line);
    return isEntry(entry) ? entry : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is ListenerEntry {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, startedAt, runner } = {
    kind: null,
    name: null,
    startedAt: null,
    runner: null,
    ...value,
  };
  return (
    (kind === "run" || kind === "game day") &&
    typeof name === "string" &&
    typeof startedAt === "string" &&
    isRunner(runner)
  );
}

function isRunner(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { pid, host } = { pid: null, host: null, ...value };
  return typeof pid === "number" && typeof host === "string";
}
