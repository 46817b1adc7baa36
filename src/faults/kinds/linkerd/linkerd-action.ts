/** The actions of the driver "linkerd": the kind makes them, the driver carries them out. */

import { z } from "zod";
import type { FaultAction, Json } from "../../fault-action.js";

export const LINKERD = "linkerd";

/** The API groups of HTTPRoutes that Linkerd reads. */
export const ROUTE_GROUPS = ["gateway.networking.k8s.io", "policy.linkerd.io"] as const;
export type RouteGroup = (typeof ROUTE_GROUPS)[number];

const spec = z.object({
  namespace: z.string(),
  /** The Service whose requests are meant. */
  service: z.string(),
  /** null: its only one. */
  port: z.number().nullable(),
  group: z.enum(ROUTE_GROUPS),
  /** The name of the HTTPRoute that is meant. null: the one of the Service, or one that is made. */
  route: z.string().nullable(),
  /** Requests below this path, whole segments. null: all of them. */
  path: z.string().nullable(),
  /** Requests with all of these headers, in full. Empty: all requests. */
  headers: z.record(z.string(), z.string()),
  /** 0..1 */
  share: z.number(),
  /** The Service that takes them. null: Linkerd's proxies answer them with status 500. */
  backend: z.object({ service: z.string(), port: z.number().nullable() }).nullable(),
  /** Labels of the pods whose proxies send the requests. null: they are not asked what they did. */
  clients: z.record(z.string(), z.string()).nullable(),
});

/** What is done to requests to a Service of the mesh. */
export interface LinkerdSpec extends Readonly<z.output<typeof spec>> {}

export function linkerdAction(target: string, what: LinkerdSpec): FaultAction {
  const plain: { readonly [key: string]: Json } = { ...what };
  return { kind: LINKERD, driver: LINKERD, target, spec: plain };
}

/** @returns null when the action is none of Linkerd's. */
export function linkerdSpecOf({ driver, spec: given }: FaultAction): LinkerdSpec | null {
  return driver === LINKERD ? (spec.safeParse(given).data ?? null) : null;
}
