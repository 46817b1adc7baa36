import { pipeline } from "node:stream/promises";
import { hasCode } from "../../support/errors.js";
import { FeedPacker } from "./feed-packer.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedTable } from "./feed-table.js";

const HELP = "A CSV file has a header line with the names of its columns, and at least one row below it.";
const QUOTE_HELP = 'A value that begins with " ends with ", and a " inside it is doubled.';

/** What the parser refuses, in words that quote nothing of the file. */
const PROBLEMS: Readonly<Record<string, readonly [message: string, help: string]>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: [
    "has another number of values than the header line has names",
    'Each row has as many values as the header line has names; a value with a comma in it stands in quotes ("…").',
  ],
  CSV_QUOTE_NOT_CLOSED: ["is inside quotes that are never closed", QUOTE_HELP],
  CSV_INVALID_CLOSING_QUOTE: ["has something behind a closing quote", QUOTE_HELP],
  INVALID_OPENING_QUOTE: [
    "has a quote inside a value that does not begin with one",
    'A value with a " in it stands in quotes as a whole, and the " inside is doubled.',
  ],
};

/**
 * Reads the rows of a CSV file piece by piece.
 * @param mayQuote whether messages may show parts of the file.
 * @throws FeedProblem, TooManyValues; TypeError: it is not UTF-8.
 */
export async function readCsvRows(pieces: AsyncIterable<Buffer>, mayQuote: boolean): Promise<FeedTable> {
  const { parse } = await import("csv-parse");
  let packer: FeedPacker | null = null;
  const take = (values: string[]) => {
    if (packer === null) packer = new FeedPacker(headerOf(values, mayQuote));
    else packer.add(values);
    // Rows are kept here, and by nobody else.
    return null;
  };
  const parser = parse({ bom: true, skip_empty_lines: true, trim: true, on_record: take });
  try {
    await pipeline(checkUtf8(pieces), parser, async (records) => {
      for await (const _ of records);
    });
  } catch (error) {
    throw asFeedProblem(error);
  }
  // Assigned in a callback, which the compiler does not follow.
  const table = (packer as FeedPacker | null)?.pack();
  if (!table || table.rowCount === 0) throw new FeedProblem("has no rows", HELP);
  return table;
}

function headerOf(names: readonly string[], mayQuote: boolean): readonly string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new FeedProblem(`has two columns ${mayQuote ? `called "${twice}"` : "of one name"}`, HELP);
  }
  if (names.every((name) => name === "")) throw new FeedProblem("names no columns in its first line", HELP);
  return names;
}

/** @throws TypeError when the bytes are no UTF-8. */
async function* checkUtf8(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const piece of pieces) {
    decoder.decode(piece, { stream: true });
    yield piece;
  }
  decoder.decode();
}

function asFeedProblem(error: unknown): unknown {
  const known = Object.keys(PROBLEMS).find((code) => hasCode(error, code));
  if (known === undefined) return error;
  const [message, help] = PROBLEMS[known]!;
  const line = error instanceof Error && "lines" in error ? ` ${error.lines}` : "";
  return new FeedProblem(`is not CSV: line${line} ${message}`, help);
}
