import type { RunPlan } from "../plan/run-plan.js";
import { type Journal, journalPath } from "./journal.js";
import { claimRun, newRunId } from "./run-lock.js";
import { openStateFolder } from "./state-folder.js";
import { Watchdog } from "./watchdog.js";

export interface SafetyNet {
  readonly runId: string;
  readonly journal: Journal;
  /** Resolves when the watchdog could act; await it before the first injection. Rejects with STATE_UNUSABLE. */
  readonly armed: Promise<void>;
  /** Call last. `undone`: nothing of the run is left, and the journal goes; else the watchdog tries once more. */
  close(undone: boolean): Promise<void>;
}

export interface SafetyNetOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly plan: Pick<RunPlan, "name" | "file" | "services" | "proxies" | "toxiproxyUrl">;
  /** The watchdog died; the run may go on, but nobody would undo it after a SIGKILL. */
  readonly onLost: (reason: string) => void;
}

/**
 * Starts the watchdog and enters the run into the state folder. Call before the first side effect.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE
 */
export async function openSafetyNet({ env, plan, onLost }: SafetyNetOptions): Promise<SafetyNet> {
  const stateFolder = openStateFolder(env);
  const runId = newRunId();
  // First, so that at no moment there is a journal without somebody to read it.
  const watchdog = new Watchdog(stateFolder, journalPath(stateFolder, runId), onLost);
  const journal = await claimRun(stateFolder, plan, runId).catch(async (error) => {
    await watchdog.dismiss();
    throw error;
  });
  return {
    runId,
    journal,
    armed: watchdog.ready,
    async close(undone) {
      if (undone) {
        journal.remove();
        await watchdog.dismiss();
      } else {
        journal.leave();
        watchdog.handOver();
      }
    },
  };
}
