import { didYouMean } from "../did-you-mean.js";
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
    const columns = Object.keys(rows[lacking] ?? {});
    const which = lacking === 0 ? "" : ` in its row ${lacking + 1}`;
    diagnostics.error(
      "unknown-name",
      span,
      `the data feed \`${feed}\` has no column \`${column}\`${which}${didYouMean(column, columns)}`,
      `Its columns: ${columns.slice(0, 20).join(", ")}.`,
    );
  }
}
