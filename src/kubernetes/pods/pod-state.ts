/** What a pod says of itself, as far as it tells whether its containers run. */

import { type ClusterObject, fieldAt, listAt, numberAt, textAt } from "../objects.js";

/** How a container ended that was started again. */
export interface ContainerExit {
  /** "OOMKilled", "Error", "Completed". null: the kubelet gives none. */
  readonly reason: string | null;
  readonly exitCode: number | null;
}

export interface ContainerState {
  readonly name: string;
  readonly restarts: number;
  /** Of the process before this one. null: there was none. */
  readonly lastEnd: ContainerExit | null;
  /** Why it cannot run now: "CrashLoopBackOff", "ImagePullBackOff". null: it runs, or is about to. */
  readonly stuck: string | null;
}

export interface PodOwner {
  /** "Deployment", "StatefulSet", "Job" */
  readonly kind: string;
  readonly name: string;
}

export interface PodSnapshot {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** null: nothing makes it anew. */
  readonly owner: PodOwner | null;
  /** Whether it takes requests. */
  readonly isReady: boolean;
  /** Whether somebody has asked it to end. */
  readonly isEnding: boolean;
  /** Whether all of its containers have done their work. */
  readonly isDone: boolean;
  /** "Evicted", "NodeLost", or "Failed" without a reason. null: it has not failed as a whole. */
  readonly failure: string | null;
  /** With those that run before the others. */
  readonly containers: readonly ContainerState[];
}

/** What a container waits for before each start. Everything else is trouble. */
const USUAL_WAITS = ["ContainerCreating", "PodInitializing"];

export function podStateOf(pod: ClusterObject): PodSnapshot {
  const { uid, namespace = "", name, labels = {}, deletionTimestamp } = pod.metadata;
  const phase = textAt(pod, "status", "phase");
  const statuses = [
    ...listAt(pod, "status", "initContainerStatuses"),
    ...listAt(pod, "status", "containerStatuses"),
  ];
  return {
    uid: uid ?? `${namespace}/${name}`,
    namespace,
    name,
    labels,
    owner: ownerOf(pod),
    isReady: listAt(pod, "status", "conditions").some(
      (each) => textAt(each, "type") === "Ready" && textAt(each, "status") === "True",
    ),
    isEnding: deletionTimestamp !== undefined,
    isDone: phase === "Succeeded",
    failure: phase === "Failed" ? (textAt(pod, "status", "reason") ?? "Failed") : null,
    containers: statuses.map(containerStateOf),
  };
}

function containerStateOf(status: unknown): ContainerState {
  const waits = textAt(status, "state", "waiting", "reason") ?? null;
  // While it waits to be started again, its last end may still stand under `state` or already under `lastState`.
  const end =
    fieldAt(status, ["lastState", "terminated"]) ?? fieldAt(status, ["state", "terminated"]) ?? null;
  return {
    name: textAt(status, "name") ?? "",
    restarts: numberAt(status, "restartCount") ?? 0,
    lastEnd:
      end === null
        ? null
        : { reason: textAt(end, "reason") ?? null, exitCode: numberAt(end, "exitCode") ?? null },
    stuck: waits === null || USUAL_WAITS.includes(waits) ? null : waits,
  };
}

/** A ReplicaSet of a deployment has the deployment's name, and the hash of its template behind it. */
function ownerOf({ metadata }: ClusterObject): PodOwner | null {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return null;
  const hash = metadata.labels?.["pod-template-hash"];
  if (owner.kind === "ReplicaSet" && hash !== undefined)
    return { kind: "Deployment", name: withoutEnd(owner.name, `-${hash}`) };
  return { kind: owner.kind, name: owner.name };
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}
