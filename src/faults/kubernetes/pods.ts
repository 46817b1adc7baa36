import {
  type ClusterObject,
  fieldAt,
  listAt,
  numberAt,
  type ObjectPlace,
  POD,
  textAt,
} from "../../kubernetes/objects.js";

/** Whether it takes requests: ready, and not on its way out. */
export function isReadyPod(pod: ClusterObject): boolean {
  return isLivingPod(pod) && hasCondition(pod, "Ready");
}

/** Whether it has not ended, and is not on its way out. */
export function isLivingPod(pod: ClusterObject): boolean {
  const phase = textAt(pod, "status", "phase");
  return pod.metadata.deletionTimestamp === undefined && phase !== "Succeeded" && phase !== "Failed";
}

function hasCondition(object: ClusterObject, type: string): boolean {
  return listAt(object, "status", "conditions").some(
    (each) => textAt(each, "type") === type && textAt(each, "status") === "True",
  );
}

/** Whether something makes a new one when it is gone. */
export function isMadeAnew(pod: ClusterObject): boolean {
  return (pod.metadata.ownerReferences ?? []).some(({ controller }) => controller === true);
}

/** Those of a DaemonSet come back to a drained node at once, and those of its kubelet's own files cannot be evicted. */
export function isOfItsNode(pod: ClusterObject): boolean {
  const owners = pod.metadata.ownerReferences ?? [];
  return (
    owners.some(({ kind, controller }) => controller === true && kind === "DaemonSet") ||
    pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined
  );
}

export function placeOfPod({ metadata }: ClusterObject): ObjectPlace {
  return { kind: POD, namespace: metadata.namespace ?? null, name: metadata.name };
}

/** How many replicas a workload asks for. Without the field it is one. */
export function replicasOf(workload: ClusterObject): number {
  return numberAt(workload, "spec", "replicas") ?? 1;
}

export function readyReplicasOf(workload: ClusterObject): number {
  return numberAt(workload, "status", "readyReplicas") ?? 0;
}

/** Whether its controller has seen the newest change of its spec, so that its status is about that. */
export function isObserved(workload: ClusterObject): boolean {
  const observed = numberAt(workload, "status", "observedGeneration");
  return observed !== undefined && observed >= (workload.metadata.generation ?? 0);
}

/** Names of the containers of its pods. */
export function containersOf(workload: ClusterObject): readonly string[] {
  const containers = fieldAt(workload, ["spec", "template", "spec", "containers"]);
  return (Array.isArray(containers) ? containers : []).flatMap((each) => textAt(each, "name") ?? []);
}
