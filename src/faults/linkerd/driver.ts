import { type ClusterTools, clusterDriver } from "../cluster/cluster-driver.js";
import type { FaultAction } from "../fault-action.js";
import type { FaultDriver } from "../fault-driver.js";
import { LINKERD, type LinkerdSpec, linkerdSpecOf } from "../kinds/linkerd/linkerd-action.js";
import { type MeshKinds, servedMeshKinds } from "./mesh-kinds.js";
import { PlacedSplit } from "./placed-split.js";
import { splitProof } from "./proof.js";
import { rightsFor } from "./rights.js";

/** Faults that a Linkerd mesh makes: each is in the rules of an HTTPRoute. */
export const driver = (): FaultDriver =>
  clusterDriver({
    name: LINKERD,
    rightsFor,
    faultsIn: async (cluster, actions) => {
      const kinds = await servedMeshKinds(
        cluster,
        actions.map((action) => specIn(action).group),
      );
      return (action, tools) => splitFor(action, kinds, tools);
    },
    proofOf: splitProof,
  });

function splitFor(action: FaultAction, kinds: MeshKinds, tools: ClusterTools): PlacedSplit {
  return new PlacedSplit({ action, spec: specIn(action), kinds, ...tools });
}

function specIn(action: FaultAction): LinkerdSpec {
  const spec = linkerdSpecOf(action);
  if (spec === null) throw new Error(`"${action.kind}" is no fault of Linkerd`);
  return spec;
}
