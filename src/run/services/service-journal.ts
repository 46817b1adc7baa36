import type { ServiceSpec } from "../../plan/run-plan.js";
import type { Address } from "../../support/address.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import type { ProcessId } from "../../support/processes/process-table.js";

/** Is told before and after each start, so that another process can end the services when this one no longer can. */
export interface ServiceJournal {
  /** `address`: where the service is to listen on this machine. */
  serviceStarting(name: string, address: Address | null): void;
  serviceStarted(name: string, group: ProcessGroup, stopGraceMs: number): void;
  /** `daemons`: its processes that have left its session and its group. */
  serviceReady(name: string, daemons: readonly ProcessId[]): void;
  /** Its first process has ended. These processes have not. */
  serviceOutlived(name: string, processes: readonly ProcessId[]): void;
  /** From now on its `cleanup` has to be run, once all its processes have ended. */
  cleanupNeeded(service: ServiceSpec, inherits: readonly string[] | null): void;
  cleanupDone(service: string): void;
}
