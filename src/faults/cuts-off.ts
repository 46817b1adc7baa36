import type { FaultAction } from "./fault-action.js";
import { FAULT_KINDS } from "./kinds/index.js";

/** Whether an action keeps whole requests from what stands behind the proxy. */
export function cutsRequestsOff({ kind }: FaultAction): boolean {
  return FAULT_KINDS.find(({ name }) => name === kind)?.cutsOff ?? false;
}
