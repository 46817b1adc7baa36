import { isClusterTarget, splitClusterTarget } from "../../notation/cluster-target.js";
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
  const [origin, rest] = originOf(target);
  const [, path = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(rest) ?? [];
  const base = origin.replace(/^[a-z][a-z0-9+.-]*(?=:)/i, (scheme) => scheme.toLowerCase());
  if (requests || journeys) return { base: base + path.replace(/\/+$/, ""), requestPath: "/" };
  return { base, requestPath: `${path === "" ? "/" : path}${query}` };
}

/** A target in two parts, the second of which begins with its path. Not parsed as a URL: its port may still be a placeholder. */
function originOf(target: string): readonly [string, string] {
  if (isClusterTarget(target)) {
    const { base, rest } = splitClusterTarget(target) ?? { base: target, rest: "" };
    return [base, rest];
  }
  const [, origin = target, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)(.*)$/s.exec(target) ?? [];
  return [origin, rest];
}
