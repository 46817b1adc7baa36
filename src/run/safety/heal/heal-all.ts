import { oneLine } from "../../../support/printable.js";
import { processTable } from "../../../support/processes/process-table.js";
import { listJournals, readJournal } from "../journal.js";
import type { RunEntry } from "../journal-format.js";
import { LEASE_MS } from "../lease.js";
import { stateOf, unseenText } from "../runner-identity.js";
import { type Healing, healRun, previewHealing } from "./heal.js";

export interface HealAllOptions {
  readonly dryRun: boolean;
  /** What was found and done, line by line. */
  readonly onLine: (line: string) => void;
}

/**
 * Undoes what the journals of all dead runs list.
 * - "clean": nothing was found.
 * - "healed": all of it was undone (in a dry run: could be).
 * - "left": something could not be undone, or a run was left alone because it still goes on, or may.
 */
export async function healAll(
  stateFolder: string,
  { dryRun, onLine }: HealAllOptions,
): Promise<"clean" | "healed" | "left"> {
  let outcome: "clean" | "healed" | "left" = "clean";
  for (const path of listJournals(stateFolder)) {
    const journal = readJournal(path);
    if (journal === "gone") continue;
    const run = "unreadable" in journal ? null : journal.run;
    const state = run === null ? "dead" : stateOf(run.runner);
    if (run !== null && state !== "dead") {
      const why = state === "alive" ? aliveText(run.runner.pid) : unseenText(run.runner, path);
      onLine(`${title(run)}: left alone, ${why}`);
      outcome = "left";
      continue;
    }
    const healing = dryRun ? await previewHealing(path) : await healRun(stateFolder, path);
    for (const line of linesOf(path, run, healing, dryRun)) onLine(line);
    if (healing.failures.length > 0) outcome = "left";
    else if (outcome === "clean") outcome = "healed";
  }
  if (outcome === "clean") onLine("Nothing to heal: no run has left anything behind.");
  return outcome;
}

function aliveText(pid: number): string {
  if (!processTable.row(pid)?.isStopped) return `process ${pid} still runs`;
  return `process ${pid} is stopped. Its faults are taken out after ${LEASE_MS / 1000} s; to undo the rest, let it go on (kill -CONT ${pid}) or end it (kill -KILL ${pid})`;
}

function linesOf(
  path: string,
  run: RunEntry | null,
  { did, failures }: Healing,
  dryRun: boolean,
): readonly string[] {
  const nothing = dryRun
    ? "would remove its journal; nothing else is left"
    : "its journal is removed; nothing else was left";
  return [
    run ? `${title(run)}, process ${run.runner.pid} is gone:` : "A journal:",
    ...did.map((text) => `  ${dryRun ? "would" : "done:"} ${oneLine(text)}`),
    ...failures.map((text) => `  could not: ${oneLine(text)}`),
    ...(did.length + failures.length === 0 ? [`  ${nothing}`] : []),
    ...(run && failures.length > 0 ? [`  the next \`faultline heal\` tries again; ${giveUp(path)}`] : []),
  ];
}

/** A server that is gone for good can never be asked, and what it held went with it. */
function giveUp(path: string): string {
  return `if what is listed here is gone for good (its server was removed, say), delete ${oneLine(path)}`;
}

function title(run: RunEntry): string {
  return oneLine(`Run of "${run.scenario}" (${run.file}) from ${run.startedAt}`);
}
