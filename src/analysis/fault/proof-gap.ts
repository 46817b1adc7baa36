import type { FaultRecord } from "../../measure/record.js";

/**
 * Why no SLO can be said to have held under the fault: it is in place, and whether the system's traffic met it was not
 * seen. A broken SLO is one all the same. null: it was seen.
 */
export function whyUnseen(proof: FaultRecord["proof"]): string | null {
  if (!proof?.proven || proof.strength === "observed") return null;
  return `It held, but it was not seen that the system's traffic met the fault: ${proof.explanation}.`;
}
