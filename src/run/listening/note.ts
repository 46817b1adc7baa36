/** What somebody saw, for the timeline. */
export interface Note {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly text: string;
}

/** More is no note. In UTF-8 its line is still written in one piece. */
export const LONGEST_NOTE = 1_000;

/** @returns null when the line is none. */
export function parseNote(line: string): Note | null {
  try {
    const note: unknown = JSON.parse(line);
    return isNote(note) ? { by: note.by, at: note.at, text: note.text.slice(0, LONGEST_NOTE) } : null;
  } catch {
    return null;
  }
}

function isNote(value: unknown): value is Note {
  if (typeof value !== "object" || value === null) return false;
  const note = { by: null, at: null, text: null, ...value };
  return [note.by, note.at, note.text].every((part) => typeof part === "string");
}

/** "alice: queue grows" */
export function noteText({ by, text }: Note): string {
  return `${by}: ${text}`;
}
