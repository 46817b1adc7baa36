import { type Healing, healRun, previewHealing } from "./heal.js";
import { listJournals, readJournal } from "./journal.js";
import type { RunEntry } from "./journal-format.js";
import { stateOf } from "./runner-identity.js";

export interface HealAllOptions {
  readonly dryRun: boolean;
  /** What was found and done, line by line. */
  readonly onLine: (line: string) => void;
}

/**
 * Undoes what the journals of all dead runs list. "clean": nothing was found; "healed": all of it was undone (in a dry
 * run: could be); "left": something could not be.
 */
export async function healAll(
  stateFolder: string,
  { dryRun, onLine }: HealAllOptions,
): Promise<"clean" | "healed" | "left"> {
  let outcome: "clean" | "healed" | "left" = "clean";
  for (const path of listJournals(stateFolder)) {
    const journal = readJournal(path);
    if (journal === "gone") continue;
    const state = journal === null ? "dead" : stateOf(journal.run.runner);
    if (journal !== null && state !== "dead") {
      const { pid, host } = journal.run.runner;
      const why =
        state === "alive"
          ? `process ${pid} still runs`
          : `whether process ${pid} on ${host} (or in another container) still runs cannot be seen from here; if it does not, run \`faultline heal\` there or delete ${path}`;
      onLine(`${title(journal.run)}: left alone, ${why}`);
      continue;
    }
    const healing = dryRun ? await previewHealing(path) : await healRun(stateFolder, path);
    for (const line of linesOf(journal?.run ?? null, healing, dryRun)) onLine(line);
    if (healing.failures.length > 0) outcome = "left";
    else if (outcome === "clean") outcome = "healed";
  }
  if (outcome === "clean") onLine("Nothing to heal: no run has left anything behind.");
  return outcome;
}

function linesOf(run: RunEntry | null, { did, failures }: Healing, dryRun: boolean): readonly string[] {
  const nothing = dryRun
    ? "would remove its journal; nothing else is left"
    : "its journal is removed; nothing else was left";
  return [
    run ? `${title(run)}, process ${run.runner.pid} is gone:` : "A journal:",
    ...did.map((text) => `  ${dryRun ? "would" : "done:"} ${text}`),
    ...failures.map((text) => `  could not: ${text}`),
    ...(did.length + failures.length === 0 ? [`  ${nothing}`] : []),
  ];
}

function title(run: RunEntry): string {
  return `Run of "${run.scenario}" (${run.file}) from ${run.startedAt}`;
}
