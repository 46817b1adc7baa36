import { wordOfKind } from "../references/known-kinds.js";
import type { ObjectReference } from "../references/object-reference.js";
import { jobReady, podReady, serviceReady } from "./others.js";
import type { ReadyKind } from "./ready-kind.js";
import { daemonSetReady, deploymentReady, statefulSetReady } from "./workloads.js";

/** Kinds that can be waited for. */
const READY_KINDS: readonly ReadyKind[] = [
  deploymentReady,
  statefulSetReady,
  daemonSetReady,
  jobReady,
  podReady,
  serviceReady,
];

/** As references name them. */
export const READY_WORDS: readonly string[] = READY_KINDS.map(({ kind }) => wordOfKind(kind));

/** @returns null when nobody knows what ready means for it. */
export function readyKindOf({ kind }: Pick<ObjectReference, "kind">): ReadyKind | null {
  return (
    READY_KINDS.find((each) => each.kind.plural === kind.plural && each.kind.group === kind.group) ?? null
  );
}
