import type { Undone } from "../../../faults/undo-entry.js";
import type { ServiceSpec } from "../../../plan/run-plan.js";
import { inheritedEnvironment } from "../../services/inherited-environment.js";
import { runCleanup } from "../../services/service-command.js";
import type { CleanupEntry, JournalContents } from "../journal-format.js";

/**
 * Runs what a dead run had to clean up, in the reverse order of starting. Call it when the services have ended. Never
 * rejects.
 */
export async function healCleanups(
  { run, cleanups }: JournalContents,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Undone> {
  const did: string[] = [];
  const failures: string[] = [];
  for (const entry of cleanups.toReversed()) {
    const env = inheritedEnvironment(process.env, entry.inherits);
    const failed = dryRun ? [] : await runCleanup(serviceOf(entry), { runId: run.runId, env, secrets: [] });
    if (failed.length === 0) did.push(`run the cleanup of service "${entry.service}"`);
    // Neither the command nor its output: nobody knows here what of it is a secret.
    for (const { number, how } of failed) {
      failures.push(`cleanup command ${number} of service "${entry.service}" ${how}`);
    }
  }
  return { did, failures };
}

function serviceOf({ service, shell, cleanup, commandTimeoutMs, cwd, env }: CleanupEntry): ServiceSpec {
  return {
    name: service,
    command: [],
    shell,
    prepare: [],
    cleanup,
    commandTimeoutMs,
    env,
    cwd,
    ready: null,
    readyLog: null,
    readyCommand: null,
    readyTimeoutMs: 0,
    stopGraceMs: 0,
  };
}
