/** Which changes of pods a fault made itself. */

import { kubernetesSpec } from "../../faults/cluster/kubernetes-action.js";
import type { FaultAction } from "../../faults/fault-action.js";
import { chaosSpecOf } from "../../faults/kinds/chaos-mesh/chaos-action.js";
import { podChaosChose } from "../../faults/kinds/chaos-mesh/chosen-pods.js";
import { labelsMatch, parseLabels } from "../../kubernetes/label-selector.js";
import type { ContainerExit } from "../../kubernetes/pods/pod-state.js";
import type { PodChangeRecord, SeenPod } from "../../measure/pods/pod-record.js";
import type { FaultRecord } from "../../measure/record.js";

type Happened = PodChangeRecord["happened"];
/** Restarts, containers that cannot start, and pods that are not ready any more or have failed. */
export type Harm = Extract<Happened, { readonly kind: "restarted" | "stuck" | "unready" | "failed" }>;

export function isOwnDeed({ actions, stages = [] }: FaultRecord, pod: SeenPod, harm: Harm): boolean {
  return [...actions, ...stages.flatMap((stage) => stage.actions)].some((action) =>
    mayHaveDone(action, pod, harm),
  );
}

function mayHaveDone(action: FaultAction, pod: SeenPod, harm: Harm): boolean {
  const chaos = chaosSpecOf(action);
  if (chaos !== null) {
    // Its other kinds leave containers running: what becomes of them then is the system's own.
    return chaos.kind === "PodChaos" && podChaosChose(chaos, pod);
  }
  const spec = kubernetesSpec(action);
  switch (spec?.deed) {
    case "image":
      return (
        spec.namespace === pod.namespace &&
        spec.name === pod.owner?.name &&
        spec.workload.toLowerCase() === pod.owner.kind.toLowerCase()
      );
    // Where policies reach the kubelet as well, its probes fail, and it ends containers.
    case "isolate": {
      const labels = parseLabels(spec.pods);
      return (
        spec.namespace === pod.namespace &&
        labels !== null &&
        labelsMatch(labels, pod.labels) &&
        mayComeOfProbes(harm)
      );
    }
    default:
      return false;
  }
}

/** What SIGTERM and SIGKILL leave, and a program that ends in order after SIGTERM. */
const ENDS_OF_KILLED = [0, 137, 143];

function mayComeOfProbes(harm: Harm): boolean {
  switch (harm.kind) {
    case "restarted":
      return isEndOfKilled(harm);
    case "stuck":
      return harm.lastEnd !== null && isEndOfKilled(harm.lastEnd);
    case "unready":
    case "failed":
      return true;
  }
}

/** A container that the kernel has killed has exit code 137 as well. */
const OUT_OF_MEMORY = ["OOMKilled"];

function isEndOfKilled({ reason: word, exitCode }: Pick<ContainerExit, "reason" | "exitCode">): boolean {
  if (word !== null && OUT_OF_MEMORY.includes(word)) return false;
  return exitCode !== null && ENDS_OF_KILLED.includes(exitCode);
}
