/** What of an HTTPRoute changes for a fault. Pure. */

import { listAt, numberAt, textAt } from "../../kubernetes/objects.js";
import { splitWeights } from "./backend-weights.js";
import { type Narrowing, narrowedMatch, type RouteJson } from "./narrowed-match.js";

/** Which requests go where. */
export interface Split extends Narrowing {
  /** Where they go without the fault, by a rule that names no backends. */
  readonly plain: ServicePort;
  readonly failing: ServicePort;
  /** 0..1 */
  readonly share: number;
}

/** A Service of the namespace. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
}

/** Why a fault finds no place in an HTTPRoute. */
export type UnplacedSplit =
  /** No rule leads to a backend. */
  | { readonly id: "no_backends" }
  /** A rule sends requests there already. */
  | { readonly id: "backend_there" }
  /** No rule takes a request that is meant. */
  | { readonly id: "apart" }
  | { readonly id: "unclear"; readonly expression: string }
  /** With what is added, another of its rules would win than does now. */
  | { readonly id: "reordered" };

/** @param rules `spec.rules` as they were found. */
export function faultedRules(rules: readonly unknown[], split: Split): readonly RouteJson[] | UnplacedSplit {
  // JSON that the server has given.
  const found = rules as readonly RouteJson[];
  if (!found.some((rule) => leadsOn(rule))) return { id: "no_backends" };
  const isThere = found.some((rule) => listAt(rule, "backendRefs").some((each) => isOf(each, split.failing)));
  if (isThere) return { id: "backend_there" };
  if (isAll(split)) return found.map((rule) => withFailing(rule, split));
  const changed: RouteJson[] = [];
  const added: string[] = [];
  let isMet = false;
  for (const rule of found) {
    const narrowed = matchesOf(rule).map((match) => narrowedMatch(match, split));
    const unclear = narrowed.find((each) => each.id === "unclear");
    if (unclear !== undefined) return unclear;
    const taken = narrowed.flatMap((each) => (each.id === "narrowed" ? [each] : []));
    added.push(...taken.map((each) => each.added));
    // Before its own rule. One that leads to no backend gets such a rule, too, so that it wins where it won before.
    if (taken.length > 0) changed.push(withFailing(narrowedRule(rule, taken), split));
    isMet ||= taken.length > 0 && leadsOn(rule);
    changed.push(rule);
  }
  if (!isMet) return { id: "apart" };
  const isReordered = added.length > 1 && (new Set(added).size > 1 || added[0]?.startsWith("[false"));
  return isReordered ? { id: "reordered" } : changed;
}

/** The rules of an HTTPRoute of ours, where the Service has none. */
export function ownRules(split: Split): readonly RouteJson[] {
  const plain: RouteJson = { backendRefs: [{ ...split.plain }] };
  if (isAll(split)) return [withFailing(plain, split)];
  const { path, headers } = split;
  const match: RouteJson = {
    path: { type: "PathPrefix", value: path ?? "/" },
    ...(Object.keys(headers).length === 0
      ? {}
      : { headers: Object.entries(headers).map(([name, value]) => ({ name, value, type: "Exact" })) }),
  };
  // Without the second rule Linkerd would answer all other requests with 404.
  return [withFailing({ ...plain, matches: [match] }, split), plain];
}

function isAll({ path, headers }: Narrowing): boolean {
  return path === null && Object.keys(headers).length === 0;
}

/** Whether requests that it takes get to a backend. */
function leadsOn(rule: RouteJson): boolean {
  const isRedirect = listAt(rule, "filters").some((each) => textAt(each, "type") === "RequestRedirect");
  const backends = listAt(rule, "backendRefs");
  return !isRedirect && (backends.length === 0 || backends.some((each) => weightOf(each) > 0));
}

function withFailing(rule: RouteJson, { plain, failing, share }: Split): RouteJson {
  if (!leadsOn(rule)) return rule;
  if (share >= 1) return { ...rule, backendRefs: [{ ...failing }] };
  const named = listAt(rule, "backendRefs") as readonly RouteJson[];
  const backends: readonly RouteJson[] = named.length === 0 ? [{ ...plain }] : named;
  const weights = splitWeights(backends.map(weightOf), share);
  return {
    ...rule,
    backendRefs: [
      ...backends.map((each, index) => ({ ...each, weight: weights.others[index] ?? 0 })),
      { ...failing, weight: weights.failing },
    ],
  };
}

function narrowedRule(rule: RouteJson, taken: readonly { readonly match: RouteJson }[]): RouteJson {
  const name = textAt(rule, "name");
  return {
    ...rule,
    // Names of rules are there once.
    ...(name === undefined ? {} : { name: `${name}-faultline` }),
    matches: taken.map(({ match }) => match),
  };
}

function matchesOf(rule: RouteJson): readonly RouteJson[] {
  const matches = listAt(rule, "matches") as readonly RouteJson[];
  return matches.length === 0 ? [{}] : matches;
}

function weightOf(backend: unknown): number {
  return numberAt(backend, "weight") ?? 1;
}

function isOf(backend: unknown, { name, port }: ServicePort): boolean {
  return (
    (textAt(backend, "kind") ?? "Service") === "Service" &&
    textAt(backend, "name") === name &&
    (numberAt(backend, "port") ?? port) === port
  );
}
