import type { ClusterJson, ClusterObject, ResourceKind } from "../../kubernetes/objects.js";
import {
  CHAOS_KINDS,
  type ChaosKindName,
  type ChaosSpec,
  SELECTOR_PATHS,
} from "../kinds/chaos-mesh/chaos-action.js";

export const PAUSE = "experiment.chaos-mesh.org/pause";

/** Beside what a fault is to last: pauses between its phases, and a machine that is late. */
const MARGIN = 1.5;
const MARGIN_MS = 60_000;

export function chaosKind(kind: ChaosKindName): ResourceKind {
  return {
    group: "chaos-mesh.org",
    version: "v1alpha1",
    kind,
    plural: CHAOS_KINDS[kind],
    isNamespaced: true,
  };
}

/**
 * The object that is made for an action.
 * @param lastsMs how long a fault of the run lasts at most. Some time after that Chaos Mesh ends it by itself.
 */
export function chaosObject(name: string, { namespace, spec }: ChaosSpec, lastsMs: number): ClusterObject {
  const limitS = Math.ceil((lastsMs * MARGIN + MARGIN_MS) / 1000);
  // JSON of a scenario.
  const whole = withNamespaces(spec as { readonly [key: string]: ClusterJson }, namespace);
  return { metadata: { name, namespace }, spec: { ...whole, duration: `${limitS}s` } };
}

type JsonMap = { readonly [key: string]: ClusterJson };

/** Chaos Mesh would fill them in itself. Said here they cannot be misread. */
function withNamespaces(spec: JsonMap, namespace: string): JsonMap {
  return SELECTOR_PATHS.reduce((changed, way) => withNamespace(changed, way, namespace), spec);
}

function withNamespace(value: JsonMap, way: readonly string[], namespace: string): JsonMap {
  const [key, ...rest] = way;
  if (key === undefined) {
    const isSaid = "namespaces" in value || "pods" in value;
    return isSaid ? value : { ...value, namespaces: [namespace] };
  }
  const inner = value[key];
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return value;
  return { ...value, [key]: withNamespace(inner as JsonMap, rest, namespace) };
}

/** One that Chaos Mesh does once, and that nothing takes back: pausing it does nothing. */
export function isOneShot({ kind, spec }: ChaosSpec): boolean {
  return kind === "PodChaos" && (spec.action === "pod-kill" || spec.action === "container-kill");
}
