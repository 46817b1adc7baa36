import type { Cluster } from "../../kubernetes/cluster.js";
import { type NamespaceSight, namespaceSeen, noNamespace } from "../../kubernetes/namespaces.js";
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

/** When a namespace that is not there ends the wait: at once, or with the time, as a service that is being started may make it. */
type WhenMissing = "refuse" | "wait";

/**
 * Whether an object of a cluster is ready. Whoever may read its namespace is told where that is not there.
 * @throws ClusterProblem, as `look` does, where `whenMissing` refuses.
 */
export function objectCheck(
  cluster: Cluster,
  reference: ObjectReference,
  whenMissing: WhenMissing = "wait",
): ReadyCheck {
  const text = referenceText(reference);
  const kind = readyKindOf(reference);
  if (kind === null) throw new Error(`${text}: nobody knows when it is ready`);
  const { namespace } = reference;
  let seen: NamespaceSight = "missing";
  return {
    text,
    pauseMs: PAUSE_MS,
    look: async (leftMs) => {
      const timeoutMs = Math.ceil(Math.min(leftMs, LOOK_MS));
      const late = AbortSignal.timeout(timeoutMs);
      try {
        const found = await kind.look(cluster, reference, { timeoutMs, signal: late });
        if (found.kind === "failed") throw notReady(`${text} has failed: ${found.why}`);
        if (found.kind === "ready") return null;
        if (!found.isMissing || seen === "there") return found.why;
        if (seen !== "unseen") seen = await namespaceSeen(cluster, namespace, { timeoutMs, signal: late });
        if (seen === "missing" && whenMissing === "refuse") throw noNamespace(cluster, namespace);
        return whyMissing(found.why, seen, namespace);
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
    waitUntilReady([objectCheck(cluster, reference, "refuse")], timeoutMs, either).catch((error: unknown) => {
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

function whyMissing(why: string, seen: NamespaceSight, namespace: string): string {
  if (seen === "missing") return `there is no namespace "${namespace}"`;
  if (seen === "there") return why;
  return `${why}. Whether there is a namespace "${namespace}" is not known: the right to get it is missing`;
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
