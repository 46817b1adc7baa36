import { hasCode, messageOf } from "../support/errors.js";
import { findJsonError } from "./json-error.js";
import { Source } from "./source.js";

export type Rows = readonly Readonly<Record<string, string>>[];

/** A data file that holds no rows; the message goes on after the file's name: "has no rows". */
export class FeedProblem extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}

/** The rows of a CSV or JSON file; at least one. Throws FeedProblem. */
export async function readRows(text: string, kind: "csv" | "json"): Promise<Rows> {
  const rows = await (kind === "json" ? jsonRows(text) : csvRows(text));
  if (rows.length > 0) return rows;
  throw new FeedProblem("has no rows", kind === "json" ? JSON_HELP : CSV_HELP);
}

const CSV_HELP = "A CSV file has a header line with the names of its columns, and at least one row below it.";
const JSON_HELP = 'A JSON file has a list with at least one map, such as [{ "user": "ann" }].';

const CSV_REMEDIES: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS:
    'Each row has as many values as the header line has names; a value with a comma in it stands in quotes ("…").',
  CSV_QUOTE_NOT_CLOSED: 'A value that begins with " ends with ", and a " inside it is doubled.',
  CSV_INVALID_CLOSING_QUOTE: 'A value that begins with " ends with ", and a " inside it is doubled.',
  INVALID_OPENING_QUOTE: 'A value with a " in it stands in quotes as a whole, and the " inside is doubled.',
};

async function csvRows(text: string): Promise<Rows> {
  const { parse } = await import("csv-parse/sync");
  let header: readonly string[] = [];
  const columns = (names: string[]) => {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new FeedProblem(`has two columns called "${twice}"`, CSV_HELP);
    header = names;
    return names;
  };
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (error instanceof FeedProblem) throw error;
    const remedy = Object.keys(CSV_REMEDIES).find((code) => hasCode(error, code)) ?? "";
    throw new FeedProblem(`is not CSV: ${messageOf(error)}`, CSV_REMEDIES[remedy] ?? CSV_HELP);
  }
  if (header.length > 0 && header.every((name) => name === "")) {
    throw new FeedProblem("names no columns in its first line", CSV_HELP);
  }
  return rows;
}

async function jsonRows(text: string): Promise<Rows> {
  const { parse, stringify } = await import("lossless-json");
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) throw new FeedProblem("is not a JSON list of maps", JSON_HELP);
  const strange = parsed.findIndex((row) => row === null || typeof row !== "object" || Array.isArray(row));
  if (strange >= 0) {
    throw new FeedProblem(`has a row ${strange + 1} that is not a map of names to values`, JSON_HELP);
  }
  // Numbers as they stand in the file, also those that no double holds.
  const rows = parse(text, null, { onDuplicateKey: ({ newValue }) => newValue }) as Record<string, unknown>[];
  const asText = (value: unknown) => (typeof value === "string" ? value : stringify(value)!);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asText(value)])),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, expected } = findJsonError(text);
    const { line, column } = new Source("", text, ".").position(offset);
    // A letter of two UTF-16 units is shown whole.
    const [sign] = [...text.slice(offset, offset + 2)];
    const found = sign === undefined ? "but the file ends there" : `found \`${sign}\``;
    const help = expected.startsWith("a name") && sign === "'" ? "JSON's quotes are double ones." : JSON_HELP;
    const message = `is not JSON: line ${line}, column ${column}: expected ${expected}, ${found}`;
    throw new FeedProblem(message, help);
  }
}
