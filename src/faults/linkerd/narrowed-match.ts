/** What a rule of an HTTPRoute matches, for fewer requests. Pure. */

import { type ClusterJson, fieldAt, listAt, textAt } from "../../kubernetes/objects.js";

/** A rule of an HTTPRoute, or a match of one. */
export type RouteJson = { readonly [key: string]: ClusterJson };

/** Which requests are meant, of those that a rule takes. */
export interface Narrowing {
  /** This path, and what is below it. null: any. */
  readonly path: string | null;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export type NarrowedMatch =
  | {
      readonly id: "narrowed";
      readonly match: RouteJson;
      /** What was added, in a form that can be compared. Which of two matches wins depends on what they have. */
      readonly added: string;
    }
  /** It takes no request that is meant. */
  | { readonly id: "apart" }
  /** A regular expression stands where something would have to be added. */
  | { readonly id: "unclear"; readonly expression: string };

export function narrowedMatch(match: RouteJson, { path, headers }: Narrowing): NarrowedMatch {
  const place = path === null ? null : narrowedPath(match, path);
  if (place === "apart") return { id: "apart" };
  if (place !== null && "expression" in place) return { id: "unclear", ...place };
  const there = listAt(match, "headers") as readonly RouteJson[];
  const fresh: RouteJson[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const same = there.find((header) => textAt(header, "name")?.toLowerCase() === name);
    if (same === undefined) fresh.push({ name, value, type: "Exact" });
    else if (textAt(same, "type") === "RegularExpression")
      return { id: "unclear", expression: textAt(same, "value") ?? "" };
    else if (textAt(same, "value") !== value) return { id: "apart" };
  }
  return {
    id: "narrowed",
    match: {
      ...match,
      ...(place === null || place.isOwn ? {} : { path: { type: "PathPrefix", value: place.value } }),
      ...(fresh.length === 0 ? {} : { headers: [...there, ...fresh] }),
    },
    added: JSON.stringify([place === null || place.isOwn, fresh.map(({ name }) => name ?? "")]),
  };
}

/** `isOwn`: all that the match takes is below the path already. */
function narrowedPath(
  match: RouteJson,
  path: string,
): { readonly isOwn: boolean; readonly value: string } | { readonly expression: string } | "apart" {
  const type = textAt(match, "path", "type") ?? "PathPrefix";
  const value = textAt(match, "path", "value") ?? "/";
  if (type === "RegularExpression") return { expression: value };
  if (isBelow(value, path)) return { isOwn: fieldAt(match, ["path"]) !== undefined, value };
  return type === "PathPrefix" && isBelow(path, value) ? { isOwn: false, value: path } : "apart";
}

/** Whole segments: /charges/1 is below /charges, and /charges2 is not. */
function isBelow(path: string, above: string): boolean {
  const base = above.replace(/\/+$/, "");
  return path === above || path === base || path.startsWith(`${base}/`);
}
