/** Numbers of a status that an API server leaves out where they are 0: they are `omitempty` in Kubernetes' own types. */

import { type ClusterObject, isObject, type ResourceKind } from "../objects.js";

const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  "deployments.apps": [
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
  ],
  "statefulsets.apps": ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
  "replicasets.apps": ["readyReplicas", "availableReplicas", "fullyLabeledReplicas"],
  "daemonsets.apps": ["updatedNumberScheduled", "numberAvailable", "numberUnavailable"],
  "jobs.batch": ["active", "succeeded", "failed"],
};

/** The same object with these numbers. A status that is not there yet says nothing. */
export function withZeros({ group, plural }: ResourceKind, object: ClusterObject): ClusterObject {
  const names = LEFT_OUT[`${plural}.${group}`] ?? [];
  const { status } = object;
  if (names.length === 0 || !isObject(status) || Object.keys(status).length === 0) return object;
  const zeros = Object.fromEntries(names.map((name) => [name, 0]));
  return { ...object, status: { ...zeros, ...status } };
}
