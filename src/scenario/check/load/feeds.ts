import { didYouMean } from "../../diagnostics/did-you-mean.js";
import { FeedReader } from "../../feeds/feed-reader.js";
import type { Feed } from "../../read/named-files.js";
import type { CheckContext, LoadParts } from "../context.js";

/** Data feeds, and the slots that use them. */
export function checkFeeds(context: CheckContext, load: LoadParts): void {
  const { diagnostics } = context;
  for (const name of Object.keys(load.data ?? {})) {
    const at = ["load", "data", name];
    const [file, rows] = [context.has(...at, "file"), context.has(...at, "rows")];
    if ((file && rows) || (context.lacks(...at, "file") && context.lacks(...at, "rows"))) {
      diagnostics.error("conflict", context.key(...at), "a data feed has either `file` or `rows`");
    }
  }
  const declared = context.names("load", "data");
  for (const { reference, span } of context.deferred) {
    if (reference.kind !== "data") continue;
    const { feed, column } = reference;
    if (!declared.includes(feed)) {
      const help = "Declare it under load.data.";
      diagnostics.error("unknown-name", span, `no data feed \`${feed}\`${didYouMean(feed, declared)}`, help);
      continue;
    }
    const read = context.files.feeds.find(({ name }) => name === feed);
    if (!read) continue;
    const index = read.table.columns.indexOf(column);
    const reader = new FeedReader(read.table);
    const lacking = index < 0 ? 0 : reader.firstRowWithout(index);
    if (lacking === null) continue;
    const { message, help } = index < 0 ? noColumn(column, read) : lackingInRow(column, reader, lacking);
    diagnostics.error("unknown-name", span, `the data feed \`${feed}\` has no column ${message}`, help);
  }
  checkUse(context, declared);
}

/** When something is wrong, the unreadable part may be the slot that uses a feed. */
function checkUse(context: CheckContext, declared: readonly string[]): void {
  if (context.diagnostics.hasErrors) return;
  const used = context.deferred.flatMap(({ reference }) =>
    reference.kind === "data" ? [reference.feed] : [],
  );
  for (const name of declared) {
    if (used.includes(name)) continue;
    const help = `Put \${data.${name}.COLUMN} into a request's path, query, headers or body.`;
    const at = context.key("load", "data", name);
    context.diagnostics.warning("suspicious", at, `nothing uses the data feed \`${name}\``, help);
  }
}

/** What to say of a column that some rows have, but not the row of this index. */
function lackingInRow(column: string, reader: FeedReader, row: number) {
  return {
    message: `\`${column}\` in its row ${row + 1}`,
    help: `Every row needs it. Row ${row + 1} has: ${reader.columnsOf(row).join(", ")}.`,
  };
}

/** What to say of a column that no row has. */
function noColumn(column: string, { table: { columns }, mayQuote }: Feed) {
  const message = `\`${column}\``;
  // The first line of a file that is no data file may be a key, a password, or the name of a computer.
  if (!mayQuote || !columns.every((name) => HEADER_NAME.test(name))) {
    return { message, help: HIDDEN_HELP };
  }
  const [only = ""] = columns;
  const separator = columns.length === 1 ? SEPARATORS.find(([sign]) => only.includes(sign))?.[1] : undefined;
  if (separator !== undefined) {
    const help = `Its first line is one column, "${only}": columns are separated by commas, not by ${separator}.`;
    return { message, help };
  }
  const listed = columns.slice(0, 20).join(", ");
  return { message: `${message}${didYouMean(column, columns)}`, help: `Its columns: ${listed}.` };
}

/** What people call columns. */
const HEADER_NAME = /^[\p{L}\p{N}_ ./;|\t()#-]{1,200}$/u;
const HIDDEN_HELP =
  "Columns are named by a CSV file's first line, or by a JSON file's maps. Those of this file are not shown: it is not called .csv or .json, or what stands there looks like no names.";

/** What spreadsheets write instead of commas. */
const SEPARATORS = [
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "bars"],
] as const;
