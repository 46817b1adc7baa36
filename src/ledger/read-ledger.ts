import { FaultlineError, hasCode, messageOf } from "../support/errors.js";
import { readPieces } from "../support/read-regular-file.js";
import { LEDGER_FORMAT_VERSION, type LedgerLine, ledgerLineSchema } from "./ledger-line.js";

export interface PlacedLine {
  /** Line number in the file, from 1. */
  readonly number: number;
  readonly line: LedgerLine;
}

/** A line that this version cannot use. */
export interface SkippedLine {
  readonly number: number;
  readonly why: "broken" | "newer" | "too_long";
  /** What is wrong with it. For a newer line: its format. */
  readonly detail: string;
}

export interface Ledger {
  /** Each run once, oldest first. */
  readonly lines: readonly PlacedLine[];
  readonly skipped: readonly SkippedLine[];
}

const LARGEST_LEDGER_BYTES = 512_000_000;
/** A run with a hundred faults on twenty requests takes a tenth of this. */
const LONGEST_LINE_BYTES = 4_000_000;
const NEWLINE = 0x0a;

/**
 * Reads a ledger. A cut or damaged line costs only itself.
 * @returns null when there is no such file.
 * @throws FaultlineError FILE_UNREADABLE.
 */
export async function readLedger(path: string): Promise<Ledger | null> {
  const lines = new Map<string, PlacedLine>();
  const skipped: SkippedLine[] = [];
  let number = 0;
  try {
    for await (const bytes of linesOf(path)) {
      number += 1;
      if (bytes === null) {
        skipped.push({ number, why: "too_long", detail: `longer than ${LONGEST_LINE_BYTES / 1e6} MB` });
        continue;
      }
      const text = bytes.toString("utf8").trim();
      if (text === "") continue;
      const read = readLine(text);
      if (read.ok) lines.set(read.line.id, { number, line: read.line });
      else skipped.push({ number, ...read.skipped });
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw new FaultlineError("FILE_UNREADABLE", `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return { lines: [...lines.values()].sort(byTime), skipped };
}

function byTime(a: PlacedLine, b: PlacedLine): number {
  return Date.parse(a.line.startedAt) - Date.parse(b.line.startedAt) || a.number - b.number;
}

type ReadLine =
  | { readonly ok: true; readonly line: LedgerLine }
  | { readonly ok: false; readonly skipped: Omit<SkippedLine, "number"> };

function readLine(text: string): ReadLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, skipped: { why: "broken", detail: "it is not whole" } };
  }
  const version = typeof json === "object" && json !== null && "ledger" in json ? json.ledger : undefined;
  if (typeof version === "number" && version > LEDGER_FORMAT_VERSION) {
    return { ok: false, skipped: { why: "newer", detail: String(version) } };
  }
  const parsed = ledgerLineSchema.safeParse(json);
  if (parsed.success) return { ok: true, line: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  return {
    ok: false,
    skipped: { why: "broken", detail: [where, issue?.message].filter(Boolean).join(": ") },
  };
}

/** Yields null for a line that is too long to be one of ours. */
async function* linesOf(path: string): AsyncGenerator<Buffer | null> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Buffer | null => {
    const line = length > LONGEST_LINE_BYTES ? null : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  const add = (part: Buffer) => {
    length += part.length;
    // A line that is already too long need not be kept.
    if (length <= LONGEST_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  for await (const piece of readPieces(path, LARGEST_LEDGER_BYTES)) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      add(piece.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(piece.subarray(start));
  }
  if (length > 0) yield take();
}

/** This many left-out lines are named one by one. */
const MOST_TOLD = 3;

/** Which lines were left out and why, to follow "left out". @returns "" when none were. */
export function skippedText(skipped: readonly SkippedLine[], file: string): readonly string[] {
  const told = skipped.slice(0, MOST_TOLD).map(({ number, why, detail }) => {
    if (why === "newer") {
      return `${file}:${number}: it is of format ${detail}; this version of faultline reads up to ${LEDGER_FORMAT_VERSION}`;
    }
    return `${file}:${number}: ${detail}`;
  });
  const rest = skipped.length - told.length;
  return rest > 0 ? [...told, `${rest} more line${rest === 1 ? "" : "s"} of ${file}`] : told;
}
