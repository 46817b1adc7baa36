import { hasSlots, literalText } from "../template-text.js";
import type { AuthInput } from "./auth-schema.js";
import type { NameAndPassword } from "./name-and-password.js";

const NAME = "Authorization";

export interface PlannedAuth {
  /** Where it is the same in all requests. */
  readonly headers: Readonly<Record<string, string>>;
  readonly planned: { readonly basic?: NameAndPassword; readonly digest?: NameAndPassword };
}

/**
 * @param own headers of the request itself: what it says of its sender there is meant.
 * @returns null when nothing is to be added.
 */
export function planAuth(
  auth: AuthInput | undefined,
  own: Readonly<Record<string, string>>,
): PlannedAuth | null {
  if (auth === undefined || auth === "none") return null;
  if (Object.keys(own).some((name) => name.toLowerCase() === NAME.toLowerCase())) return null;
  const { basic, digest } = auth;
  if (digest !== undefined) return { headers: {}, planned: { digest } };
  if (basic === undefined) return null;
  const { username, password } = basic;
  if (hasSlots(username) || hasSlots(password)) return { headers: {}, planned: { basic } };
  return { headers: { [NAME]: basicValue(literalText(username), literalText(password)) }, planned: {} };
}

/** RFC 7617, in UTF-8. */
export function basicValue(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
