/** Jobs that are done, pods that take requests, and services that have such pods. */

import { type ClusterObject, ENDPOINT_SLICE, fieldAt, listAt, POD, SERVICE } from "../objects.js";
import { JOB } from "../references/known-kinds.js";
import { conditionText, ownReadiness, READY, type Readiness, type ReadyKind, waiting } from "./ready-kind.js";

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
    const there = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (there.length === 0) return waiting("no pod has these labels");
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
    return waiting(
      endpoints.length === 0 ? "it has no endpoint" : `none of its ${endpoints.length} endpoints is ready`,
    );
  },
};

function readinessOfPod(pod: ClusterObject): Readiness {
  if (conditionText(pod, "Ready", "True") !== null) return READY;
  return waiting(
    "it is not ready",
    conditionText(pod, "PodScheduled", "False") ?? conditionText(pod, "Ready", "False"),
  );
}
