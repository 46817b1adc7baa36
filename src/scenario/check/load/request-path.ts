import { FeedReader } from "../../feeds/feed-reader.js";
import type { Feed } from "../../read/named-files.js";
import type { TreePath } from "../../text/tree.js";
import {
  parseReference,
  parseTemplate,
  type Reference,
  ReferenceProblem,
  TemplateError,
} from "../../values/template.js";
import { readPath } from "../../values/url-reference.js";
import type { CheckContext } from "../context.js";

/** Checks a path that a value brings, as a whole or in part. `at` is the request's place. */
export function checkPath(context: CheckContext, template: string, at: TreePath): void {
  const references = referencesIn(template);
  const [first = null] = references;
  if (first !== null && first.kind !== "data" && first.kind !== "capture") {
    const message = "a path begins with /, or with a captured or fed value";
    context.diagnostics.error("wrong-value", context.at(...at, "path"), message, `Write /${template}.`);
    return;
  }
  if (first?.kind === "data") checkRows(context, first, at);
  const bringsQuery = first !== null || references.some((reference) => isPathValue(reference));
  if (!bringsQuery || !context.has(...at, "query")) return;
  const message = "whether this path has a query already is known only when it runs";
  const help =
    'Write the parameters into the path: "…&page=2" behind one that has a query, "…?page=2" behind one that has not.';
  context.diagnostics.error("conflict", context.key(...at, "query"), message, help);
}

/** The reference of each part, null for a text. [] when the template already has a complaint. */
function referencesIn(template: string): readonly (Reference | null)[] {
  try {
    return parseTemplate(template).map((part) =>
      part.kind === "slot" ? parseReference(part.expression) : null,
    );
  } catch (error) {
    if (error instanceof TemplateError || error instanceof ReferenceProblem) return [];
    throw error;
  }
}

function isPathValue(reference: Reference | null): boolean {
  return (reference?.kind === "data" || reference?.kind === "capture") && reference.isPath;
}

/** For rows that must be whole paths: the first that is none. */
function checkRows(
  context: CheckContext,
  { feed, column }: Extract<Reference, { kind: "data" }>,
  at: TreePath,
): void {
  const read = context.files.feeds.find(({ name }) => name === feed);
  const index = read?.table.columns.indexOf(column) ?? -1;
  if (!read || index < 0) return;
  const wrong = firstWithoutPath(read, index, targetOf(context));
  if (wrong === null) return;
  const message = `row ${wrong.row + 1} of the data feed \`${feed}\`: its \`${column}\` ${wrong.problem}`;
  const help = `For a part of a path write "/\${data.${feed}.${column} | path}", or without "| path" to have it encoded.`;
  context.diagnostics.error("wrong-value", context.at(...at, "path"), message, help);
}

function firstWithoutPath({ table }: Feed, column: number, target: string | null) {
  const reader = new FeedReader(table);
  for (let row = 0; row < table.rowCount; row += 1) {
    const reading = readPath(reader.value(row, column) ?? "", target);
    if (!reading.ok) return { row, problem: reading.problem };
  }
  return null;
}

/** null: it is known only when it runs, or it is no URL. */
function targetOf(context: CheckContext): string | null {
  const { target } = context.parts.valid.load ?? {};
  return target !== undefined && !target.includes("${") && URL.canParse(target) ? target : null;
}
