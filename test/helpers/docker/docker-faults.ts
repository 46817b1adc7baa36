import { loadDrivers } from "../../../src/faults/compose.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { DriverContext } from "../../../src/faults/fault-driver.js";
import { actionsOf, FAULT_KEYS } from "../../../src/faults/kinds/index.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { onTestFinished } from "../at-once.js";
import { driverContext } from "../driver-context.js";

/** The actions of a fault with this under `docker:`. */
export function dockerActions(input: object): readonly FaultAction[] {
  return actionsOf({ docker: FAULT_KEYS.docker.parse(input) }, {}, { stream: "downstream", toxicity: 1 });
}

export interface DockerFaults {
  readonly faults: Awaited<ReturnType<typeof loadDrivers>>;
  /** All that the driver wrote down. */
  readonly entries: UndoEntry[];
  /** All that it put on the timeline. */
  readonly events: string[];
}

/**
 * The driver, ready for these faults, on the engine of `host`. What it has done is undone with the test.
 * @throws as its preparation does.
 */
export async function dockerFaults(
  host: string,
  actions: readonly FaultAction[],
  changes: Partial<DriverContext> = {},
): Promise<DockerFaults> {
  const faults = await loadDrivers(["docker"]);
  onTestFinished(() => faults.close().catch(() => {}));
  const entries: UndoEntry[] = [];
  const events: string[] = [];
  await faults.prepare({
    ...driverContext(),
    actions,
    docker: { host, project: null },
    journal: { undoable: (entry) => void entries.push(entry) },
    onEvent: (text) => void events.push(text),
    ...changes,
  });
  await faults.servicesReady([]);
  return { faults, entries, events };
}
