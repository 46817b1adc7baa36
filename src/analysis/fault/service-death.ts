import type { RunRecord } from "../../measure/record.js";
import { sentence } from "../wording/wording.js";
import { crashLine } from "./crash-line.js";
import { faultAtEnd } from "./fault-at-end.js";

export interface ServiceDeath {
  /** In place when it died, or the last one that was. */
  readonly fault: string;
  /** What died, when, and what it said to that. */
  readonly reason: string;
}

/**
 * A service that ended by itself after a fault was injected: what the run was made to find, not a failure of the
 * environment. null: none did.
 */
export function serviceDeath({ ending, faults, services }: RunRecord): ServiceDeath | null {
  if (ending.kind !== "failed" || ending.code !== "SERVICE_FAILED") return null;
  const fault = faultAtEnd(faults, ending.atS);
  if (fault === null) return null;
  const when = fault.into === null ? "in the recovery from it" : `${fault.into} into it`;
  // One that was stopped by the run has no exit of its own. The first of several took the others with it.
  const died = services.find(({ exit }) => exit !== null);
  const what = died ? `Service "${died.name}" ${died.exit}` : "A service ended by itself";
  const line = died ? crashLine(died.outputTail) : null;
  const quote = line === null ? "" : ` It said "${line}".`;
  return { fault: fault.name, reason: `${sentence(`${what}, ${when}`)}${quote}` };
}
