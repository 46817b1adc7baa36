import { type ClusterObject, isObject, listAt, POD, textAt } from "../../../src/kubernetes/objects.js";
import type { ApiDouble } from "./api-double.js";

/** A pod that is ready, with one container of its app's name. */
export function readyPod(name: string, app = "cart", namespace = "shop"): ClusterObject {
  return {
    metadata: { name, namespace, labels: { app } },
    spec: { nodeName: "worker-1", containers: [{ name: app, image: `shop/${app}:1` }] },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ name: app, restartCount: 0, ready: true, state: { running: {} } }],
    },
  };
}

/** Plays the kubelet: lays `change` over the status of a pod. */
export function changePod(double: ApiDouble, name: string, change: object, namespace = "shop"): void {
  const pod = double.get(POD, namespace, name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  double.put(POD, { ...pod, status: { ...(isObject(pod.status) ? pod.status : {}), ...change } });
}

export const ready = (is: boolean) => ({ conditions: [{ type: "Ready", status: is ? "True" : "False" }] });

export interface Ended {
  readonly reason: string;
  readonly exitCode: number;
}

export const OOM: Ended = { reason: "OOMKilled", exitCode: 137 };

/** The container has ended so, and runs again: as the kubelet writes it. */
export function restartContainer(
  double: ApiDouble,
  name: string,
  terminated: Ended,
  namespace = "shop",
): void {
  const [status] = listAt(double.get(POD, namespace, name), "status", "containerStatuses");
  const before = isObject(status) ? status : {};
  const restartCount = (typeof before.restartCount === "number" ? before.restartCount : 0) + 1;
  const containerStatuses = [{ ...before, restartCount, state: { running: {} }, lastState: { terminated } }];
  changePod(double, name, { containerStatuses }, namespace);
}

/** The container cannot start. */
export function holdContainer(
  double: ApiDouble,
  name: string,
  reason: string,
  terminated: Ended | null = null,
  namespace = "shop",
): void {
  const [status] = listAt(double.get(POD, namespace, name), "status", "containerStatuses");
  const container = {
    name: textAt(status, "name") ?? "cart",
    restartCount: 0,
    ...(isObject(status) ? status : {}),
  };
  const lastState = terminated === null ? {} : { lastState: { terminated } };
  changePod(
    double,
    name,
    { containerStatuses: [{ ...container, state: { waiting: { reason } }, ...lastState }] },
    namespace,
  );
}
