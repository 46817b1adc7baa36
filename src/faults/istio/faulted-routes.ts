/** What of a VirtualService changes for a fault. Pure. */

import { type ClusterJson, fieldAt, listAt, textAt } from "../../kubernetes/objects.js";
import type { IstioSpec } from "../kinds/istio/istio-action.js";

export type JsonMap = { readonly [key: string]: ClusterJson };

export interface FaultedRoutes {
  /** `spec.http`, with the fault in it. */
  readonly http: readonly JsonMap[];
  /** Names (or places) of the routes that got it and that have retries of their own. */
  readonly retried: readonly string[];
}

/** Why a fault finds no place in a VirtualService. */
export type NoPlace =
  | { readonly id: "no_http" }
  | { readonly id: "no_route"; readonly known: readonly string[] }
  /** A route has a fault already: somebody else's. */
  | { readonly id: "fault_there"; readonly route: string };

/** @param http `spec.http` as it was found. */
export function faultedRoutes(http: readonly unknown[], spec: IstioSpec): FaultedRoutes | NoPlace {
  // JSON that the server has given.
  const routes = http as readonly JsonMap[];
  if (routes.length === 0) return { id: "no_http" };
  const isMeant = (route: JsonMap) => spec.route === null || textAt(route, "name") === spec.route;
  // What goes to no destination is answered by the proxy itself.
  const able = routes.filter((route) => isMeant(route) && listAt(route, "route").length > 0);
  if (able.length === 0)
    return { id: "no_route", known: routes.flatMap((route) => textAt(route, "name") ?? []) };
  const taken = able.find((route) => "fault" in route);
  if (taken !== undefined) return { id: "fault_there", route: nameOf(taken, routes) };
  return {
    http: routes.flatMap((route) => (able.includes(route) ? faulted(route, spec) : [route])),
    retried: able.filter(hasRetries).map((route) => nameOf(route, routes)),
  };
}

/** What a VirtualService of ours says, where there is none for the host. */
export function ownRoutes(spec: IstioSpec): readonly JsonMap[] {
  const plain: JsonMap = { route: [{ destination: { host: spec.host } }] };
  return faulted(plain, spec);
}

/** A fault for some requests is a route of its own, before the one of all others. */
function faulted(route: JsonMap, spec: IstioSpec): readonly JsonMap[] {
  const fault = faultOf(spec);
  if (Object.keys(spec.headers).length === 0) return [{ ...route, fault }];
  const headers = Object.fromEntries(Object.entries(spec.headers).map(([name, exact]) => [name, { exact }]));
  const matches = listAt(route, "match") as readonly JsonMap[];
  const match = (matches.length === 0 ? [{}] : matches).map((each: JsonMap) => {
    const others = fieldAt(each, ["headers"]);
    return { ...each, headers: { ...(typeof others === "object" ? others : {}), ...headers } };
  });
  const name = textAt(route, "name");
  return [{ ...route, ...(name === undefined ? {} : { name: `${name}-faultline` }), match, fault }, route];
}

/** What a route has under `fault`. */
export function faultOf({ abort, delay }: IstioSpec): JsonMap {
  return {
    ...(abort
      ? {
          abort: {
            ...(abort.grpc === null ? { httpStatus: abort.status } : { grpcStatus: abort.grpc }),
            percentage: { value: percent(abort.share) },
          },
        }
      : {}),
    ...(delay
      ? { delay: { fixedDelay: `${delay.ms / 1000}s`, percentage: { value: percent(delay.share) } } }
      : {}),
  };
}

function percent(share: number): number {
  return Number((share * 100).toPrecision(6));
}

function hasRetries(route: JsonMap): boolean {
  const attempts = fieldAt(route, ["retries", "attempts"]);
  return typeof attempts === "number" && attempts > 0;
}

function nameOf(route: JsonMap, all: readonly JsonMap[]): string {
  return textAt(route, "name") ?? `route ${all.indexOf(route) + 1}`;
}
