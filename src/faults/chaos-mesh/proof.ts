/** What Chaos Mesh has said of the objects of a fault, as a proof says it. */

import type { InjectionProof } from "../proof.js";
import { notesOf, saidBy, type ToldNote } from "../proof-note.js";
import type { ChaosStatus } from "./chaos-status.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

/** One object, at the end of the fault or of a stage of it. */
export interface ChaosSeen {
  readonly target: string;
  /** For people: "networkchaos shop/faultline-…". */
  readonly words: string;
  /** null: somebody has removed the object. */
  readonly status: ChaosStatus | null;
  /** Ids of its pods that are not there any more, though the fault was to leave them there. */
  readonly gone: readonly string[];
}

export function chaosProof(seen: readonly ChaosSeen[]): InjectionProof {
  const missing = seen.filter(({ status, gone }) => !isInPlace(status) || gone.length > 0);
  const proven = seen.length > 0 && missing.length === 0;
  const telling = proven ? seen : missing;
  return {
    strength: proven ? "observed" : "none",
    proven,
    ...(telling.length === 0 ? { explanation: "no injection" } : saidBy(telling.map(noteOf))),
    targets: seen.map(({ target, words, status, gone }) => ({
      driver: "chaos-mesh",
      target,
      evidence: {
        object: words,
        conditions: status === null ? null : Object.fromEntries(status.conditions),
        pods: (status?.pods ?? []).map((pod) => ({ ...pod })),
        gone: [...gone],
      },
    })),
  };
}

export function isInPlace(status: ChaosStatus | null): boolean {
  if (status === null) return false;
  return status.isToRun && status.pods.length > 0 && status.conditions.get("AllInjected") === true;
}

function noteOf({ words: object, status, gone }: ChaosSeen): ToldNote {
  if (status === null) return note("chaos_removed", { object });
  const { pods, isToRun } = status;
  if (pods.length === 0) return note("chaos_no_pod", { object });
  if (!isToRun) return note("chaos_ended_early", { object });
  const others = pods.filter(({ isInjected }) => !isInjected);
  if (others.length === 0 && gone.length > 0)
    return note("chaos_pods_gone", { object, pods: pods.length, gone });
  if (others.length === 0) {
    return note("chaos_injected", { object, pods: pods.length, names: pods.map(({ id }) => id) });
  }
  return note("chaos_not_in_all", {
    object,
    pods: pods.length,
    injected: pods.length - others.length,
    others: others.map(({ id: pod, trouble: why }) => ({ pod, why })),
  });
}
