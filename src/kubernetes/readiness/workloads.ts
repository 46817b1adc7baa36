/** Deployments, stateful sets and daemon sets: all of their pods are of the newest template, and are available. */

import { type ClusterObject, DEPLOYMENT, numberAt, STATEFUL_SET, textAt } from "../objects.js";
import { DAEMON_SET } from "../references/known-kinds.js";
import { conditionText, ownReadiness, READY, type Readiness, waiting } from "./ready-kind.js";

export const deploymentReady = ownReadiness(DEPLOYMENT, (deployment) => {
  const wanted = numberAt(deployment, "spec", "replicas") ?? 1;
  const updated = numberAt(deployment, "status", "updatedReplicas") ?? 0;
  const all = numberAt(deployment, "status", "replicas") ?? 0;
  const available = numberAt(deployment, "status", "availableReplicas") ?? 0;
  const said =
    conditionText(deployment, "ReplicaFailure", "True") ??
    conditionText(deployment, "Progressing", "False") ??
    conditionText(deployment, "Available", "False");
  if (!isUpToDate(deployment)) return NOT_OBSERVED;
  if (updated < wanted) return waiting(`${updated} of ${wanted} replicas are of the newest template`, said);
  if (all > updated) return waiting(`${all - updated} old replicas are still there`, said);
  return available < wanted ? waiting(`${available} of ${wanted} replicas are available`, said) : READY;
});

export const statefulSetReady = ownReadiness(STATEFUL_SET, (set) => {
  const wanted = numberAt(set, "spec", "replicas") ?? 1;
  const ready = numberAt(set, "status", "readyReplicas") ?? 0;
  const updated = numberAt(set, "status", "updatedReplicas") ?? 0;
  // Pods below the partition keep the old template, as do all until somebody deletes them with OnDelete.
  const partition = numberAt(set, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  const isByHand = textAt(set, "spec", "updateStrategy", "type") === "OnDelete";
  const toUpdate = isByHand ? 0 : Math.max(0, wanted - partition);
  if (!isUpToDate(set)) return NOT_OBSERVED;
  if (ready < wanted) return waiting(`${ready} of ${wanted} replicas are ready`);
  // Before Kubernetes 1.22 nothing says it.
  const available = numberAt(set, "status", "availableReplicas") ?? ready;
  if (available < wanted) return waiting(`${available} of ${wanted} replicas are available`);
  const isSame =
    textAt(set, "status", "currentRevision") === textAt(set, "status", "updateRevision") &&
    textAt(set, "status", "updateRevision") !== undefined;
  return isSame || updated >= toUpdate
    ? READY
    : waiting(`${updated} of ${toUpdate} replicas are of the newest template`);
});

export const daemonSetReady = ownReadiness(DAEMON_SET, (set) => {
  const wanted = numberAt(set, "status", "desiredNumberScheduled") ?? 0;
  const updated = numberAt(set, "status", "updatedNumberScheduled") ?? 0;
  const available = numberAt(set, "status", "numberAvailable") ?? 0;
  const isByHand = textAt(set, "spec", "updateStrategy", "type") === "OnDelete";
  if (!isUpToDate(set)) return NOT_OBSERVED;
  if (!isByHand && updated < wanted)
    return waiting(`${updated} of ${wanted} pods are of the newest template`);
  return available < wanted ? waiting(`${available} of ${wanted} pods are available`) : READY;
});

const NOT_OBSERVED: Readiness = waiting("its controller has not seen its newest change");

/** Whether the status is about the newest spec. */
function isUpToDate(workload: ClusterObject): boolean {
  const observed = numberAt(workload, "status", "observedGeneration");
  return observed !== undefined && observed >= (workload.metadata.generation ?? 0);
}
