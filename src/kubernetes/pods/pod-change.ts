/** What has become of a pod between two looks at it. */

import type { ContainerExit, ContainerState, PodSnapshot } from "./pod-state.js";

export type PodChange =
  | { readonly kind: "created" }
  /** Somebody has asked it to end, or it is gone without that. */
  | { readonly kind: "deleted" }
  /** `isFirst`: it was never seen ready before. */
  | { readonly kind: "ready"; readonly isFirst: boolean }
  /** Nobody has asked it to end. */
  | { readonly kind: "unready" }
  /** It failed as a whole: "Evicted". */
  | { readonly kind: "failed"; readonly reason: string }
  | ({ readonly kind: "restarted"; readonly container: string; readonly times: number } & ContainerExit)
  /** It cannot be started: "ImagePullBackOff", or "CrashLoopBackOff" after it has ended so. */
  | {
      readonly kind: "stuck";
      readonly container: string;
      readonly why: string;
      readonly lastEnd: ContainerExit | null;
    };

/** @param wasReady whether it was seen ready at any time before. */
export function podChanges(before: PodSnapshot, now: PodSnapshot, wasReady: boolean): readonly PodChange[] {
  return [
    ...now.containers.flatMap((container) => ofContainer(knownAs(before, container.name), container)),
    ...ofPod(before, now, wasReady),
  ];
}

/** Of a pod that nobody has seen before. Its containers may have been started again already. */
export function changesOfNew(now: PodSnapshot): readonly PodChange[] {
  const created: PodChange = { kind: "created" };
  return [created, ...podChanges({ ...now, ...NOTHING_YET }, now, false)];
}

const NOTHING_YET = {
  isReady: false,
  isEnding: false,
  isDone: false,
  failure: null,
  containers: [],
} as const;

function ofPod(before: PodSnapshot, now: PodSnapshot, wasReady: boolean): readonly PodChange[] {
  if (now.isEnding) return before.isEnding ? [] : [{ kind: "deleted" }];
  if (now.failure !== null) return before.failure === null ? [{ kind: "failed", reason: now.failure }] : [];
  if (now.isReady && !before.isReady) return [{ kind: "ready", isFirst: !wasReady }];
  return before.isReady && !now.isReady && !now.isDone ? [{ kind: "unready" }] : [];
}

function ofContainer(before: ContainerState | null, now: ContainerState): readonly PodChange[] {
  const times = now.restarts - (before?.restarts ?? 0);
  const end = now.lastEnd ?? { reason: null, exitCode: null };
  const restarted: readonly PodChange[] =
    times > 0 ? [{ kind: "restarted", container: now.name, times, ...end }] : [];
  if (now.stuck === null || sameTrouble(before?.stuck ?? null, now.stuck)) return restarted;
  return [...restarted, { kind: "stuck", container: now.name, why: now.stuck, lastEnd: now.lastEnd }];
}

function knownAs({ containers }: PodSnapshot, name: string): ContainerState | null {
  return containers.find((each) => each.name === name) ?? null;
}

/** An image that cannot be pulled goes to and fro between two reasons. */
function sameTrouble(before: string | null, now: string): boolean {
  return before === now || (before !== null && IMAGE_WAITS.includes(before) && IMAGE_WAITS.includes(now));
}

const IMAGE_WAITS = ["ErrImagePull", "ImagePullBackOff"];
