/** What the proof of a fault on containers and services says of each. */

import { type DockerEvidence, tellDocker } from "../kinds/docker/evidence.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

/** `evidence` is that of the record: `deed` says what was done, and the rest what was seen of it. */
type OfContainer = { readonly name: string; readonly proven: boolean; readonly evidence: DockerEvidence };

export const proofNotes = {
  docker: noteKind<OfContainer>(
    {
      name: "shop-db-1",
      proven: true,
      evidence: { deed: "pause", loose: 0, looks: 12, unanswered: 0, isAnswered: true },
    },
    ({ name, evidence }) => `${name} ${tellDocker(evidence)}`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
