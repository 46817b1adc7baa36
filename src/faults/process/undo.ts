import { messageOf } from "../../support/errors.js";
import type { Undo, UndoEntry, Undone } from "../undo-entry.js";
import { isStoppedProcesses } from "./deed.js";
import { continueAll, processesOf, type StoppedProcesses } from "./stopped.js";

/** Lets processes go on that a run has stopped. */
export const undo: Undo = async (entries, { dryRun }) => {
  const results: Undone[] = [];
  for (const entry of entries) {
    results.push(await undoOne(entry, dryRun).catch((error) => failed(`${entry.text}: ${messageOf(error)}`)));
  }
  return { did: results.flatMap(({ did }) => did), failures: results.flatMap(({ failures }) => failures) };
};

async function undoOne({ undo: deed, text }: UndoEntry, dryRun: boolean): Promise<Undone> {
  if (isStoppedProcesses(deed)) return goOn(deed, dryRun);
  return failed(`${text}: how to undo it cannot be read`);
}

async function goOn(deed: StoppedProcesses, dryRun: boolean): Promise<Undone> {
  const service = processesOf(deed);
  const stopped = service.living().filter(({ isStopped }) => isStopped).length;
  if (stopped === 0) return { did: [], failures: [] };
  const still = dryRun ? [] : await continueAll(service);
  if (still.length > 0)
    return failed(`processes ${still.join(", ")} of service "${deed.service}" are still stopped`);
  const processes = `${stopped} stopped ${stopped === 1 ? "process" : "processes"}`;
  return { did: [`let ${processes} of service "${deed.service}" go on`], failures: [] };
}

function failed(failure: string): Undone {
  return { did: [], failures: [failure] };
}
