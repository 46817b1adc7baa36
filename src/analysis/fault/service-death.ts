import type { RunRecord } from "../../measure/record.js";
import type { Reason } from "../document/report.js";
import { reason } from "../reasons/reasons.js";
import { crashLine } from "./crash-line.js";
import { faultAtEnd } from "./fault-at-end.js";

export interface ServiceDeath {
  /** The fault in place when the service died, or the last one before that. */
  readonly fault: string;
  /** What died, when, and what it printed about it. */
  readonly because: Reason;
}

/**
 * A service that ended by itself after a fault was injected. The run was made to find that: it is no failure of the
 * environment. @returns null when no service died.
 */
export function serviceDeath({ ending, faults, services }: RunRecord): ServiceDeath | null {
  if (ending.kind !== "failed" || ending.code !== "SERVICE_FAILED") return null;
  const fault = faultAtEnd(faults, ending.atS);
  if (fault === null) return null;
  const died = firstToDie(services);
  const said = died ? crashLine(died.outputTail) : null;
  const { intoS } = fault;
  const facts = { service: died?.name ?? null, exit: died?.exit ?? null, intoS, said };
  return { fault: fault.name, because: reason("service_died", facts) };
}

/** A service that the run stopped has no exit of its own. With several exits, the first death ended the others. */
function firstToDie(services: RunRecord["services"]): RunRecord["services"][number] | undefined {
  const dead = services.filter(({ exit }) => exit !== null);
  return dead.toSorted((a, b) => (a.exitAtS ?? 0) - (b.exitAtS ?? 0))[0];
}
