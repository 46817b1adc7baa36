import type { Complaint } from "../../notation/complaint.js";
import {
  parseReference,
  parseTemplate,
  type Reference,
  ReferenceProblem,
  TemplateError,
} from "../../notation/template.js";
import { readPath } from "../../notation/url-reference.js";
import type { FeedRows, RequestSaid } from "../request-said.js";

/** What is wrong with a path that a value brings, as a whole or in part. */
export function pathComplaints(template: string, said: RequestSaid): readonly Complaint[] {
  const references = referencesIn(template);
  const [first = null] = references;
  if (first !== null && first.kind !== "data" && first.kind !== "capture") {
    const message = "a path begins with /, or with a captured or fed value";
    return [{ code: "wrong-value", path: ["path"], at: "value", message, help: `Write /${template}.` }];
  }
  const ofRows = first?.kind === "data" ? rowComplaints(first, said) : [];
  const bringsQuery = first !== null || references.some((reference) => isPathValue(reference));
  if (!bringsQuery || !said.has("query")) return ofRows;
  const message = "whether this path has a query already is known only when it runs";
  const help =
    'Write the parameters into the path: "…&page=2" behind one that has a query, "…?page=2" behind one that has not.';
  return [...ofRows, { code: "conflict", path: ["query"], at: "key", message, help }];
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
function rowComplaints(
  { feed, column }: Extract<Reference, { kind: "data" }>,
  said: RequestSaid,
): readonly Complaint[] {
  const rows = said.rowsOf(feed);
  const index = rows?.columns.indexOf(column) ?? -1;
  const wrong = rows && index >= 0 ? firstWithoutPath(rows, index, said.target) : null;
  if (wrong === null) return [];
  const message = `row ${wrong.row + 1} of the data feed \`${feed}\`: its \`${column}\` ${wrong.problem}`;
  const help = `For a part of a path write "/\${data.${feed}.${column} | path}", or without "| path" to have it encoded.`;
  return [{ code: "wrong-value", path: ["path"], at: "value", message, help }];
}

function firstWithoutPath(rows: FeedRows, column: number, target: string | null) {
  for (let row = 0; row < rows.rowCount; row += 1) {
    const reading = readPath(rows.value(row, column) ?? "", target);
    if (!reading.ok) return { row, problem: reading.problem };
  }
  return null;
}
