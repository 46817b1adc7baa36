import type { FeedRows } from "../../../requests/request-said.js";
import { FeedReader } from "../../feeds/feed-reader.js";
import type { CheckContext } from "../context.js";

/** The rows of a data feed. @returns null when they are not known. */
export function rowsOf(context: CheckContext, feed: string): FeedRows | null {
  const table = context.files.feeds.find(({ name }) => name === feed)?.table;
  if (!table) return null;
  const reader = new FeedReader(table);
  const { columns, rowCount } = table;
  return { columns, rowCount, value: (row, column) => reader.value(row, column) };
}
