import { messageOf } from "../../support/errors.js";
import type { Undo, UndoEntry, Undone } from "../undo-entry.js";
import { type ControlGroup, groupExists, removeGroup } from "./control-group.js";
import { isControlGroup, isStoppedProcesses } from "./deed.js";
import { continueAll, processesOf, type StoppedProcesses } from "./stopped.js";

/** Continues processes that a run has stopped, and removes the control groups that it has made. */
export const undo: Undo = async (entries, { dryRun }) => {
  const results: Undone[] = [];
  for (const entry of entries) {
    results.push(await undoOne(entry, dryRun).catch((error) => failed(`${entry.text}: ${messageOf(error)}`)));
  }
  return { did: results.flatMap(({ did }) => did), failures: results.flatMap(({ failures }) => failures) };
};

async function undoOne({ undo: deed, text }: UndoEntry, dryRun: boolean): Promise<Undone> {
  if (isStoppedProcesses(deed)) return goOn(deed, dryRun);
  if (isControlGroup(deed)) return remove(deed, dryRun);
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

async function remove(group: ControlGroup, dryRun: boolean): Promise<Undone> {
  if (!groupExists(group)) return { did: [], failures: [] };
  const failure = dryRun ? null : await removeGroup(group);
  if (failure !== null) return failed(failure);
  return { did: [`remove the control group of service "${group.service}"`], failures: [] };
}

function failed(failure: string): Undone {
  return { did: [], failures: [failure] };
}
