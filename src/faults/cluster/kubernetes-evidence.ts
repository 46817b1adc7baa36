/** What was seen of actions of the driver "kubernetes", as records hold it, and the words for it. */

import { z } from "zod";
import { countOf } from "../../support/count-of.js";
import { formatSeconds } from "../../support/format.js";

const seconds = z.number().nullable();

/** Times count from when the action was put in place. */
const evidenceSchema = z.discriminatedUnion("deed", [
  z.object({
    deed: z.literal("delete"),
    /** Whether they were given no time to end. */
    isKill: z.boolean(),
    pods: z.array(z.object({ name: z.string(), uid: z.string(), goneAfterS: seconds })),
    /** Pods with these labels that were ready then. */
    of: z.number(),
    /** When as many as before were there again, and were ready. null: not yet. */
    replacedAfterS: seconds,
    readyAfterS: seconds,
  }),
  z.object({
    deed: z.literal("isolate"),
    way: z.string(),
    policy: z.string(),
    /** Whether the API server has it still. */
    isThere: z.boolean(),
    pods: z.number(),
  }),
  z.object({
    deed: z.literal("scale"),
    found: z.number(),
    set: z.number(),
    /** What `spec.replicas` was at the end of the fault. null: the object was gone. */
    now: z.number().nullable(),
    ready: z.number(),
    /** When so many were ready as were asked for. null: not yet. */
    reachedAfterS: seconds,
    /** Names of autoscalers that act on it. */
    autoscalers: z.array(z.string()),
  }),
  z.object({
    deed: z.literal("image"),
    container: z.string(),
    found: z.string(),
    set: z.string(),
    /** What it was at the end of the fault. */
    now: z.string().nullable(),
    replicas: z.number(),
    /** Pods with the new image. */
    updated: z.number(),
    ready: z.number(),
  }),
  z.object({
    deed: z.literal("node"),
    isDrain: z.boolean(),
    isCordoned: z.boolean(),
    /** Whether it was before. Missing in records of older versions. */
    wasCordoned: z.boolean().optional(),
    /** Pods of the named namespaces that were to leave, and how many did. */
    pods: z.number(),
    evicted: z.number(),
    gone: z.number(),
    /** How often a PodDisruptionBudget said no, and what was said last to an eviction. */
    refusals: z.number(),
    why: z.string().nullable(),
  }),
]);

export type KubernetesEvidence = z.output<typeof evidenceSchema>;

/** @returns null where it is of another driver, or of a later version. */
export function kubernetesEvidence(evidence: unknown): KubernetesEvidence | null {
  return evidenceSchema.safeParse(evidence).data ?? null;
}

type EvidenceOf<Deed> = Extract<KubernetesEvidence, { deed: Deed }>;

/** What was done and seen: for after the name of the target, without a full stop. */
export function tellKubernetes(seen: KubernetesEvidence): string {
  switch (seen.deed) {
    case "delete":
      return tellDelete(seen);
    case "isolate":
      return tellIsolation(seen);
    case "scale":
      return tellScale(seen);
    case "image":
      return tellImage(seen);
    case "node":
      return tellNode(seen);
  }
}

function tellDelete({ isKill, pods, of, replacedAfterS, readyAfterS }: EvidenceOf<"delete">): string {
  if (pods.length === 0) {
    return of === 0
      ? "had no ready pod when the fault began"
      : `had ${countOf(of, "ready pod")}, and those that were chosen had gone by themselves`;
  }
  const what = `${pods.length} of ${countOf(of, "ready pod")} ${isKill ? "killed" : "deleted"}`;
  const still = pods.filter(({ goneAfterS }) => goneAfterS === null).length;
  if (still > 0) return `had ${what}, of which ${still} ${still === 1 ? "is" : "are"} still there`;
  if (replacedAfterS === null) return `had ${what}, and no other in their place`;
  if (readyAfterS === null)
    return `had ${what}, replaced after ${formatSeconds(replacedAfterS)} and not ready by the end of the fault`;
  return `had ${what}, and as many were ready again after ${formatSeconds(readyAfterS)}`;
}

function tellIsolation({ way, policy, isThere, pods }: EvidenceOf<"isolate">): string {
  if (!isThere) return `were let go meanwhile: somebody has removed the NetworkPolicy ${policy}`;
  if (pods === 0) return "were none";
  const ways = way === "both" ? "all traffic" : `all ${way}`;
  return `have a NetworkPolicy that forbids ${ways} of ${countOf(pods, "pod")}; whether the cluster's network enforces it, only traffic shows`;
}

function tellScale({ found, set, now, ready, reachedAfterS, autoscalers }: EvidenceOf<"scale">): string {
  if (found === set) return `had ${countOf(found, "replica")} already`;
  const scaled = `was scaled from ${found} to ${set}`;
  if (now === null) return `${scaled}, and is gone`;
  if (now !== set) {
    const by = autoscalers.length === 0 ? "" : ` (the autoscaler ${autoscalers.join(", ")} acts on it)`;
    return `${scaled}, and somebody has scaled it to ${now} meanwhile${by}`;
  }
  if (reachedAfterS === null)
    return `${scaled}, and had ${countOf(ready, "ready replica")} at the end of the fault`;
  return `${scaled}, which took ${formatSeconds(reachedAfterS)}`;
}

function tellImage({ found, set, now, updated, ready, replicas }: EvidenceOf<"image">): string {
  if (found === set) return `had the image ${set} already`;
  const changed = `got the image ${set} instead of ${found}`;
  if (now !== set) return `${changed}, and somebody has changed it to ${now ?? "nothing"} meanwhile`;
  if (updated === 0) return `${changed}, and no pod of it was begun`;
  return `${changed}: ${updated} of ${countOf(replicas, "pod")} had it at the end of the fault, and ${countOf(ready, "pod")} ${ready === 1 ? "was" : "were"} ready`;
}

function tellNode(seen: EvidenceOf<"node">): string {
  const { isDrain, isCordoned, wasCordoned, pods, evicted, gone, refusals, why } = seen;
  if (!isCordoned) return "was cordoned, and somebody has let it take pods again meanwhile";
  if (!isDrain) return wasCordoned ? "was cordoned already" : "was cordoned";
  if (pods === 0) return "was cordoned, and had no pod of the namespaces that are named";
  const left = `was drained: ${evicted} of ${countOf(pods, "pod")} evicted, ${gone} gone`;
  if (refusals === 0) return why === null ? left : `${left}; ${why}`;
  return `${left}; a disruption budget said no ${refusals === 1 ? "once" : `${refusals} times`} (${why ?? ""})`;
}
