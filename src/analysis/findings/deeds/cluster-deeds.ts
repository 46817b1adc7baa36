/** What was done in a cluster, in the words of who did it. */

import { KUBERNETES } from "../../../faults/cluster/kubernetes-action.js";
import { kubernetesEvidence, tellKubernetes } from "../../../faults/cluster/kubernetes-evidence.js";
import type { TargetProof } from "../../../faults/proof.js";
import { sentence } from "../../wording/wording.js";
import { type Told, told } from "../finding.js";

/** @returns null when the fault did nothing there. */
export function clusterDeedsTold(targets: readonly TargetProof[]): Told | null {
  const seen = targets.flatMap(({ driver, target, evidence }) => {
    const known = driver === KUBERNETES ? kubernetesEvidence(evidence) : null;
    return known === null ? [] : [{ target, ...known }];
  });
  if (seen.length === 0) return null;
  const text = seen.map(({ target, ...evidence }) => `${target} ${tellKubernetes(evidence)}`).join("; ");
  return told(sentence(text.charAt(0).toUpperCase() + text.slice(1)), { objects: seen });
}
