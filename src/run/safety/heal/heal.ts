import { undoEntries } from "../../../faults/undo-entries.js";
import type { Undone } from "../../../faults/undo-entry.js";
import { Patience, sleep } from "../../../support/clock.js";
import { messageOf } from "../../../support/errors.js";
import { holderOf, releaseLink, takeLink } from "../holder-link.js";
import { readJournal, removeJournal } from "../journal.js";
import type { JournalContents, RunEntry, UnreadableJournal } from "../journal-format.js";
import { exclusivelyIfPossible, isDiskTrouble } from "../state-mutex.js";
import { healCleanups } from "./heal-cleanups.js";
import { healFolders } from "./heal-folders.js";
import { healRunFolders } from "./heal-run-folders.js";
import { healServices } from "./heal-services.js";

/** Longest wait for another process that is undoing the same run. */
const OTHER_HEALER_MS = 10_000;
const LOOK_MS = 50;

export interface Healing extends Undone {
  /** null: the journal was gone before it could be read, or this version cannot read it. */
  readonly run: RunEntry | null;
}

/**
 * Undoes what the journal of a dead run lists, and removes it when nothing is left. When another process is already
 * doing that, it waits for that process. The caller must know that the run is dead. It needs no space on the disk.
 * @param diedAtMs when the caller saw it die, on the clock of `performance.now`.
 */
export async function healRun(
  stateFolder: string,
  path: string,
  { diedAtMs = null }: { readonly diedAtMs?: number | null } = {},
): Promise<Healing> {
  const healing = await healOnce(stateFolder, path, diedAtMs);
  if (healing.failures.length > 0) return healing;
  try {
    removeJournal(path);
    return healing;
  } catch (error) {
    return {
      ...healing,
      failures: [`remove the journal ${path}, when all else is undone: ${messageOf(error)}`],
    };
  }
}

/** What `healRun` would undo, without touching anything. */
export async function previewHealing(path: string): Promise<Healing> {
  const journal = readJournal(path);
  if (journal === "gone") return { run: null, did: [], failures: [] };
  if ("unreadable" in journal) return unreadable(path, journal);
  return undoAll(path, journal, { dryRun: true, diedAtMs: null });
}

async function healOnce(stateFolder: string, path: string, diedAtMs: number | null): Promise<Healing> {
  const journal = await awaitTurn(stateFolder, path);
  if (journal === "busy") return failed("another process is undoing it and does not come to an end");
  if (journal === "gone") return { run: null, did: [], failures: [] };
  if ("unreadable" in journal) return unreadable(path, journal);
  try {
    return await undoAll(path, journal, { dryRun: false, diedAtMs });
  } finally {
    releaseHealing(path);
  }
}

/** "busy": after a long time another process is still undoing it. */
async function awaitTurn(stateFolder: string, path: string): Promise<Claim> {
  const patience = new Patience(OTHER_HEALER_MS);
  try {
    for (;;) {
      const isLate = patience.leftMs === 0;
      const claim = await claimHealing(stateFolder, path, isLate);
      if (claim !== "busy" || isLate) return claim;
      await sleep(LOOK_MS);
    }
  } finally {
    patience.end();
  }
}

async function undoAll(
  path: string,
  journal: JournalContents,
  { dryRun, diedAtMs }: { readonly dryRun: boolean; readonly diedAtMs: number | null },
): Promise<Healing> {
  const parts = await Promise.all([
    healServices(journal, { dryRun, path, diedAtMs }).then(async (ended) => [
      ended,
      await healCleanups(journal, { dryRun }),
      await healRunFolders(journal.runFolders, { dryRun }),
    ]),
    undoEntries(journal.undos, { dryRun }),
    healFolders(journal.reportFolders, { dryRun }),
  ]);
  const unknown = journal.unknownLines.map(
    (line) =>
      `line ${line} of ${path} does not say what it is about. Delete the file when you know that nothing is left`,
  );
  return {
    run: journal.run,
    did: parts.flat().flatMap((part) => part.did),
    failures: [...parts.flat().flatMap((part) => part.failures), ...unknown],
  };
}

type Claim = JournalContents | UnreadableJournal | "busy" | "gone";

/**
 * The journal, when no living process is undoing it yet. From now on this process is.
 * @param isLate a healer that cannot be seen from here was waited for long enough.
 */
function claimHealing(stateFolder: string, path: string, isLate: boolean): Promise<Claim> {
  return exclusivelyIfPossible(stateFolder, () => {
    const healer = holderOf(healerPath(path));
    const isAtWork =
      healer !== null && healer !== "unknown" && (healer.state === "alive" || healer.state === "elsewhere");
    if (isAtWork && !(isLate && healer.state === "elsewhere")) return "busy";
    const journal = readJournal(path);
    if (journal !== "gone" && !("unreadable" in journal)) noteHealing(path);
    return journal;
  });
}

function noteHealing(path: string): void {
  try {
    releaseLink(healerPath(path));
    takeLink(healerPath(path));
  } catch (error) {
    // Undoing twice does no harm, and it must not depend on the disk.
    if (!isDiskTrouble(error)) throw error;
  }
}

function releaseHealing(path: string): void {
  try {
    releaseLink(healerPath(path));
  } catch (error) {
    if (!isDiskTrouble(error)) throw error;
  }
}

function healerPath(journalPath: string): string {
  return `${journalPath}.healer`;
}

function unreadable(path: string, { unreadable: why }: UnreadableJournal): Healing {
  return failed(
    `${path} is not a journal that this version can read: ${why}. Delete it when you know that nothing of its run is left`,
  );
}

function failed(failure: string): Healing {
  return { run: null, did: [], failures: [failure] };
}
