import { type ClusterObject, fieldAt, listAt, numberAt, textAt } from "../objects.js";

/** A pod behind a service, and the port that the service leads to. */
export interface PodEndpoint {
  readonly name: string;
  /** "" when the slice does not say it. */
  readonly uid: string;
  readonly port: number;
}

/** The EndpointSlices of a service, as its controller labels them. */
export function slicesOf(service: string): string {
  return `kubernetes.io/service-name=${service}`;
}

/**
 * The pods that a service leads to now, each once: of two families of addresses there are two slices.
 * @param portName "" when the port has none.
 */
export function readyPods(slices: readonly ClusterObject[], portName: string): readonly PodEndpoint[] {
  const found = new Map<string, PodEndpoint>();
  for (const slice of slices) {
    const port = portIn(slice, portName);
    if (port === undefined) continue;
    for (const endpoint of listAt(slice, "endpoints")) {
      const name = textAt(endpoint, "targetRef", "name");
      if (name === undefined || textAt(endpoint, "targetRef", "kind") !== "Pod" || !isReady(endpoint))
        continue;
      const uid = textAt(endpoint, "targetRef", "uid") ?? "";
      found.set(`${name} ${uid}`, { name, uid, port });
    }
  }
  return [...found.values()];
}

/** Whether something is ready there that is no pod: an address that somebody has written by hand. */
export function hasOthers(slices: readonly ClusterObject[]): boolean {
  return slices.some((slice) =>
    listAt(slice, "endpoints").some((each) => isReady(each) && textAt(each, "targetRef", "kind") !== "Pod"),
  );
}

function portIn(slice: ClusterObject, portName: string): number | undefined {
  const port = listAt(slice, "ports").find((each) => (textAt(each, "name") ?? "") === portName);
  return numberAt(port, "port");
}

/** What says nothing is taken for ready (discovery.k8s.io/v1). */
function isReady(endpoint: unknown): boolean {
  return fieldAt(endpoint, ["conditions", "ready"]) !== false;
}

/** What has become of a pod. `gone`: it is not there, is another one of its name, or is being deleted. */
export type PodState = "ready" | "unready" | "gone";

export function podState(pod: ClusterObject | null, uid: string): PodState {
  if (pod === null || pod.metadata.deletionTimestamp !== undefined) return "gone";
  if (uid !== "" && pod.metadata.uid !== uid) return "gone";
  const isReady = listAt(pod, "status", "conditions").some(
    (each) => textAt(each, "type") === "Ready" && textAt(each, "status") === "True",
  );
  return isReady ? "ready" : "unready";
}
