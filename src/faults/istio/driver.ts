import type { ResourceKind } from "../../kubernetes/objects.js";
import { type ClusterTools, clusterDriver } from "../cluster/cluster-driver.js";
import type { FaultAction } from "../fault-action.js";
import type { FaultDriver } from "../fault-driver.js";
import { ISTIO, istioSpecOf } from "../kinds/istio/istio-action.js";
import { routeFaultProof } from "./proof.js";
import { rightsFor } from "./rights.js";
import { RouteFault } from "./route-fault.js";
import { servedVirtualServices } from "./virtual-service.js";

/** Faults that an Istio mesh makes: each is in the routes of a VirtualService. */
export const driver = (): FaultDriver =>
  clusterDriver({
    name: ISTIO,
    rightsFor,
    faultsIn: async (cluster) => {
      const kind = await servedVirtualServices(cluster);
      return (action, tools) => routeFaultFor(action, kind, tools);
    },
    proofOf: routeFaultProof,
  });

function routeFaultFor(action: FaultAction, kind: ResourceKind, tools: ClusterTools): RouteFault {
  const spec = istioSpecOf(action);
  if (spec === null) throw new Error(`"${action.kind}" is no fault of Istio`);
  return new RouteFault({ action, spec, kind, ...tools });
}
