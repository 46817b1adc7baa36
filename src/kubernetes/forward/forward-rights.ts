import { ENDPOINT_SLICE, POD, type ResourceKind, SERVICE } from "../objects.js";
import type { Right } from "../rights.js";

/**
 * What a forward to a service's pods has to be allowed, and nothing else. A WebSocket is opened by GET; API servers from
 * v1.35 on ask for `create` beside it.
 */
export function forwardRights(namespace: string, service: string): readonly Right[] {
  const to = (verb: string, kind: ResourceKind, subresource = "") => ({
    verb,
    group: kind.group,
    resource: `${kind.plural}${subresource}`,
    namespace,
  });
  return [
    ...directRights(namespace, service),
    to("list", ENDPOINT_SLICE),
    to("get", POD),
    to("get", POD, "/portforward"),
    to("create", POD, "/portforward"),
  ];
}

/** Those of them that every API server asks for. One of v1.35 or newer refuses a forward that lacks the other. */
export function surelyNeededRights(namespace: string, service: string): readonly Right[] {
  return forwardRights(namespace, service).filter(({ verb }) => verb !== "create");
}

/** The same where the service is reached without a forward. */
export function directRights(namespace: string, service: string): readonly Right[] {
  return [{ verb: "get", group: SERVICE.group, resource: SERVICE.plural, namespace, name: service }];
}
