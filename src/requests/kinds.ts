import { CLUSTER_SCHEMES } from "../notation/cluster-target.js";
import { isMap } from "../quantities/valid-parts.js";
import { grpcRequests } from "./grpc/kind.js";
import { httpRequests } from "./http/kind.js";
import type { RequestKind, TargetScheme } from "./request-kind.js";
import { websocketRequests } from "./websocket/kind.js";

/** A request that says nothing of its own is of the first one. */
export const REQUEST_KINDS: readonly [RequestKind, ...RequestKind[]] = [
  httpRequests,
  grpcRequests,
  websocketRequests,
];

/** The kind that a request with these keys is of. */
export function requestKindWith(keys: readonly string[]): RequestKind {
  return REQUEST_KINDS.find(({ key }) => keys.includes(key)) ?? REQUEST_KINDS[0];
}

/**
 * The name of a request that has none of its own. @returns null when it is not known, because a part that makes the name
 * is missing.
 */
export function usualNameOf(request: Readonly<Record<string, unknown>>): string | null {
  return requestKindWith(Object.keys(request)).usualName((path) => {
    const value = path.reduce((inner: unknown, key) => (isMap(inner) ? inner[key] : undefined), request);
    return typeof value === "string" ? value : null;
  });
}

/** @throws Error when there is none: `name` comes from a plan, which was made from these kinds. */
export function requestKindNamed(name: string): RequestKind {
  const kind = REQUEST_KINDS.find((each) => each.name === name);
  if (!kind) throw new Error(`there are no requests of the kind "${name}"`);
  return kind;
}

/** All that a target can have, each once. */
export function targetSchemes(): readonly TargetScheme[] {
  const all = REQUEST_KINDS.flatMap(({ schemes }) => schemes.map((scheme) => [scheme.name, scheme] as const));
  return [...new Map(all).values()];
}

/**
 * What is spoken at a target in a cluster is said by its scheme, too.
 * @returns undefined when the target has no such scheme, or it is known only when it runs.
 */
export function schemeOf(target: string): TargetScheme | undefined {
  const name = /^([a-z][a-z0-9+.-]*):/i.exec(target)?.[1]?.toLowerCase() ?? "";
  const spoken = new Map<string, string>(Object.entries(CLUSTER_SCHEMES)).get(name) ?? name;
  return targetSchemes().find((scheme) => scheme.name === spoken);
}

/** The kinds that can be sent to a target. All of them when its scheme is not known. */
export function kindsFor(target: string): readonly RequestKind[] {
  const scheme = schemeOf(target);
  return scheme === undefined
    ? REQUEST_KINDS
    : REQUEST_KINDS.filter(({ schemes }) => schemes.some(({ name }) => name === scheme.name));
}

/** What is sent to a target where nothing says what to send. @returns null when somebody has to say it. */
export function usualRequest(target: string, path: string): Readonly<Record<string, unknown>> | null {
  for (const { ofTarget } of kindsFor(target)) if (ofTarget) return ofTarget(path);
  return null;
}
