/** Which changes of pods a fault made itself. */

import { kubernetesSpec } from "../../faults/cluster/kubernetes-action.js";
import type { FaultAction } from "../../faults/fault-action.js";
import { chaosSpecOf } from "../../faults/kinds/chaos-mesh/chaos-action.js";
import { chosenNamespaces } from "../../faults/kinds/chaos-mesh/chosen-namespaces.js";
import { labelsMatch, parseLabels } from "../../kubernetes/label-selector.js";
import type { SeenPod } from "../../measure/pods/pod-record.js";
import type { FaultRecord } from "../../measure/record.js";

/** Restarts, and pods that are not ready any more. Pods that are deleted or evicted are neither. */
export type OwnDeed = "restart" | "unready";

export function isOwnDeed({ actions, stages = [] }: FaultRecord, pod: SeenPod, deed: OwnDeed): boolean {
  return [...actions, ...stages.flatMap((stage) => stage.actions)].some((action) =>
    mayHaveDone(action, pod, deed),
  );
}

function mayHaveDone(action: FaultAction, pod: SeenPod, deed: OwnDeed): boolean {
  const chaos = chaosSpecOf(action);
  if (chaos !== null) {
    // Its other kinds leave containers running: what becomes of them then is the system's own.
    if (chaos.kind !== "PodChaos") return false;
    const named = chosenNamespaces(chaos.spec).map(({ name }) => name);
    return (named.length === 0 ? [chaos.namespace] : named).includes(pod.namespace);
  }
  const spec = kubernetesSpec(action);
  switch (spec?.deed) {
    case "image":
      return (
        spec.namespace === pod.namespace &&
        spec.name === pod.owner?.name &&
        spec.workload.toLowerCase() === pod.owner.kind.toLowerCase()
      );
    // Where policies reach the kubelet as well, its probes fail.
    case "isolate": {
      const labels = parseLabels(spec.pods);
      return (
        deed === "unready" &&
        spec.namespace === pod.namespace &&
        labels !== null &&
        labelsMatch(labels, pod.labels)
      );
    }
    default:
      return false;
  }
}
