import { wholeOrSize } from "../../support/secrets/said.js";

/** found: a theory of what is broken. mitigated: the harm is said to be over. */
export type NoteKind = "note" | "found" | "mitigated";

const KINDS: readonly unknown[] = ["note", "found", "mitigated"] satisfies readonly NoteKind[];

/** What somebody saw, for the timeline. */
export interface Note {
  /** Absent: a plain note. */
  readonly kind?: NoteKind | undefined;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of a mitigation it may be empty. */
  readonly text: string;
}

/** A longer text is no note. In UTF-8 the line of such a note is still written in one piece. */
export const LONGEST_NOTE = 1_000;

/** @returns null when the line is no note. */
export function parseNote(line: string): Note | null {
  try {
    const note: unknown = JSON.parse(line);
    if (!isNote(note)) return null;
    const { kind, by, at, text } = note;
    return { ...(kind === undefined ? {} : { kind }), by, at, text: wholeOrSize(text, LONGEST_NOTE) };
  } catch {
    return null;
  }
}

function isNote(value: unknown): value is Note {
  if (typeof value !== "object" || value === null) return false;
  const note = { kind: undefined, by: null, at: null, text: null, ...value };
  if (note.kind !== undefined && !KINDS.includes(note.kind)) return false;
  return [note.by, note.at, note.text].every((part) => typeof part === "string");
}

/** "alice: queue grows", "alice found: redis is slow", "alice mitigated" */
export function noteText({ kind, by, text }: Note): string {
  const who = kind === undefined || kind === "note" ? by : `${by} ${kind}`;
  return text === "" ? who : `${who}: ${text}`;
}
