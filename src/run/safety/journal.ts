import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { FaultJournal } from "../../faults/compose.js";
import type { UndoEntry } from "../../faults/undo-entry.js";
import type { ServiceSpec } from "../../plan/run-plan.js";
import type { Address } from "../../support/address.js";
import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import type { ProcessId } from "../../support/processes/process-table.js";
import type { ServiceJournal } from "../services/service-journal.js";
import {
  type JournalContents,
  type JournalEntry,
  parseJournal,
  type ReportFolder,
  type RunEntry,
  type UnreadableJournal,
} from "./journal-format.js";

const ENDING = ".jsonl";
const NOTES_ENDING = ".notes";

/**
 * What a run is about to do. It is on disk before the run does it, so that another process can undo it. Writing is
 * synchronous: no deed may overtake its line.
 */
export class Journal implements ServiceJournal, FaultJournal {
  readonly path: string;
  readonly runId: string;
  readonly #fd: number;
  #torn = false;

  private constructor(path: string, run: RunEntry, fd: number) {
    this.path = path;
    this.runId = run.runId;
    this.#fd = fd;
  }

  /** The file appears with its first line in it. @throws FaultlineError STATE_UNUSABLE. */
  static create(stateFolder: string, run: RunEntry): Journal {
    const path = journalPath(stateFolder, run.runId);
    try {
      mkdirSync(runsFolder(stateFolder), { recursive: true, mode: 0o700 });
      writeFileSync(unfinished(path), `${JSON.stringify(run)}\n`, { mode: 0o600, flush: true });
      renameSync(unfinished(path), path);
      return new Journal(path, run, openSync(path, "a"));
    } catch (error) {
      rmSync(unfinished(path), { force: true });
      throw unwritable(path, error);
    }
  }

  serviceStarting(service: string, address: Address | null): void {
    this.append({ entry: "service-starting", service, address });
  }

  serviceStarted(service: string, group: ProcessGroup, stopGraceMs: number): void {
    this.append({ entry: "service-started", service, group, stopGraceMs });
  }

  serviceReady(service: string, daemons: readonly ProcessId[]): void {
    this.append({ entry: "service-ready", service, daemons });
  }

  serviceOutlived(service: string, processes: readonly ProcessId[]): void {
    this.append({ entry: "service-outlived", service, processes });
  }

  cleanupNeeded(service: ServiceSpec, inherits: readonly string[] | null): void {
    const { name, shell, cleanup, commandTimeoutMs, cwd, env } = service;
    const commands = { shell, cleanup, commandTimeoutMs, cwd, env, inherits };
    this.append({ entry: "cleanup-needed", service: name, ...commands });
  }

  cleanupDone(service: string): void {
    this.append({ entry: "cleanup-done", service });
  }

  undoable(entry: UndoEntry): void {
    this.append({ entry: "undo", ...entry });
  }

  /** The run is going to make this folder for its services. */
  runFolder(path: string): void {
    this.append({ entry: "run-folder", path });
  }

  /** Files are going to be written into this folder (absolute), each aside first. */
  reportsWritten(folder: ReportFolder): void {
    this.append({ entry: "report-folder", ...folder });
  }

  /** @throws FaultlineError STATE_UNUSABLE: the line was not written, so the deed must not be done. */
  append(entry: JournalEntry): void {
    try {
      // After a line that was only partly written (disk full), the next begins on a new line.
      const line = `${this.#torn ? "\n" : ""}${JSON.stringify(entry)}\n`;
      this.#torn = true;
      writeWholly(this.#fd, Buffer.from(line));
      this.#torn = false;
      fsyncSync(this.#fd);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** Everything has been undone. */
  remove(): void {
    closeSync(this.#fd);
    removeJournal(this.path);
  }

  /** Something could not be undone: the file stays. */
  leave(): void {
    closeSync(this.#fd);
  }
}

export function journalPath(stateFolder: string, runId: string): string {
  return join(runsFolder(stateFolder), `${runId}${ENDING}`);
}

/** Notes for listeners come as lines of this file. A run's own file goes with its journal. */
export function notesPath(stateFolder: string, id: string): string {
  return join(runsFolder(stateFolder), `${id}${NOTES_ENDING}`);
}

/** Removes the journal, even one that its run was only about to write. */
export function removeJournal(path: string): void {
  rmSync(path, { force: true });
  rmSync(unfinished(path), { force: true });
  rmSync(`${path.slice(0, -ENDING.length)}${NOTES_ENDING}`, { force: true });
}

/** Paths of all journals, oldest run first. */
export function listJournals(stateFolder: string): readonly string[] {
  return listRunFiles(stateFolder, ENDING);
}

/** Paths of all files of notes. */
export function listNotes(stateFolder: string): readonly string[] {
  return listRunFiles(stateFolder, NOTES_ENDING);
}

function listRunFiles(stateFolder: string, ending: string): readonly string[] {
  try {
    return readdirSync(runsFolder(stateFolder))
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => join(runsFolder(stateFolder), name));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw unwritable(runsFolder(stateFolder), error);
  }
}

/** "gone": another process has removed it. */
export function readJournal(path: string): JournalContents | UnreadableJournal | "gone" {
  try {
    return parseJournal(readFileSync(path, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "gone";
    throw unwritable(path, error);
  }
}

function runsFolder(stateFolder: string): string {
  return join(stateFolder, "runs");
}

function unfinished(path: string): string {
  return `${path}.part`;
}

function writeWholly(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function unwritable(path: string, error: unknown): FaultlineError {
  return new FaultlineError("STATE_UNUSABLE", `the journal ${path} cannot be used: ${messageOf(error)}`, {
    cause: error,
  });
}
