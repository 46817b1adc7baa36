import { askedOf, writing } from "./asking.js";
import { type ObjectPlace, textAt } from "./objects.js";
import { isDisruptionBudget, isProblem } from "./problem.js";
import type { Sender, Sent } from "./sender.js";
import { pathOfObject } from "./wire/api-paths.js";

export interface Eviction {
  readonly isEvicted: boolean;
  /** Whether it was not there any more. */
  readonly isGone: boolean;
  /** In the server's words. null: no budget has kept it. */
  readonly why: string | null;
}

/** Asks a pod to leave, where its PodDisruptionBudget lets it. */
export async function evictPod(
  sender: Sender,
  place: ObjectPlace,
  sent: Sent & { readonly graceS?: number; readonly uid?: string },
): Promise<Eviction> {
  const { graceS, uid } = sent;
  const deleteOptions = {
    ...(graceS === undefined ? {} : { gracePeriodSeconds: graceS }),
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(sent.dryRun ? { dryRun: ["All"] } : {}),
  };
  const { namespace, name } = place;
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions };
  const asked = askedOf("create", place, "eviction");
  const query = writing({ dryRun: sent.dryRun ?? false });
  const request = { method: "POST", path: pathOfObject(place, "eviction"), query, body } as const;
  try {
    const refusal = await sender.send(asked, request, sent, isDisruptionBudget);
    if (isDisruptionBudget(refusal))
      return { isEvicted: false, isGone: false, why: textAt(refusal, "message") ?? "" };
    return { isEvicted: true, isGone: false, why: null };
  } catch (error) {
    if (isProblem(error, "not_found"))
      return { isEvicted: error.facts.isInDoubt === true, isGone: true, why: null };
    throw error;
  }
}
