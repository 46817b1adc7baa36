import { findJsonMistake } from "../text/json-mistake.js";
import { Source } from "../text/source.js";
import { packRows } from "./feed-packer.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedTable } from "./feed-table.js";

const HELP = 'A JSON file has a list with at least one map, such as [{ "user": "ann" }].';

/**
 * Reads the rows of a JSON file.
 * @param mayQuote whether messages may show parts of the file.
 * @throws FeedProblem, TooManyValues.
 */
export async function readJsonRows(text: string, mayQuote: boolean): Promise<FeedTable> {
  const { parse, stringify } = await import("lossless-json");
  const parsed = parseJson(text, mayQuote);
  if (!Array.isArray(parsed)) throw new FeedProblem("is not a JSON list of maps", HELP);
  if (parsed.length === 0) throw new FeedProblem("has no rows", HELP);
  const strange = parsed.findIndex((row) => row === null || typeof row !== "object" || Array.isArray(row));
  if (strange >= 0) {
    throw new FeedProblem(`has a row ${strange + 1} that is not a map of names to values`, HELP);
  }
  // Numbers as the file has them, also those that no double holds. The shape was checked above.
  const rows = parse(text, null, { onDuplicateKey: ({ newValue }) => newValue }) as Record<string, unknown>[];
  const asText = (value: unknown) => (typeof value === "string" ? value : stringify(value)!);
  return packRows(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asText(value)]))),
  );
}

function parseJson(text: string, mayQuote: boolean): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, expected, isName } = findJsonMistake(text);
    const { line, column } = new Source("", text, ".").position(offset);
    // A letter of two UTF-16 units is shown whole.
    const [sign] = [...text.slice(offset, offset + 2)];
    const shown = mayQuote ? `, found \`${sign}\`` : "";
    const found = sign === undefined ? ", but the file ends there" : shown;
    const help = isName && sign === "'" ? "JSON's quotes are double ones." : HELP;
    throw new FeedProblem(`is not JSON: line ${line}, column ${column}: expected ${expected}${found}`, help);
  }
}
