/** What was seen of objects of a cluster, as a proof says it. */

import { KUBERNETES } from "../cluster/kubernetes-action.js";
import { type InjectionProof, noProof } from "../proof.js";
import { notesOf, saidBy } from "../proof-note.js";
import type { ClusterHoldProof } from "./hold.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

/** One action, at the end of the fault or of its stage. */
export interface SeenInCluster extends ClusterHoldProof {
  readonly target: string;
}

export function kubernetesProof(seen: readonly SeenInCluster[]): InjectionProof {
  if (seen.length === 0) return noProof("no injection");
  const missing = seen.filter(({ proven }) => !proven);
  const telling = missing.length > 0 ? missing : seen;
  const weakest = seen.some(({ strength }) => strength === "listed") ? "listed" : "observed";
  return {
    strength: missing.length > 0 ? "none" : weakest,
    proven: missing.length === 0,
    ...saidBy(telling.map(({ target, proven, evidence }) => note("cluster", { target, proven, evidence }))),
    isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle === true),
    targets: seen.map(({ target, evidence }) => ({ driver: KUBERNETES, target, evidence })),
  };
}
