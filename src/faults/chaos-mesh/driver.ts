import type { Cluster } from "../../kubernetes/cluster.js";
import { FaultlineError } from "../../support/errors.js";
import { type ClusterTools, clusterDriver } from "../cluster/cluster-driver.js";
import type { FaultAction } from "../fault-action.js";
import type { FaultDriver } from "../fault-driver.js";
import { CHAOS_MESH, type ChaosSpec, chaosSpecOf } from "../kinds/chaos-mesh/chaos-action.js";
import { chaosKind, chaosObject } from "./chaos-object.js";
import { PlacedChaos } from "./placed-chaos.js";
import { chaosProof } from "./proof.js";
import { rightsFor } from "./rights.js";

/** Faults that Chaos Mesh makes: each is an object of it. */
export const driver = (): FaultDriver =>
  clusterDriver({
    name: CHAOS_MESH,
    rightsFor,
    faultsIn: async (cluster, actions) => {
      await refuseMissingKinds(cluster, actions.map(specIn));
      return chaosFor;
    },
    proofOf: chaosProof,
  });

function chaosFor(action: FaultAction, { name, longestFaultMs, ...tools }: ClusterTools): PlacedChaos {
  const chaos = specIn(action);
  return new PlacedChaos({ action, chaos, object: chaosObject(name, chaos, longestFaultMs), ...tools });
}

async function refuseMissingKinds(cluster: Cluster, specs: readonly ChaosSpec[]): Promise<void> {
  for (const name of new Set(specs.map(({ kind }) => kind))) {
    if (await cluster.serves(chaosKind(name))) continue;
    const message = `${cluster.words} serves no ${name} of chaos-mesh.org/v1alpha1: is Chaos Mesh installed there?`;
    throw new FaultlineError("KUBERNETES_MISSING", message);
  }
}

function specIn(action: FaultAction): ChaosSpec {
  const spec = chaosSpecOf(action);
  if (spec === null) throw new Error(`"${action.kind}" is no object of Chaos Mesh`);
  return spec;
}
