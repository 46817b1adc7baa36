import { type ClusterTools, clusterDriver } from "../cluster/cluster-driver.js";
import { KUBERNETES } from "../cluster/kubernetes-action.js";
import type { PlacedFault } from "../cluster/placed-faults.js";
import type { FaultAction } from "../fault-action.js";
import type { FaultDriver } from "../fault-driver.js";
import { clusterHoldFor } from "./holds.js";
import { kubernetesProof, type SeenInCluster } from "./proof.js";
import { rightsFor } from "./rights.js";

/** Faults on objects of a cluster, through its API server. */
export const driver = (): FaultDriver =>
  clusterDriver({
    name: KUBERNETES,
    rightsFor,
    faultsIn: async () => heldInCluster,
    proofOf: kubernetesProof,
  });

function heldInCluster(action: FaultAction, tools: ClusterTools): PlacedFault<SeenInCluster> {
  const hold = clusterHoldFor(action, tools);
  return {
    action,
    rehearse: () => hold.rehearse(),
    place: () => hold.place(),
    seen: async () => ({ target: action.target, ...(await hold.prove()) }),
    takeOut: () => hold.lift(),
    get overSinceMs() {
      return hold.overSinceMs ?? null;
    },
  };
}
