import { wholeOrSize } from "../support/secrets/said.js";

/** What a value stands for that brings a path: its path with the query, or why there is none. */
export type PathReading =
  | { readonly ok: true; readonly path: string }
  /** The problem follows the value's name: "capture where is neither …". */
  | { readonly ok: false; readonly problem: string };

/** Of a scheme, a host and a port. A name has at most 253 characters. */
const LONGEST_SHOWN = 280;

/**
 * Reads a path that begins with "/", or a URL with the same scheme, host and port as `target`. With a `target` of null,
 * any http URL will do. A fragment (#…) is not part of a request and is taken off.
 */
export function readPath(value: string, target: string | null): PathReading {
  const text = value.trim().replace(/#.*$/s, "");
  // "//host/path" names another host, too.
  const [, authority, rest = ""] = /^((?:https?:)?\/\/[^/?#\\]*)(.*)$/is.exec(text) ?? [];
  if (authority === undefined) {
    if (text.startsWith("/")) return { ok: true, path: encodeStrange(text) };
    return { ok: false, problem: "is neither a path that begins with / nor a URL of the target" };
  }
  const origin = originOf(authority, target ?? "http://localhost");
  if (origin === null) return { ok: false, problem: "is no URL" };
  if (target !== null && origin !== new URL(target).origin) {
    return { ok: false, problem: `leads away from the target, to ${wholeOrSize(origin, LONGEST_SHOWN)}` };
  }
  return { ok: true, path: encodeStrange(rest.startsWith("/") ? rest : `/${rest}`) };
}

/** A path, or a part of one, as a request line may hold it. What is already encoded stays. */
export function encodeStrange(path: string): string {
  // Half of a surrogate pair, as cut texts have, is no character.
  return path
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[^\x21-\x7e]|["<>\\^`{|}#]/gu, encodeURIComponent);
}

function originOf(authority: string, base: string): string | null {
  try {
    return new URL(authority, base).origin;
  } catch {
    return null;
  }
}
