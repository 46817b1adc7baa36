/** What was done to the processes of services, in the words of who did it. */

import { PROCESS, processEvidence, tellEvidence } from "../../../faults/process-action.js";
import type { TargetProof } from "../../../faults/proof.js";
import { sentence } from "../../wording/wording.js";
import { type Told, told } from "../finding.js";

/** @returns null when the fault did nothing to a service. */
export function processesTold(targets: readonly TargetProof[]): Told | null {
  const seen = targets.flatMap(({ driver, target, evidence }) => {
    const known = driver === PROCESS ? processEvidence(evidence) : null;
    return known === null ? [] : [{ service: target, ...known }];
  });
  if (seen.length === 0) return null;
  const text = seen.map(({ service, ...evidence }) => `${service} ${tellEvidence(evidence)}`).join("; ");
  return told(sentence(text), { services: seen });
}
