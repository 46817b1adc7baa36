import type { Cluster } from "../../kubernetes/cluster.js";
import { ClusterProblem } from "../../kubernetes/problem.js";
import { readyKindOf } from "../../kubernetes/readiness/ready-kinds.js";
import { wordOfKind } from "../../kubernetes/references/known-kinds.js";
import { type ObjectReference, referenceText } from "../../kubernetes/references/object-reference.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { UnreachableError } from "../reach/reachable.js";
import { type ReadyCheck, waitUntilReady } from "../services/readiness.js";

/** A rollout takes seconds, and each look is a request. */
const PAUSE_MS = 500;
const LOOK_MS = 5_000;

/** What is asked again until it answers. Everything else stays as it is. */
const PASSING = ["unreachable", "late", "server", "throttled", "gone"];

/** Whether an object of a cluster is ready. */
export function objectCheck(cluster: Cluster, reference: ObjectReference): ReadyCheck {
  const text = referenceText(reference);
  const kind = readyKindOf(reference);
  if (kind === null) throw new Error(`${text}: nobody knows when it is ready`);
  return {
    text,
    pauseMs: PAUSE_MS,
    look: async (leftMs) => {
      const timeoutMs = Math.ceil(Math.min(leftMs, LOOK_MS));
      const late = AbortSignal.timeout(timeoutMs);
      try {
        const found = await kind.look(cluster, reference, { timeoutMs, signal: late });
        if (found.kind === "failed") throw notReady(`${text} has failed: ${found.why}`);
        return found.kind === "ready" ? null : found.why;
      } catch (error) {
        if (late.aborted) return "no answer";
        if (error instanceof ClusterProblem && PASSING.includes(error.facts.id)) return messageOf(error);
        throw error;
      }
    },
  };
}

/**
 * Waits for objects of a cluster, for all of them at the same time: one that has failed ends the wait for the others.
 * @throws FaultlineError KUBERNETES_NOT_READY, ClusterProblem
 */
export async function awaitObjects(
  cluster: Cluster,
  references: readonly ObjectReference[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const waits = references.map((reference, index) =>
    waitUntilReady([objectCheck(cluster, reference)], timeoutMs, either).catch((error: unknown) => {
      throw placed(error, reference, index);
    }),
  );
  const ends = await Promise.all(waits).finally(() => over.abort());
  for (const [index, late] of ends.entries()) {
    const reference = references[index];
    if (late === null || reference === undefined) continue;
    const error = notReady(`${late.check} was not ready within ${timeoutMs / 1000} s: ${late.why}`);
    throw placed(error, reference, index);
  }
}

/** The scenario says where the object is written. */
function placed(error: unknown, { namespace, kind, name, labels }: ObjectReference, index: number): unknown {
  if (!(error instanceof FaultlineError) || !error.code.startsWith("KUBERNETES_")) return error;
  const place = { kind: "inCluster", list: "ready", index } as const;
  const which = name === null ? `${kind.plural} -l '${labels}'` : `${wordOfKind(kind)}/${name}`;
  const remedy =
    error.code === "KUBERNETES_NOT_READY"
      ? `Nothing was started. \`kubectl describe -n ${namespace} ${which}\` shows more of it; \`readyTimeout\` says how long to wait.`
      : (error.hint ?? "");
  return new UnreachableError(error.code, place, error.message, remedy);
}

function notReady(message: string): FaultlineError {
  return new FaultlineError("KUBERNETES_NOT_READY", message);
}
