import type { ClusterTools } from "../cluster/cluster-driver.js";
import { kubernetesSpec } from "../cluster/kubernetes-action.js";
import type { FaultAction } from "../fault-action.js";
import { BadImage } from "./bad-image.js";
import type { ClusterHold } from "./hold.js";
import { Isolation } from "./isolation.js";
import { NodeLeave } from "./node-leave.js";
import { PodLoss } from "./pod-loss.js";
import { Scaling } from "./scaling.js";

/** The hold that carries out an action. It has done nothing yet. */
export function clusterHoldFor(action: FaultAction, tools: ClusterTools): ClusterHold {
  const spec = kubernetesSpec(action);
  switch (spec?.deed) {
    case "delete":
      return new PodLoss(spec, tools);
    case "isolate":
      return new Isolation(spec, tools);
    case "scale":
      return new Scaling(spec, tools);
    case "image":
      return new BadImage(spec, tools);
    case "cordon":
    case "drain":
      return new NodeLeave(spec, tools);
    case undefined:
      throw new Error(`nothing is known of "${action.kind}"`);
  }
}
