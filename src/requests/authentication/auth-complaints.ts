import type { Complaint } from "../../notation/complaint.js";
import {
  parseReference,
  parseTemplate,
  type Reference,
  ReferenceProblem,
  TemplateError,
} from "../../notation/template.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import type { FeedRows } from "../request-said.js";
import { literalText } from "../template-text.js";
import type { AuthInput } from "./auth-schema.js";

/** Headers beside `auth`, and what is known of keys there. */
export interface BesideAuth {
  readonly headers: ValidParts<Readonly<Record<string, string>>>;
  has(...path: readonly string[]): boolean;
  isUnclear(...path: readonly string[]): boolean;
  /** The rows of a data feed. @returns null when they are not known. */
  rowsOf(feed: string): FeedRows | null;
}

/** What is wrong with `auth` of a request or of the load. Paths begin where it stands. */
export function authComplaints(
  auth: ValidParts<AuthInput> | undefined,
  beside: BesideAuth,
): readonly Complaint[] {
  if (!beside.has("auth")) return [];
  const complaints: Complaint[] = [];
  const own = Object.keys(beside.headers).find((name) => name.toLowerCase() === "authorization");
  if (own !== undefined) {
    const message = `\`${own}\` is set by \`auth\``;
    complaints.push({
      code: "conflict",
      path: ["headers", own],
      at: "key",
      message,
      help: "Leave one of them out.",
    });
  }
  if (auth === "none" || auth === undefined) return complaints;
  const given = ["basic", "digest"].filter((key) => beside.has("auth", key));
  if (given.length !== 1 && !beside.isUnclear("auth")) {
    const message = "`auth` has either `basic` or `digest`";
    complaints.push({ code: "conflict", path: ["auth"], at: "key", message });
  }
  if (literalText(auth.basic?.username ?? "").includes(":")) {
    const message = "with `basic` no user's name has a colon: what follows would be the password";
    complaints.push({ code: "wrong-value", path: ["auth", "basic", "username"], at: "value", message });
  }
  return [...complaints, ...rowComplaints(auth.basic?.username ?? "", beside)];
}

/** The first row of a feed that brings a name with a colon. */
function rowComplaints(username: string, { rowsOf }: BesideAuth): readonly Complaint[] {
  return referencesIn(username).flatMap((reference): readonly Complaint[] => {
    if (reference.kind !== "data") return [];
    const { feed, column } = reference;
    const rows = rowsOf(feed);
    const index = rows?.columns.indexOf(column) ?? -1;
    if (rows === null || index < 0) return [];
    for (let row = 0; row < rows.rowCount; row += 1) {
      if (!rows.value(row, index)?.includes(":")) continue;
      const message = `row ${row + 1} of the data feed \`${feed}\`: its \`${column}\` has a colon, and with \`basic\` what follows would be the password`;
      return [{ code: "wrong-value", path: ["auth", "basic", "username"], at: "value", message }];
    }
    return [];
  });
}

/** [] when the template already has a complaint. */
function referencesIn(template: string): readonly Reference[] {
  try {
    return parseTemplate(template).flatMap((part) =>
      part.kind === "slot" ? [parseReference(part.expression)] : [],
    );
  } catch (error) {
    if (error instanceof TemplateError || error instanceof ReferenceProblem) return [];
    throw error;
  }
}
