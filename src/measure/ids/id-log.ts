/**
 * The ids that a load has sent, and what became of each: one file for each load thread in the folder `ids` of a run.
 * The first line says what the others are about. Each other line is about one request, and is written when it has its
 * outcome: what became of it, the number of what its id is for, when it was due in ms since load began, how long it took
 * in ms, and the id, with tabs between.
 */

import type { NotedId } from "../../plan/load-plan.js";

/** acknowledged: the answer was as expected. refused: it said no, or nobody took the request. unknown: it may have been done or not. */
export const FATES = ["refused", "unknown", "acknowledged"] as const;
export type Fate = (typeof FATES)[number];

const LETTERS: Readonly<Record<Fate, string>> = { acknowledged: "a", refused: "r", unknown: "u" };

export const ID_LOG_FORMAT = "faultline-ids";
export const ID_LOG_VERSION = 1;

/** Where the files are, in a run's folder. */
export const ID_FOLDER = "ids";

export function idFileName(thread: number): string {
  return `thread-${thread + 1}.tsv`;
}

export function isIdFile(name: string): boolean {
  return /^thread-\d+\.tsv$/.test(name);
}

export function headLine(noted: readonly NotedId[]): string {
  return `${JSON.stringify({ format: ID_LOG_FORMAT, formatVersion: ID_LOG_VERSION, of: noted })}\n`;
}

/** `id`: "" when it is not known. */
export function idLine(fate: Fate, note: number, dueMs: number, tookMs: number, id: string): string {
  return `${LETTERS[fate]}\t${note}\t${dueMs}\t${tookMs}\t${escaped(id)}\n`;
}

export interface IdEntry {
  readonly fate: Fate;
  readonly note: number;
  readonly dueMs: number;
  readonly tookMs: number;
  readonly id: string;
}

/** @returns null for a line that is not whole. */
export function parseIdLine(line: string): IdEntry | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, letter = "", note, dueMs, tookMs, id = ""] = match;
  const fate = FATES.find((each) => LETTERS[each] === letter);
  if (fate === undefined) return null;
  return { fate, note: Number(note), dueMs: Number(dueMs), tookMs: Number(tookMs), id: unescaped(id) };
}

const LINE = /^([aru])\t(\d+)\t(-?\d+)\t(\d+)\t(.*)$/s;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they would end a line or a column
const SPECIAL = /[\u0000-\u001f\\]/;

function escaped(id: string): string {
  return SPECIAL.test(id) ? JSON.stringify(id).slice(1, -1).replaceAll('\\"', '"') : id;
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return String(JSON.parse(`"${text.replaceAll('"', '\\"')}"`));
  } catch {
    return text;
  }
}
