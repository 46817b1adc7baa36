/** What Linkerd says of an HTTPRoute, in the status of its parent. Pure. */

import { type ClusterObject, listAt, numberAt, textAt } from "../../kubernetes/objects.js";

/** Other controllers may have a status on the same route. */
const CONTROLLER = "linkerd.io/policy-controller";

export const SAYS_NOTHING: RouteState = { id: "unseen", why: "it says nothing of it" };

export type RouteState =
  /** Linkerd has said nothing of it as it is. */
  | { readonly id: "unseen"; readonly why: string }
  | { readonly id: "taken" }
  | { readonly id: "refused"; readonly why: string };

/**
 * @param service the Service that is the parent, with the port where one is meant.
 * @param hasBackend whether the failing backend is a Service that is there. One that is not there is to be missed.
 */
export function routeState(
  route: ClusterObject,
  service: { readonly name: string; readonly port: number },
  hasBackend: boolean,
): RouteState {
  const said = listAt(route, "status", "parents").find(
    (parent) =>
      textAt(parent, "controllerName") === CONTROLLER &&
      textAt(parent, "parentRef", "name") === service.name &&
      (numberAt(parent, "parentRef", "port") ?? service.port) === service.port,
  );
  if (said === undefined) return SAYS_NOTHING;
  const accepted = conditionOf(said, "Accepted");
  if (accepted === null) return SAYS_NOTHING;
  if (!accepted.isTrue) return { id: "refused", why: accepted.why };
  const resolved = conditionOf(said, "ResolvedRefs");
  if (resolved === null) return SAYS_NOTHING;
  if (hasBackend) return resolved.isTrue ? { id: "taken" } : { id: "refused", why: resolved.why };
  if (resolved.isTrue)
    return { id: "unseen", why: "it finds all backends, and one is a Service that nobody has" };
  return resolved.id === "BackendNotFound" ? { id: "taken" } : { id: "refused", why: resolved.why };
}

interface Condition {
  readonly isTrue: boolean;
  /** Linkerd's word for the reason. */
  readonly id: string;
  /** For people: "NoMatchingParent (parent service must have a ClusterIP)". */
  readonly why: string;
}

function conditionOf(parent: unknown, type: string): Condition | null {
  const found = listAt(parent, "conditions").find((each) => textAt(each, "type") === type);
  if (found === undefined) return null;
  const id = textAt(found, "reason") ?? "no reason";
  const message = textAt(found, "message") ?? "";
  const why = `${type} is not true: ${id}${message === "" ? "" : ` (${message})`}`;
  return { isTrue: textAt(found, "status") === "True", id, why };
}
