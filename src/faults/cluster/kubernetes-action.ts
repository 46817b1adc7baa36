/** The actions of the driver "kubernetes": its kind makes them, the driver carries them out on objects of a cluster. */

import { z } from "zod";
import { countOf } from "../../support/count-of.js";
import type { FaultAction } from "../fault-action.js";

export const KUBERNETES = "kubernetes";

/** Both have replicas and a template of pods. */
export const WORKLOADS = ["deployment", "statefulSet"] as const;
export type WorkloadKind = (typeof WORKLOADS)[number];

export const WAYS = ["both", "ingress", "egress"] as const;

const atMost = z.number().nullable();
const workload = { namespace: z.string(), workload: z.enum(WORKLOADS), name: z.string(), atMost };

const specSchema = z.discriminatedUnion("deed", [
  z.object({
    deed: z.literal("delete"),
    namespace: z.string(),
    /** A label selector. */
    pods: z.string(),
    count: z.number(),
    /** How long each may take to end. null: as long as it says itself. */
    graceS: z.number().nullable(),
  }),
  z.object({
    deed: z.literal("isolate"),
    namespace: z.string(),
    pods: z.string(),
    way: z.enum(WAYS),
    atMost,
  }),
  z.object({ deed: z.literal("scale"), ...workload, replicas: z.number() }),
  z.object({ deed: z.literal("image"), ...workload, image: z.string(), container: z.string().nullable() }),
  z.object({ deed: z.literal("cordon"), node: z.string() }),
  z.object({ deed: z.literal("drain"), node: z.string(), atMost }),
]);

export type KubernetesSpec = z.output<typeof specSchema>;
export type SpecOf<Deed extends KubernetesSpec["deed"]> = Extract<KubernetesSpec, { deed: Deed }>;

export function kubernetesAction(spec: KubernetesSpec): FaultAction {
  return { kind: KUBERNETES, driver: KUBERNETES, target: targetOfSpec(spec), spec };
}

/** @returns null when the action is of another kind, or of a later version. */
export function kubernetesSpec({ kind, spec }: FaultAction): KubernetesSpec | null {
  return kind === KUBERNETES ? (specSchema.safeParse(spec).data ?? null) : null;
}

/** "deployment shop/cart", "pods app=cart in shop", "node worker-2" */
export function targetOfSpec(spec: KubernetesSpec): string {
  switch (spec.deed) {
    case "delete":
    case "isolate":
      return `pods ${spec.pods} in ${spec.namespace}`;
    case "scale":
    case "image":
      return `${workloadWord(spec.workload)} ${spec.namespace}/${spec.name}`;
    case "cordon":
    case "drain":
      return `node ${spec.node}`;
  }
}

export function workloadWord(kind: WorkloadKind): string {
  return kind === "deployment" ? "deployment" : "stateful set";
}

/** What is done, in a user's words. */
export function describeSpec(spec: KubernetesSpec): string {
  const target = targetOfSpec(spec);
  switch (spec.deed) {
    case "delete": {
      const how = spec.graceS === 0 ? "killed" : "deleted";
      return `${countOf(spec.count, "pod")} (${spec.pods}) in ${spec.namespace} ${how}`;
    }
    case "isolate":
      return `${target} cut off${spec.way === "both" ? "" : ` (${spec.way})`}`;
    case "scale":
      return `${target} scaled to ${spec.replicas}`;
    case "image":
      return `${target} rolled out with image ${spec.image}`;
    case "cordon":
      return `${target} cordoned`;
    case "drain":
      return `${target} drained`;
  }
}
