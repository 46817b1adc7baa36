/** What proofs say, as data: the id of each thing, its facts, and the text that is made of them. */

import type { Json } from "./fault-action.js";

/** Plain data, with units in the names. */
export interface NoteFacts {
  readonly [fact: string]: Json;
}

export interface ProofNote {
  /** What it is about. An id stays what it is. */
  readonly id: string;
  readonly facts: NoteFacts;
}

export interface ProofNoteKind<Facts extends NoteFacts> {
  /** An example, for docs/reasons.md. */
  readonly sample: Facts;
  /** Without a full stop: several stand behind each other. */
  text(facts: Facts): string;
}

/** A note with its text. */
export interface ToldNote extends ProofNote {
  readonly text: string;
}

export function noteKind<Facts extends NoteFacts>(
  sample: Facts,
  text: (facts: Facts) => string,
): ProofNoteKind<Facts> {
  return { sample, text };
}

/** Makes notes of a driver's kinds. */
export function notesOf<Kinds extends Readonly<Record<string, ProofNoteKind<NoteFacts>>>>(kinds: Kinds) {
  return <Id extends keyof Kinds & string>(id: Id, facts: Kinds[Id]["sample"] & NoteFacts): ToldNote => {
    const kind: ProofNoteKind<NoteFacts> | undefined = kinds[id];
    return { id, facts, text: kind?.text(facts) ?? "" };
  };
}

/** The part of a proof that says what was seen. */
export function saidBy(notes: readonly ToldNote[]): {
  readonly explanation: string;
  readonly because: readonly ProofNote[];
} {
  return {
    explanation: notes.map(({ text }) => text).join("; "),
    because: notes.map(({ id, facts }) => ({ id, facts })),
  };
}
