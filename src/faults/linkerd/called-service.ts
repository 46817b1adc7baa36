/** The Service that a fault is about, and what of the mesh is laid over it. */

import type { Cluster } from "../../kubernetes/cluster.js";
import {
  type ClusterObject,
  listAt,
  numberAt,
  placeInWords,
  placeOf,
  type ResourceKind,
  SERVICE,
  textAt,
} from "../../kubernetes/objects.js";
import { FaultlineError } from "../../support/errors.js";
import type { LinkerdSpec } from "../kinds/linkerd/linkerd-action.js";
import type { ServicePort } from "./faulted-rules.js";
import { type MeshKinds, SERVICE_PROFILE } from "./mesh-kinds.js";

export interface CalledService {
  readonly service: ClusterObject;
  /** The one that is called. */
  readonly port: number;
  /** The Service that takes the requests. null: there is none. */
  readonly backend: ServicePort | null;
  /** The HTTPRoute that gets the fault. null: the Service has none. */
  readonly route: { readonly kind: ResourceKind; readonly object: ClusterObject } | null;
}

/** Changes nothing. @throws FaultlineError KUBERNETES_UNFIT */
export async function calledService(
  cluster: Cluster,
  kinds: MeshKinds,
  spec: LinkerdSpec,
): Promise<CalledService> {
  const { namespace } = spec;
  const service = await serviceNamed(cluster, namespace, spec.service);
  // One that is another name for a host has none, either.
  if (textAt(service, "spec", "clusterIP") === "None" || isExternal(service)) {
    throw unfit(`${words(SERVICE, service)} has no ClusterIP, and Linkerd takes routes of no such Service`);
  }
  const port = portOf(service, spec.port);
  await refuseProfile(cluster, spec);
  const route = await attachedRoute(cluster, kinds, spec, { service, port });
  await refuseGrpcRoutes(cluster, kinds, spec, port);
  if (route === null) await refuseLesserRoutes(cluster, kinds, spec, port);
  if (spec.backend === null) return { service, port, backend: null, route };
  const backend = await serviceNamed(cluster, namespace, spec.backend.service);
  if (isExternal(backend)) {
    throw unfit(`${words(SERVICE, backend)} is another name for a host, and Linkerd leads no requests there`);
  }
  const backendPort = portOf(backend, spec.backend.port, "backend: port");
  if (spec.backend.service === spec.service && backendPort === port) {
    throw unfit(
      `requests to port ${port} of ${words(SERVICE, service)} go there already, so none would fail`,
    );
  }
  return { service, port, backend: { name: spec.backend.service, port: backendPort }, route };
}

async function serviceNamed(cluster: Cluster, namespace: string, name: string): Promise<ClusterObject> {
  const found = await cluster.get({ kind: SERVICE, namespace, name });
  if (found === null) throw unfit(`there is no Service ${name} in ${namespace}`);
  return found;
}

function isExternal(service: ClusterObject): boolean {
  return textAt(service, "spec", "type") === "ExternalName";
}

function portOf(service: ClusterObject, wanted: number | null, key = "port"): number {
  const ports = listAt(service, "spec", "ports").flatMap((each) => numberAt(each, "port") ?? []);
  const [only] = ports;
  const known = ports.length === 0 ? "no port" : `the ports ${ports.join(", ")}`;
  if (wanted !== null) {
    if (ports.includes(wanted)) return wanted;
    throw unfit(`${words(SERVICE, service)} has no port ${wanted}. It has ${known}`);
  }
  if (only !== undefined && ports.length === 1) return only;
  throw unfit(`${words(SERVICE, service)} has ${known}: say which with \`${key}\``);
}

/** Proxies go by one that leads requests anywhere instead of by the routes of the same Service. */
async function refuseProfile(cluster: Cluster, { namespace, service }: LinkerdSpec): Promise<void> {
  const { items } = await cluster.list(SERVICE_PROFILE, { namespace });
  const over = items.find(
    (profile) =>
      profile.metadata.name.startsWith(`${service}.${namespace}.svc.`) &&
      ["routes", "dstOverrides"].some((key) => listAt(profile, "spec", key).length > 0),
  );
  if (over === undefined) return;
  throw unfit(
    `${words(SERVICE_PROFILE, over)} is for the same Service, and with it Linkerd's proxies go by no HTTPRoute`,
  );
}

/** With one of them on the Service, Linkerd takes no HTTPRoute. */
async function refuseGrpcRoutes(
  cluster: Cluster,
  { grpcRoute }: MeshKinds,
  { namespace, service }: LinkerdSpec,
  port: number,
): Promise<void> {
  if (grpcRoute === null) return;
  const found = await routeFor(cluster, grpcRoute, namespace, service, port);
  if (found === null) return;
  throw unfit(`${words(grpcRoute, found)} is for the same Service, and beside it Linkerd takes no HTTPRoute`);
}

/**
 * An HTTPRoute that is made takes their place: of the routes of a Service, Linkerd goes by those of the most specific kind alone
 * (GRPCRoute, HTTPRoute, TLSRoute, TCPRoute: GEP-1426, and `parent_has_conflicting_routes` of linkerd2 at b24cd40).
 */
async function refuseLesserRoutes(
  cluster: Cluster,
  { lesserRoutes }: MeshKinds,
  { namespace, service }: LinkerdSpec,
  port: number,
): Promise<void> {
  for (const kind of lesserRoutes) {
    const found = await routeFor(cluster, kind, namespace, service, port);
    if (found === null) continue;
    throw unfit(
      `${words(kind, found)} is for the same Service, which has no HTTPRoute: beside one that is made for the fault, Linkerd would take it no more`,
    );
  }
}

async function routeFor(
  cluster: Cluster,
  kind: ResourceKind,
  namespace: string,
  service: string,
  port: number,
): Promise<ClusterObject | null> {
  const { items } = await cluster.list(kind, { namespace });
  return items.find((item) => parentsOf(item, namespace, service, port).length > 0) ?? null;
}

async function attachedRoute(
  cluster: Cluster,
  { httpRoutes }: MeshKinds,
  { namespace, service: name, group, route: wanted, path, headers }: LinkerdSpec,
  { service, port }: { readonly service: ClusterObject; readonly port: number },
): Promise<CalledService["route"]> {
  const all: NonNullable<CalledService["route"]>[] = [];
  for (const kind of httpRoutes.values()) {
    const { items } = await cluster.list(kind, { namespace });
    const own = items.filter((object) => parentsOf(object, namespace, name, port).length > 0);
    all.push(...own.map((object) => ({ kind, object })));
  }
  const inWords = all.map(({ kind, object }) => `${words(kind, object)} of ${kind.group}`).join(", ");
  const meant = all.filter(({ object }) => wanted === null || object.metadata.name === wanted);
  const [first, second] = meant.filter(({ kind }) => kind.group === group);
  if (first === undefined) {
    if (wanted === null && all.length === 0) return null;
    const known = all.length === 0 ? "There is none" : `There is ${inWords}`;
    const named = wanted === null ? "" : ` "${wanted}"`;
    throw unfit(
      `${name} in ${namespace} has no HTTPRoute${named} of ${group}. ${known}: see \`route\` and \`group\``,
    );
  }
  if (second !== undefined || (wanted === null && all.length > 1))
    throw unfit(`${name} in ${namespace} has several HTTPRoutes: ${inWords}. Say which with \`route\``);
  if (all.length > 1 && (path !== null || Object.keys(headers).length > 0)) {
    // Of the rules of all routes, the one with the longest path or the most headers wins.
    throw unfit(
      `${name} in ${namespace} has several HTTPRoutes: ${inWords}. A rule with more in its match takes requests away from those of the others: leave \`path\` and \`headers\` out`,
    );
  }
  refuseOthers(first.kind, first.object, { namespace, name, service });
  return first;
}

/** What the route is for beside the Service and its port would get the fault, too. */
function refuseOthers(
  kind: ResourceKind,
  route: ClusterObject,
  of: { readonly namespace: string; readonly name: string; readonly service: ClusterObject },
): void {
  const parents = listAt(route, "spec", "parentRefs");
  const own = parentsOf(route, of.namespace, of.name, null);
  const other = parents.find((parent) => !own.includes(parent));
  if (other !== undefined) {
    const what = `${textAt(other, "kind") ?? "Gateway"} ${textAt(other, "name") ?? "?"}`;
    throw unfit(`${words(kind, route)} is for ${what}, too, which would get the fault as well`);
  }
  const ports = new Set(own.map((parent) => numberAt(parent, "port") ?? null));
  const isOfSeveral = ports.size > 1 || (ports.has(null) && listAt(of.service, "spec", "ports").length > 1);
  if (isOfSeveral)
    throw unfit(`${words(kind, route)} is for several ports of ${of.name}: each would get the fault`);
}

/** Those parents of a route that are the Service. @param port null: any. */
function parentsOf(
  route: ClusterObject,
  namespace: string,
  service: string,
  port: number | null,
): readonly unknown[] {
  return listAt(route, "spec", "parentRefs").filter(
    (parent) =>
      // The core group has two names there.
      ["", "core"].includes(textAt(parent, "group") ?? "gateway.networking.k8s.io") &&
      textAt(parent, "kind") === "Service" &&
      textAt(parent, "name") === service &&
      (textAt(parent, "namespace") ?? namespace) === namespace &&
      (port === null || (numberAt(parent, "port") ?? port) === port),
  );
}

/** The annotations by which Linkerd tries requests again: those of the route, and where it has none those of the Service. */
export function retriesOf({ service, route }: CalledService): string | null {
  const sources = [
    ...(route === null ? [] : [{ kind: route.kind, object: route.object }]),
    { kind: SERVICE, object: service },
  ];
  for (const { kind, object } of sources) {
    const found = Object.entries(object.metadata.annotations ?? {}).filter(([name]) =>
      name.startsWith("retry.linkerd.io/"),
    );
    if (found.length === 0) continue;
    const each = found.map(([name, value]) => `${name}: ${value}`).sort();
    return `${each.join(", ")} of ${words(kind, object)}`;
  }
  return null;
}

function words(kind: ResourceKind, object: ClusterObject): string {
  return placeInWords(placeOf(kind, object));
}

function unfit(message: string): FaultlineError {
  return new FaultlineError("KUBERNETES_UNFIT", message);
}
