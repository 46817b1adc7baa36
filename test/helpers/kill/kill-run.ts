import { processTable } from "../../../src/support/processes/process-table.js";
import type { Started } from "../faultline.js";

/** Kills a run whose fault is in place, and its watchdog before it where that is asked for. Resolves when the run is gone. */
export async function killRun(
  { child, finished }: Started,
  { withWatchdog }: { readonly withWatchdog: boolean },
): Promise<void> {
  const watchdogs = processTable.rows().filter(({ parent, session, pid }) => {
    return parent === child.pid && session === pid && processTable.markerOf(pid) === "";
  });
  if (watchdogs.length !== 1) throw new Error(`a run has one watchdog, and here are ${watchdogs.length}`);
  if (withWatchdog) for (const { pid } of watchdogs) process.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
  await finished;
}
