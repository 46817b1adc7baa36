import type { RunPlan } from "../../plan/run-plan.js";
import { type Journal, journalPath } from "./journal.js";
import { LEASE_MS, Lease } from "./lease.js";
import { claimRun, newRunId } from "./run-lock.js";
import { openStateFolder } from "./state-folder.js";
import { Watchdog } from "./watchdog.js";

export interface SafetyNet {
  readonly runId: string;
  readonly journal: Journal;
  /** Resolves when the watchdog is able to act. Await it before the first injection. Rejects with STATE_UNUSABLE. */
  readonly armed: Promise<void>;
  /** Reports a standstill that this process has not noticed yet. Call it before a measurement is taken as whole. */
  checkStandstill(): void;
  /** Resolves when the watchdog is not touching the faults. Await it before they are cleaned up. */
  idle(): Promise<void>;
  /**
   * Call it last. `undone`: nothing of the run is left, and the journal goes. Otherwise the watchdog tries once more.
   */
  close(undone: boolean): Promise<void>;
}

export interface SafetyNetOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly plan: Pick<
    RunPlan,
    "name" | "file" | "services" | "proxies" | "toxiproxyUrl" | "steps" | "docker"
  > & { readonly reportFolder?: string | null };
  /** Drivers of faults that the run uses. */
  readonly drivers: readonly string[];
  /** The watchdog died. The run may go on, but after a SIGKILL nobody would undo it. */
  readonly onLost: (reason: string) => void;
  /** The run stood still for so long that its faults were taken out, or may have been. Called at least once. */
  readonly onStandstill: (reason: string) => void;
}

/**
 * Starts the watchdog and enters the run into the state folder. Call it before the first side effect.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE.
 */
export async function openSafetyNet({
  env,
  plan,
  drivers,
  onLost,
  onStandstill,
}: SafetyNetOptions): Promise<SafetyNet> {
  const stateFolder = openStateFolder(env);
  const runId = newRunId();
  // First, so that there is never a journal without somebody to read it.
  const charge = { stateFolder, journalPath: journalPath(stateFolder, runId), drivers };
  const watchdog = new Watchdog(charge, {
    onLost,
    onLapse: () => onStandstill("no sign of life for too long: the watchdog has taken the faults out"),
  });
  const lease = new Lease({
    beat: () => watchdog.beat(),
    onStandstill: (ms) =>
      onStandstill(
        `the run stood still for ${Math.round(ms / 1000)} s (it was stopped or frozen, or the machine slept); after ${LEASE_MS / 1000} s its faults are taken out`,
      ),
  });
  const journal = await claimRun(stateFolder, plan, runId, env).catch(async (error) => {
    lease.end();
    await watchdog.dismiss();
    throw error;
  });
  return {
    runId,
    journal,
    armed: watchdog.ready,
    checkStandstill: () => lease.check(),
    idle: () => watchdog.idle(),
    async close(undone) {
      lease.end();
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
