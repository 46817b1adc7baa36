import type { UndoEntry } from "../../faults/undo-entry.js";
import type { Address } from "../../support/address.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import type { ProcessId } from "../../support/processes/process-table.js";
import {
  areProcessIds,
  isPid,
  isProcessGroup,
  isRecord,
  isTextOrNull,
} from "../../support/processes/read-back.js";
import type { RunnerIdentity } from "./runner-identity.js";

export const JOURNAL_FORMAT_VERSION = 2;

/** First line of a journal: whose run it is. */
export interface RunEntry {
  readonly entry: "run";
  readonly formatVersion: number;
  readonly runId: string;
  readonly scenario: string;
  readonly file: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly runner: RunnerIdentity;
  /** What no other run may use meanwhile, see `claimsOf`. */
  readonly claims: readonly string[];
}

/** A folder that files are written into, each aside first. */
export interface ReportFolder {
  readonly folder: string;
  /** The run made it. A folder that existed before is the user's, even when it is empty. */
  readonly isNew: boolean;
}

/** Commands that a service's end calls for, with what they need to run. */
export interface CleanupEntry {
  readonly entry: "cleanup-needed";
  readonly service: string;
  readonly shell: boolean;
  readonly cleanup: readonly (readonly string[])[];
  readonly commandTimeoutMs: number;
  readonly cwd: string;
  /** The service's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Other variables that they get beside a few plain ones. null: all. */
  readonly inherits: readonly string[] | null;
}

/** One line. Each is written before the deed, so the deed may or may not have happened. */
export type JournalEntry =
  | RunEntry
  | {
      readonly entry: "service-starting";
      readonly service: string;
      /** Where it is to listen, on this machine. Missing in journals of older versions. */
      readonly address?: Address | null;
    }
  | {
      readonly entry: "service-started";
      readonly service: string;
      readonly group: ProcessGroup;
      readonly stopGraceMs: number;
    }
  /** It answers. `daemons` have left its session and its group. */
  | { readonly entry: "service-ready"; readonly service: string; readonly daemons: readonly ProcessId[] }
  /** Its first process has ended, and these have not. */
  | { readonly entry: "service-outlived"; readonly service: string; readonly processes: readonly ProcessId[] }
  | CleanupEntry
  | { readonly entry: "cleanup-done"; readonly service: string }
  /** A folder that the run makes for its services, and removes with all that is in it. */
  | { readonly entry: "run-folder"; readonly path: string }
  | ({ readonly entry: "report-folder" } & ReportFolder)
  /** What a driver of faults does. */
  | ({ readonly entry: "undo" } & UndoEntry);

export interface JournaledService {
  readonly name: string;
  readonly group: ProcessGroup;
  readonly address: Address | null;
  /** Further processes that were seen to be in its group. */
  readonly outlivers: readonly ProcessId[];
  /** null: it had not become ready. */
  readonly daemons: readonly ProcessId[] | null;
}

/** What a journal lists, gathered. */
export interface JournalContents {
  readonly run: RunEntry;
  /** One for each service that was or may have been started. */
  readonly services: readonly JournaledService[];
  /** The longest grace of the run's services. */
  readonly stopGraceMs: number;
  /** Those that are not done, in the order of starting. */
  readonly cleanups: readonly CleanupEntry[];
  readonly runFolders: readonly string[];
  readonly reportFolders: readonly ReportFolder[];
  readonly undos: readonly UndoEntry[];
  /** Numbers of whole lines that tell of a deed which this version does not know. */
  readonly unknownLines: readonly number[];
}

/** Why a file says nothing of a run. */
export interface UnreadableJournal {
  readonly unreadable: string;
}

export function parseJournal(text: string): JournalContents | UnreadableJournal {
  const [first, ...lines] = text.split("\n").map(parseLine);
  if (!isRunEntry(first)) return { unreadable: whyNoRun(first) };
  const run = first;
  const services = new Map<string, JournaledService>();
  const change = (name: string, changes: Partial<JournaledService>) => {
    const group = { pid: null, start: null, marker: `${run.runId}/${name}` };
    const before = services.get(name) ?? { name, group, address: null, outlivers: [], daemons: null };
    services.set(name, { ...before, ...changes });
  };
  const cleanups = new Map<string, CleanupEntry>();
  const runFolders: string[] = [];
  const reportFolders = new Map<string, ReportFolder>();
  const undos: UndoEntry[] = [];
  const unknownLines: number[] = [];
  let stopGraceMs = 0;
  for (const [index, line] of lines.entries()) {
    if (line === TORN) continue;
    if (!isLaterEntry(line)) {
      unknownLines.push(index + 2);
      continue;
    }
    switch (line.entry) {
      case "service-starting":
        // Of one that is started again nothing else was left.
        change(line.service, { address: line.address ?? null, outlivers: [], daemons: null });
        break;
      case "service-ready":
        change(line.service, { daemons: line.daemons });
        break;
      case "service-outlived":
        change(line.service, { outlivers: line.processes });
        break;
      case "service-started":
        change(line.service, { group: line.group });
        stopGraceMs = Math.max(stopGraceMs, line.stopGraceMs);
        break;
      case "cleanup-needed":
        cleanups.set(line.service, line);
        break;
      case "cleanup-done":
        cleanups.delete(line.service);
        break;
      case "run-folder":
        runFolders.push(line.path);
        break;
      case "report-folder":
        reportFolders.set(line.folder, line);
        break;
      case "undo":
        undos.push(line);
        break;
    }
  }
  return {
    run,
    services: [...services.values()],
    stopGraceMs,
    cleanups: [...cleanups.values()],
    runFolders,
    reportFolders: [...reportFolders.values()],
    undos,
    unknownLines,
  };
}

/** A line that ends too early, or no line: the deed that it was to announce did not follow. */
const TORN = Symbol("torn");

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return TORN;
  }
}

function whyNoRun(first: unknown): string {
  if (first === TORN || first === undefined) return "its first line is not complete";
  const version = isRecord(first) && first.entry === "run" ? first.formatVersion : undefined;
  return typeof version === "number" && version !== JOURNAL_FORMAT_VERSION
    ? `another version of faultline wrote it (format ${version} instead of ${JOURNAL_FORMAT_VERSION})`
    : "it does not begin as a journal does";
}

// A journal can be cut, mixed up or edited. Bad parts must not stop the undoing of the rest. The checks are by hand and
// not by a schema library: the watchdog keeps this in memory for as long as a run lasts.

function isRunEntry(value: unknown): value is RunEntry {
  return (
    isRecord(value) &&
    value.entry === "run" &&
    value.formatVersion === JOURNAL_FORMAT_VERSION &&
    areTexts(value.runId, value.scenario, value.file, value.startedAt) &&
    isRunner(value.runner) &&
    Array.isArray(value.claims) &&
    areTexts(...value.claims)
  );
}

function isRunner(value: unknown): boolean {
  return (
    isRecord(value) &&
    isPid(value.pid) &&
    typeof value.host === "string" &&
    [value.start, value.boot, value.pidNamespace].every(isTextOrNull)
  );
}

function isLaterEntry(value: unknown): value is Exclude<JournalEntry, RunEntry> {
  if (!isRecord(value)) return false;
  switch (value.entry) {
    case "service-starting":
      return areTexts(value.service) && isAddress(value.address ?? null);
    case "service-ready":
      return areTexts(value.service) && areProcessIds(value.daemons);
    case "service-outlived":
      return areTexts(value.service) && areProcessIds(value.processes);
    case "service-started":
      return areTexts(value.service) && isProcessGroup(value.group) && typeof value.stopGraceMs === "number";
    case "cleanup-needed":
      return isCleanup(value);
    case "cleanup-done":
      return areTexts(value.service);
    case "run-folder":
      return areTexts(value.path);
    case "report-folder":
      return areTexts(value.folder) && typeof value.isNew === "boolean";
    case "undo":
      return areTexts(value.driver, value.text) && "undo" in value;
    default:
      return false;
  }
}

function isCleanup(value: Readonly<Record<string, unknown>>): boolean {
  return (
    areTexts(value.service, value.cwd) &&
    typeof value.shell === "boolean" &&
    typeof value.commandTimeoutMs === "number" &&
    Array.isArray(value.cleanup) &&
    value.cleanup.every(isListOfTexts) &&
    isRecord(value.env) &&
    areTexts(...Object.values(value.env)) &&
    (value.inherits === null || isListOfTexts(value.inherits))
  );
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && areTexts(...value);
}

function isAddress(value: unknown): boolean {
  return value === null || (isRecord(value) && typeof value.host === "string" && isPid(value.port));
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}
