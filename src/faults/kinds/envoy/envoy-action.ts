/** The actions of the driver "envoy": the kind makes them, the driver carries them out. */

import { z } from "zod";
import type { FaultAction, Json } from "../../fault-action.js";

export const ENVOY = "envoy";

/** Shares are 0..1. */
const spec = z.object({
  /** null: at all connection managers that have the filter. */
  statPrefix: z.string().nullable(),
  /** `grpc` says that the status is one of gRPC. */
  abort: z.object({ status: z.number(), grpc: z.boolean(), share: z.number() }).nullable(),
  delay: z.object({ ms: z.number(), share: z.number() }).nullable(),
});

/** What is done to requests that cross an Envoy. */
export interface EnvoySpec extends Readonly<z.output<typeof spec>> {}

/** @param admin URL of the admin interface. It may hold ${…}. */
export function envoyAction(admin: string, what: EnvoySpec): FaultAction {
  const plain: { readonly [key: string]: Json } = { ...what };
  return { kind: ENVOY, driver: ENVOY, target: admin, spec: plain };
}

/** @returns null when the action is none of Envoy's. */
export function envoySpecOf({ driver, spec: given }: FaultAction): EnvoySpec | null {
  return driver === ENVOY ? (spec.safeParse(given).data ?? null) : null;
}
