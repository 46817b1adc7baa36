/** What was done to containers and Swarm services, by the word of their engine. */

import { dockerEvidenceOf, tellDocker } from "../../../faults/kinds/docker/evidence.js";
import type { TargetProof } from "../../../faults/proof.js";
import { sentence } from "../../wording/wording.js";
import { type Told, told } from "../finding.js";

/** @returns null when the fault did nothing to a container. */
export function containersTold(targets: readonly TargetProof[]): Told | null {
  const seen = targets.flatMap((each) => {
    const evidence = dockerEvidenceOf(each);
    return evidence === null ? [] : [{ container: each.target, ...evidence }];
  });
  if (seen.length === 0) return null;
  const text = seen.map(({ container, ...evidence }) => `${container} ${tellDocker(evidence)}`).join("; ");
  return told(sentence(text), { containers: seen });
}
