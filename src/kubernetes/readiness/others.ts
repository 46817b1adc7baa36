/** Jobs that are done, pods that take requests, and services that have such pods. */

import { type ClusterObject, ENDPOINT_SLICE, fieldAt, listAt, POD, SERVICE, textAt } from "../objects.js";
import { JOB } from "../references/known-kinds.js";
import {
  conditionText,
  missing,
  ownReadiness,
  READY,
  type Readiness,
  type ReadyKind,
  waiting,
} from "./ready-kind.js";

export const jobReady = ownReadiness(JOB, (job) => {
  const failed = conditionText(job, "Failed", "True");
  if (failed !== null) return { kind: "failed", why: failed };
  return conditionText(job, "Complete", "True") === null ? waiting("it is not complete") : READY;
});

const one = ownReadiness(POD, readinessOfPod);

export const podReady: ReadyKind = {
  ...one,
  takesLabels: true,
  reads: ({ name }) => (name === null ? { verb: "list", kind: POD, name } : { verb: "get", kind: POD, name }),
  look: async (cluster, reference, sent) => {
    const { namespace, name, labels } = reference;
    if (name !== null || labels === null) return one.look(cluster, reference, sent);
    const { items } = await cluster.list(POD, { namespace, labels }, sent);
    // Pods that are done keep their labels, such as those that were evicted. Others have taken their place.
    const there = items.filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && phaseOfDone(pod) === null,
    );
    if (there.length === 0) return missing("no pod has these labels");
    const unready = there.flatMap((pod) => {
      const readiness = readinessOfPod(pod);
      return readiness.kind === "ready" ? [] : [`${pod.metadata.name}: ${readiness.why}`];
    });
    const [first] = unready;
    if (first === undefined) return READY;
    return waiting(`${there.length - unready.length} of ${there.length} pods are ready`, first);
  },
};

export const serviceReady: ReadyKind = {
  kind: SERVICE,
  takesLabels: false,
  // A slice has a name that its controller makes up.
  reads: () => ({ verb: "list", kind: ENDPOINT_SLICE, name: null }),
  look: async (cluster, { namespace, name }, sent) => {
    const labels = `kubernetes.io/service-name=${name}`;
    const { items } = await cluster.list(ENDPOINT_SLICE, { namespace, labels }, sent);
    const endpoints = items.flatMap((slice) => listAt(slice, "endpoints"));
    // Without a word on it, an endpoint counts as ready.
    const isReady = endpoints.some((each) => fieldAt(each, ["conditions", "ready"]) !== false);
    if (isReady) return READY;
    return endpoints.length === 0
      ? missing("it has no endpoint")
      : waiting(`none of its ${endpoints.length} endpoints is ready`);
  },
};

/** The phase of a pod that nothing starts again. @returns null for any other. */
function phaseOfDone(pod: ClusterObject): "Failed" | "Succeeded" | null {
  const phase = textAt(pod, "status", "phase");
  return phase === "Failed" || phase === "Succeeded" ? phase : null;
}

/** Their controllers give each pod a name of its own. A stateful set uses names again, as others may. */
const NAME_ANEW = ["ReplicaSet", "Job", "DaemonSet"];

/** Whether another pod of this name may take its place. */
function isMadeAnew(pod: ClusterObject): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return true;
  return listAt(pod, "metadata", "ownerReferences").some(
    (owner) => !NAME_ANEW.includes(textAt(owner, "kind") ?? ""),
  );
}

function readinessOfPod(pod: ClusterObject): Readiness {
  const done = phaseOfDone(pod);
  if (done !== null) {
    const said = textAt(pod, "status", "message") || textAt(pod, "status", "reason");
    const why = said ? `its phase is ${done}: ${said}` : `its phase is ${done}`;
    return isMadeAnew(pod) ? waiting(why) : { kind: "failed", why };
  }
  if (conditionText(pod, "Ready", "True") !== null) return READY;
  return waiting(
    "it is not ready",
    conditionText(pod, "PodScheduled", "False") ?? conditionText(pod, "Ready", "False"),
  );
}
