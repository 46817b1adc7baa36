import type { LoadInput } from "./load.js";

/**
 * Splits a target into origin and path. When there are requests, the path comes before theirs; else the path is the
 * request.
 */
export function splitTarget({
  target,
  requests,
  journeys,
}: Pick<LoadInput, "target" | "requests" | "journeys">): {
  readonly base: string;
  readonly requestPath: string;
} {
  // Not parsed as a URL: its port may still be a placeholder.
  const [, origin = target, path = "", query = ""] =
    /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)(\?[^#]*)?/.exec(target) ?? [];
  const base = origin.replace(/^[a-z][a-z0-9+.-]*(?=:)/i, (scheme) => scheme.toLowerCase());
  if (requests || journeys) return { base: base + path.replace(/\/+$/, ""), requestPath: "/" };
  return { base, requestPath: `${path === "" ? "/" : path}${query}` };
}
