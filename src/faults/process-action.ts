/** The actions of the driver "process": kinds make them, the driver carries them out on the processes of a service. */

import type { FaultAction } from "./fault-action.js";

export const PROCESS = "process";

/** One kind does its deed to all processes of a service: there is room for one. */
export const PROCESS_SLOT = ["processes"];
export const PROCESS_CLASH = "cannot both be done to the processes of the same service";

export function processAction(kind: string, target: string, spec: FaultAction["spec"]): FaultAction {
  return { kind, driver: PROCESS, target, spec };
}
