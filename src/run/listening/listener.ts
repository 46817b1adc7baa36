import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { notesPath } from "../safety/journal.js";
import { ownIdentity, type RunnerIdentity } from "../safety/runner-identity.js";
import { type HaltOrder, readHalt } from "./halt-order.js";
import { type Note, parseNote } from "./note.js";

/** First line of a listener's file: who listens. Each line below it is a note. */
export interface ListenerEntry {
  readonly kind: "run" | "game day";
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly runner: RunnerIdentity;
}

export interface Hearing {
  readonly note: (note: Note) => void;
  /** Called once. */
  readonly halt: (order: HaltOrder) => void;
}

const LOOK_MS = 500;
/** Bytes that one look reads. Somebody who writes without end is heard later. */
const MOST_BYTES = 65_536;

/**
 * Listens to other terminals: notes come as lines of a file of its own in the state folder, a halt as a file there.
 * @param id a run's own, so that its file goes with its journal; any other is unique by itself.
 * @returns a function that ends the listening and delivers the last notes.
 * @throws FaultlineError STATE_UNUSABLE.
 */
export function listen(
  stateFolder: string,
  who: Pick<ListenerEntry, "kind" | "name"> & { readonly id: string },
  hearing: Hearing,
): () => Promise<void> {
  const path = notesPath(stateFolder, who.id);
  const { kind, name } = who;
  const entry: ListenerEntry = { kind, name, startedAt: new Date().toISOString(), runner: ownIdentity() };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new FaultlineError("STATE_UNUSABLE", `${path} cannot be written: ${messageOf(error)}`);
  }
  const notes = new NoteReader(path);
  let isHalted = false;
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    for (const note of await notes.next()) hearing.note(note);
    const order = isHalted ? null : readHalt(stateFolder);
    if (order === null) return;
    isHalted = true;
    hearing.halt(order);
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);
  // The timer keeps no process alive.
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
    for (const note of await notes.next()) hearing.note(note);
    rmSync(path, { force: true });
  };
}

/** The notes that were written since the last look. */
class NoteReader {
  readonly #path: string;
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that cannot be read has no notes. */
  async next(): Promise<readonly Note[]> {
    const bytes = await this.#read().catch(() => Buffer.alloc(0));
    const end = bytes.lastIndexOf("\n") + 1;
    // A line without an end that fills the buffer is no note.
    this.#at += end === 0 && bytes.length === MOST_BYTES ? bytes.length : end;
    const lines = bytes.subarray(0, end).toString("utf8").split("\n");
    return lines.flatMap((line) => parseNote(line) ?? []);
  }

  async #read(): Promise<Buffer> {
    const file = await open(this.#path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, this.#at);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}
