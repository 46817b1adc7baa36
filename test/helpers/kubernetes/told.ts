import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { DriverContext } from "../../../src/faults/fault-driver.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import type { ClusterTerms } from "../../../src/kubernetes/terms.js";
import { driverContext } from "../driver-context.js";
import type { ApiDouble } from "./api-double.js";

/** What a driver that acts in a cluster tells its run. */
export interface Told {
  readonly journal: UndoEntry[];
  readonly events: string[];
  /** For `prepare`, in the cluster of the double. */
  context(actions: readonly FaultAction[], changes?: Partial<DriverContext>): DriverContext;
}

export function toldBy(driver: string, double: ApiDouble, cluster: ClusterTerms): Told {
  const journal: UndoEntry[] = [];
  const events: string[] = [];
  return {
    journal,
    events,
    context: (actions, changes) =>
      driverContext({
        actions,
        cluster,
        env: double.env,
        journal: { undoable: (entry) => void journal.push({ driver, ...entry }) },
        onEvent: (text) => void events.push(text),
        ...changes,
      }),
  };
}
