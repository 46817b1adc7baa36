/**
 * Linkerd's policy controller, as far as it writes the status of HTTPRoutes: written after policy-controller/k8s/status of
 * linkerd2 (b24cd40).
 */

import { isDeepStrictEqual } from "node:util";
import {
  type ClusterObject,
  fieldAt,
  listAt,
  type ResourceKind,
  SERVICE,
  textAt,
} from "../../../src/kubernetes/objects.js";
import type { ApiDouble } from "./api-double.js";

const CONTROLLER = "linkerd.io/policy-controller";

export function playLinkerd(double: ApiDouble, kind: ResourceKind): void {
  double.react(kind, (route) => {
    const namespace = route.metadata.namespace ?? "";
    // It is asked a moment later: the route may be gone.
    if (double.get(kind, namespace, route.metadata.name) === undefined) return;
    const parents = [...ofOthers(route), ...statusOf(double, route, namespace)];
    if (isDeepStrictEqual(listAt(route, "status", "parents"), parents)) return;
    double.put(kind, { ...route, status: { parents } });
  });
}

function ofOthers(route: ClusterObject): readonly unknown[] {
  return listAt(route, "status", "parents").filter((each) => textAt(each, "controllerName") !== CONTROLLER);
}

/** As Linkerd would say it of the route as it is. */
export function statusOf(double: ApiDouble, route: ClusterObject, namespace: string): readonly unknown[] {
  const backends = listAt(route, "spec", "rules").flatMap((rule) => listAt(rule, "backendRefs"));
  const areThere = backends.every(
    (each) => double.get(SERVICE, namespace, textAt(each, "name") ?? "") !== undefined,
  );
  return listAt(route, "spec", "parentRefs")
    .filter((parent) => textAt(parent, "kind") === "Service")
    .map((parent) => {
      const service = double.get(SERVICE, namespace, textAt(parent, "name") ?? "");
      const isHeadless = textAt(service, "spec", "clusterIP") === "None";
      const message = isHeadless ? "parent service must have a ClusterIP" : "";
      const isFit = service !== undefined && !isHeadless;
      const port = fieldAt(parent, ["port"]);
      return {
        controllerName: CONTROLLER,
        parentRef: {
          group: "core",
          kind: "Service",
          namespace,
          name: textAt(parent, "name"),
          ...(port === undefined ? {} : { port }),
        },
        conditions: [
          condition("Accepted", isFit, isFit ? "Accepted" : "NoMatchingParent", message),
          condition("ResolvedRefs", areThere, areThere ? "ResolvedRefs" : "BackendNotFound"),
        ],
      };
    });
}

function condition(type: string, isTrue: boolean, reason: string, message = "") {
  const lastTransitionTime = "2026-08-20T10:00:00Z";
  return { type, status: isTrue ? "True" : "False", reason, message, lastTransitionTime };
}
