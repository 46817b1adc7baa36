import { didYouMean } from "../did-you-mean.js";
import type { Rows } from "../feed-rows.js";
import type { CheckContext } from "./context.js";
import type { SoundLoad } from "./load.js";

/** Data feeds, and the slots that use them. */
export function checkFeeds(context: CheckContext, load: SoundLoad): void {
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
    const rows = context.files.feeds.find(({ name }) => name === feed)?.rows;
    if (!rows) continue;
    const lacking = rows.findIndex((row) => !Object.hasOwn(row, column));
    if (lacking < 0) continue;
    const { message, help } = lackingColumn(column, rows, lacking);
    diagnostics.error("unknown-name", span, `the data feed \`${feed}\` has no column ${message}`, help);
  }
  checkUse(context, declared);
}

/** Where something is wrong, the slot that uses a feed may be what could not be read. */
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

/** What to say of a column that the row of this index (and maybe all) has not. */
function lackingColumn(column: string, rows: Rows, lacking: number) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const listed = columns.slice(0, 20).join(", ");
  if (columns.includes(column)) {
    return {
      message: `\`${column}\` in its row ${lacking + 1}`,
      help: `Every row needs it. Row ${lacking + 1} has: ${Object.keys(rows[lacking] ?? {}).join(", ")}.`,
    };
  }
  const [only = ""] = columns;
  const separator = columns.length === 1 ? SEPARATORS.find(([sign]) => only.includes(sign))?.[1] : undefined;
  if (separator !== undefined) {
    const help = `Its first line is one column, "${only}": columns are separated by commas, not by ${separator}.`;
    return { message: `\`${column}\``, help };
  }
  return { message: `\`${column}\`${didYouMean(column, columns)}`, help: `Its columns: ${listed}.` };
}

/** What spreadsheets write instead of commas. */
const SEPARATORS = [
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "bars"],
] as const;
