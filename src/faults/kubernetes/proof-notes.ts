/** What the proof of a fault in a cluster says of each target. */

import { type KubernetesEvidence, tellKubernetes } from "../cluster/kubernetes-evidence.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

/** `evidence` is that of the record: `deed` says what was done, and the rest what was seen of it. */
type OfTarget = { readonly target: string; readonly proven: boolean; readonly evidence: KubernetesEvidence };

export const proofNotes = {
  cluster: noteKind<OfTarget>(
    {
      ...{ target: "deployment shop/cart", proven: true },
      evidence: { deed: "scale", found: 3, set: 0, now: 0, ready: 0, reachedAfterS: 1.2, autoscalers: [] },
    },
    ({ target, evidence }) => `${target} ${tellKubernetes(evidence)}`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
