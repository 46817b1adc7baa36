/** The actions of the driver "chaos-mesh": the kind makes them, the driver carries them out. */

import { z } from "zod";
import type { FaultAction, Json } from "../../fault-action.js";

export const CHAOS_MESH = "chaos-mesh";

/** Kinds of Chaos Mesh that act on pods, with the plural of each. Others act on clouds or whole machines: no namespace holds them. */
export const CHAOS_KINDS = {
  NetworkChaos: "networkchaos",
  PodChaos: "podchaos",
  HTTPChaos: "httpchaos",
  StressChaos: "stresschaos",
  DNSChaos: "dnschaos",
  IOChaos: "iochaos",
  TimeChaos: "timechaos",
  JVMChaos: "jvmchaos",
} as const;

export type ChaosKindName = keyof typeof CHAOS_KINDS;

const spec = z.object({
  kind: z.custom<ChaosKindName>((name) => typeof name === "string" && Object.hasOwn(CHAOS_KINDS, name)),
  namespace: z.string(),
  /** As the user wrote it: what Chaos Mesh calls the `spec` of such an object. */
  spec: z.record(z.string(), z.json()),
});

/** One object of Chaos Mesh. */
export interface ChaosSpec extends Readonly<z.output<typeof spec>> {}

export function chaosAction(target: string, { kind, namespace, spec }: ChaosSpec): FaultAction {
  // JSON of a scenario.
  return { kind: "chaosMesh", driver: CHAOS_MESH, target, spec: { kind, namespace, spec: spec as Json } };
}

/** @returns null when the action is none of Chaos Mesh's. */
export function chaosSpecOf({ driver, spec: given }: FaultAction): ChaosSpec | null {
  return driver === CHAOS_MESH ? (spec.safeParse(given).data ?? null) : null;
}

/** Where a spec has selectors of pods. The second is that of the other side of a network fault. */
export const SELECTOR_PATHS: readonly (readonly string[])[] = [["selector"], ["target", "selector"]];
