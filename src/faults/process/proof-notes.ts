/** What the proof of a fault on a process says of each service. */

import { type ProcessEvidence, tellEvidence } from "../process-action.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

/** `evidence` is that of the record: `deed` says what was done, and the rest what was seen of it. */
type OfService = { readonly service: string; readonly proven: boolean; readonly evidence: ProcessEvidence };

export const proofNotes = {
  process: noteKind<OfService>(
    {
      ...{ service: "shop", proven: true },
      evidence: { deed: "pause", processes: 2, looks: 12, loose: 0 },
    },
    ({ service, evidence }) => `${service} ${tellEvidence(evidence)}`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
