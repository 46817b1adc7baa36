import { AUTOSCALER, NETWORK_POLICY, NODE, POD, type ResourceKind } from "../../kubernetes/objects.js";
import type { Right } from "../../kubernetes/rights.js";
import type { ClusterTerms } from "../../kubernetes/terms.js";
import { type KubernetesSpec, kubernetesSpec } from "../cluster/kubernetes-action.js";
import type { FaultAction } from "../fault-action.js";
import { kindOfWorkload } from "./workload.js";

/** What these actions need, and no more: each right is used. */
export function rightsFor(actions: readonly FaultAction[], terms: ClusterTerms): readonly Right[] {
  return actions.flatMap((action) => {
    const spec = kubernetesSpec(action);
    return spec === null ? [] : rightsOfSpec(spec, terms);
  });
}

function rightsOfSpec(spec: KubernetesSpec, { namespaces }: ClusterTerms): readonly Right[] {
  switch (spec.deed) {
    case "delete":
      return rights(POD, ["list", "watch", "delete"], spec.namespace);
    case "isolate":
      return [
        ...rights(POD, ["list"], spec.namespace),
        ...rights(NETWORK_POLICY, ["list", "get", "create", "delete"], spec.namespace),
      ];
    case "scale":
      return [
        ...rights(kindOfWorkload(spec.workload), ["get"], spec.namespace, { name: spec.name }),
        ...rights(kindOfWorkload(spec.workload), ["get", "patch"], spec.namespace, {
          name: spec.name,
          subresource: "scale",
        }),
        ...rights(AUTOSCALER, ["list"], spec.namespace),
      ];
    case "image":
      return rights(kindOfWorkload(spec.workload), ["get", "patch"], spec.namespace, { name: spec.name });
    case "cordon":
      return rights(NODE, ["get", "patch"], null, { name: spec.node });
    case "drain":
      return [
        ...rights(NODE, ["get", "patch"], null, { name: spec.node }),
        ...namespaces.flatMap((namespace) => [
          ...rights(POD, ["list"], namespace),
          ...rights(POD, ["create"], namespace, { subresource: "eviction" }),
        ]),
      ];
  }
}

function rights(
  { group, plural }: ResourceKind,
  verbs: readonly string[],
  namespace: string | null,
  { name, subresource }: { readonly name?: string; readonly subresource?: string } = {},
): readonly Right[] {
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return verbs.map((verb) => ({ verb, group, resource, namespace, ...(name === undefined ? {} : { name }) }));
}
