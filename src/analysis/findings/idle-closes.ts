import { CLOSED_IDLE } from "../../measure/outcome.js";
import type { Reason } from "../document/report.js";
import { reason } from "../reasons/reasons.js";

/**
 * Requests that went out on connections which the service was just closing. @returns null when there were none.
 * @param reasons counts of failures. The key is a name of this kind of failure, and stays what it is.
 */
export function idleCloses(reasons: Readonly<Record<string, number>>): Reason | null {
  const requests = reasons[CLOSED_IDLE] ?? 0;
  return requests === 0 ? null : reason("closed_idle", { requests });
}
