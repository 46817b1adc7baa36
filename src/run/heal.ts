import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../support/clock.js";
import { hasCode, messageOf } from "../support/errors.js";
import { healFaults } from "./heal-faults.js";
import { readJournal, removeJournal } from "./journal.js";
import type { JournalContents, RunEntry } from "./journal-format.js";
import { endProcessGroup, liveMembers, type ProcessGroup } from "./process-group.js";
import { ownIdentity, type RunnerIdentity, stateOf } from "./runner-identity.js";
import { exclusively } from "./state-mutex.js";

/** Services of a dead run get no longer than this to end by themselves, whatever the scenario says. */
const MAX_GRACE_MS = 1_000;
/** How long another process that is undoing the same run is waited for. */
const OTHER_HEALER_MS = 10_000;
const LOOK_MS = 50;

/** How `writeWhole` names what it has not finished. */
const UNFINISHED_FILE = /^\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

export interface Healing {
  /** null: the journal was gone before it could be read, or cannot be read by this version. */
  readonly run: RunEntry | null;
  /** What was (or, in a dry run, would be) undone, in words. */
  readonly did: readonly string[];
  /** What could not be undone; the journal stays then. */
  readonly failures: readonly string[];
}

/**
 * Undoes what the journal of a dead run lists, and removes it when nothing is left. When another process is at it
 * already, waits for that one. Whether the run is dead is for the caller to know.
 */
export async function healRun(stateFolder: string, path: string): Promise<Healing> {
  const healing = await healOnce(stateFolder, path);
  if (healing.failures.length === 0) removeJournal(path);
  return healing;
}

async function healOnce(stateFolder: string, path: string): Promise<Healing> {
  const deadline = performance.now() + OTHER_HEALER_MS;
  let journal = await claimHealing(stateFolder, path);
  for (; journal === "busy"; journal = await claimHealing(stateFolder, path)) {
    if (performance.now() > deadline)
      return failed("another process is undoing it and does not come to an end");
    await sleep(LOOK_MS);
  }
  if (journal === "gone") return { run: null, did: [], failures: [] };
  if (journal === null) return failed(`${path} is not a journal that this version can read`);
  try {
    const parts = await Promise.all([
      ...journal.groups.map((group) => healGroup(journal, group)),
      healFaults(journal.proxies),
      healFolders(journal.reportFolders),
    ]);
    const failures = parts.flatMap((part) => part.failures);
    return { run: journal.run, did: parts.flatMap((part) => part.did), failures };
  } finally {
    rmSync(healerPath(path), { force: true });
  }
}

/** What `healRun` would undo, without touching anything. */
export async function previewHealing(path: string): Promise<Healing> {
  const journal = readJournal(path);
  if (journal === "gone") return { run: null, did: [], failures: [] };
  if (journal === null) return failed(`${path} is not a journal that this version can read`);
  const did = [
    ...journal.groups
      .map((group) => ({ group, count: survivors(journal, group).length }))
      .filter(({ count }) => count > 0)
      .map(({ group, count }) => endedText(group, count)),
    ...journal.proxies.map((proxy) =>
      proxy.found === null
        ? `delete proxy "${proxy.proxy}" of ${proxy.url}`
        : `put proxy "${proxy.proxy}" of ${proxy.url} back as it was${toxicText(proxy.toxics)}`,
    ),
    ...journal.reportFolders.flatMap((folder) => unfinishedFiles(folder).map((file) => `remove ${file}`)),
    ...journal.reportFolders.filter(holdsNothing).map((folder) => `remove the empty folder ${folder}`),
  ];
  return { run: journal.run, did, failures: [] };
}

type Part = Pick<Healing, "did" | "failures">;

async function healGroup(journal: JournalContents, group: ProcessGroup): Promise<Part> {
  const count = survivors(journal, group).length;
  if (count === 0) return { did: [], failures: [] };
  try {
    await endProcessGroup(group, Math.min(journal.stopGraceMs, MAX_GRACE_MS));
    return { did: [endedText(group, count)], failures: [] };
  } catch (error) {
    return { did: [], failures: [`service ${serviceName(group)}: ${messageOf(error)}`] };
  }
}

/** No process survives a reboot: a pid that is in use again belongs to another. */
function survivors(journal: JournalContents, group: ProcessGroup): readonly number[] {
  return journal.run.runner.boot === ownIdentity().boot ? liveMembers(group) : [];
}

async function healFolders(folders: readonly string[]): Promise<Part> {
  const did: string[] = [];
  const failures: string[] = [];
  for (const file of folders.flatMap(unfinishedFiles)) {
    try {
      rmSync(file, { force: true });
      did.push(`remove ${file}`);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  for (const folder of folders.filter(holdsNothing)) {
    try {
      rmdirSync(folder);
      did.push(`remove the empty folder ${folder}`);
    } catch {
      // Somebody has put something into it, or it is not to be removed: it does no harm.
    }
  }
  return { did, failures };
}

/** There, with nothing in it but what is unfinished. */
function holdsNothing(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => UNFINISHED_FILE.test(name));
  } catch {
    return false;
  }
}

function unfinishedFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => UNFINISHED_FILE.test(name))
      .map((name) => join(folder, name));
  } catch {
    // Never made, or gone.
    return [];
  }
}

/** The journal, when no living process is undoing it yet; from now on this one is. */
function claimHealing(stateFolder: string, path: string): Promise<JournalContents | "busy" | "gone" | null> {
  return exclusively(stateFolder, () => {
    const healer = readHealer(path);
    if (healer && stateOf(healer) !== "dead") return "busy";
    const journal = readJournal(path);
    if (journal !== null && journal !== "gone")
      writeFileSync(healerPath(path), JSON.stringify(ownIdentity()));
    return journal;
  });
}

function readHealer(path: string): RunnerIdentity | null {
  try {
    // Only this program writes the file, whole, under the mutex.
    return JSON.parse(readFileSync(healerPath(path), "utf8")) as RunnerIdentity;
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return null;
    throw error;
  }
}

function healerPath(journalPath: string): string {
  return `${journalPath}.healer`;
}

function failed(failure: string): Healing {
  return { run: null, did: [], failures: [failure] };
}

function endedText(group: ProcessGroup, count: number): string {
  return `end ${count} ${count === 1 ? "process" : "processes"} of service "${serviceName(group)}"`;
}

function toxicText(toxics: readonly string[]): string {
  return toxics.length === 0 ? "" : `, without ${toxics.join(", ")}`;
}

function serviceName(group: ProcessGroup): string {
  return group.marker.slice(group.marker.indexOf("/") + 1);
}
