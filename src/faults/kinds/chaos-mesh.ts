import type { ValidParts } from "../../quantities/valid-parts.js";
import type { ClusterUse } from "../cluster/cluster-use.js";
import { faultKind } from "../fault-kind.js";
import { CHAOS_MESH, chaosAction } from "./chaos-mesh/chaos-action.js";
import { chosenNamespaces } from "./chaos-mesh/chosen-namespaces.js";
import { checkChaos } from "./chaos-mesh/complaints.js";
import { describeChaos } from "./chaos-mesh/describe.js";
import { type ChaosInput, chaosInput } from "./chaos-mesh/input.js";

export const chaosMesh = faultKind({
  name: "chaosMesh",
  driver: CHAOS_MESH,
  keys: {
    chaosMesh: chaosInput
      .meta({
        description: "Makes an object of Chaos Mesh in the cluster, and removes it when the fault ends.",
      })
      .optional(),
  },
  modifiers: [],
  target: ({ chaosMesh: input }) =>
    input?.kind === undefined || input.namespace === undefined ? null : `${input.kind} in ${input.namespace}`,
  cluster: ({ chaosMesh: input }) => (input ? usesOf(input) : []),
  clusterCode: ({ chaosMesh: input }) =>
    input?.kind === "JVMChaos"
      ? [{ grant: "JVMChaos", what: "no JVMChaos", path: ["chaosMesh", "kind"] }]
      : [],
  // Chaos Mesh itself says where two of its objects do not go together.
  slots: () => [],
  check: ({ chaosMesh: input }) => (input ? checkChaos(input) : []),
  actions: ({ chaosMesh: input }, { target }) => (input ? [chaosAction(target, input)] : []),
  describe: describeChaos,
});

function usesOf({ namespace, spec }: ValidParts<ChaosInput>): readonly ClusterUse[] {
  const others = chosenNamespaces(spec).map(({ name, path }): ClusterUse => {
    return { list: "namespaces", name, path: ["chaosMesh", "spec", ...path] };
  });
  if (namespace === undefined) return others;
  return [{ list: "namespaces", name: namespace, path: ["chaosMesh", "namespace"] }, ...others];
}
