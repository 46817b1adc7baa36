import type { Complaint } from "../../notation/complaint.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { literalText } from "../template-text.js";
import type { AuthInput } from "./auth-schema.js";

/** Headers beside `auth`, and what is known of keys there. */
export interface BesideAuth {
  readonly headers: ValidParts<Readonly<Record<string, string>>>;
  has(...path: readonly string[]): boolean;
  isUnclear(...path: readonly string[]): boolean;
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
  return complaints;
}
