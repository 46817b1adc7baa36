/** The actions of the driver "istio": the kind makes them, the driver carries them out. */

import { z } from "zod";
import type { FaultAction, Json } from "../../fault-action.js";

export const ISTIO = "istio";

/** Shares are 0..1. */
const spec = z.object({
  namespace: z.string(),
  /** As it stands in `hosts` of a VirtualService. */
  host: z.string(),
  /** The name of the one route that is meant. null: all of them. */
  route: z.string().nullable(),
  /** Requests with all of these headers, in full. Empty: all requests. */
  headers: z.record(z.string(), z.string()),
  /** `grpc` is the name of a status of gRPC. One of the two is null. */
  abort: z
    .object({ status: z.number().nullable(), grpc: z.string().nullable(), share: z.number() })
    .nullable(),
  delay: z.object({ ms: z.number(), share: z.number() }).nullable(),
  /** Labels of the pods whose sidecars send the requests. null: they are not asked what they did. */
  clients: z.record(z.string(), z.string()).nullable(),
});

/** What is done to requests to a host of the mesh. */
export interface IstioSpec extends Readonly<z.output<typeof spec>> {}

export function istioAction(target: string, what: IstioSpec): FaultAction {
  const plain: { readonly [key: string]: Json } = { ...what };
  return { kind: ISTIO, driver: ISTIO, target, spec: plain };
}

/** @returns null when the action is none of Istio's. */
export function istioSpecOf({ driver, spec: given }: FaultAction): IstioSpec | null {
  return driver === ISTIO ? (spec.safeParse(given).data ?? null) : null;
}
