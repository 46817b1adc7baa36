import type { Cluster } from "../../kubernetes/cluster.js";
import type { ResourceKind } from "../../kubernetes/objects.js";
import { FaultlineError } from "../../support/errors.js";
import { ROUTE_GROUPS, type RouteGroup } from "../kinds/linkerd/linkerd-action.js";

type RouteName = "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute";

const route = (group: string, version: string, kind: RouteName): ResourceKind => ({
  group,
  version,
  kind,
  plural: `${kind.toLowerCase()}s`,
  isNamespaced: true,
});

/** The newest first. Before v1beta2, routes of Linkerd's own group could not name backends. */
const HTTP_ROUTE_VERSIONS: Readonly<Record<RouteGroup, readonly string[]>> = {
  "gateway.networking.k8s.io": ["v1", "v1beta1"],
  "policy.linkerd.io": ["v1beta3", "v1beta2"],
};

const GATEWAY_API = "gateway.networking.k8s.io";

export const GRPC_ROUTE = route(GATEWAY_API, "v1", "GRPCRoute");
export const TLS_ROUTE = route(GATEWAY_API, "v1", "TLSRoute");
export const TCP_ROUTE = route(GATEWAY_API, "v1", "TCPRoute");

/** Of Gateway API v1.6.1, the newest first. */
const OTHER_VERSIONS = {
  grpc: ["v1", "v1alpha2"],
  tls: ["v1", "v1alpha3", "v1alpha2"],
  tcp: ["v1", "v1alpha2"],
} as const;

export const SERVICE_PROFILE: ResourceKind = {
  group: "linkerd.io",
  version: "v1alpha2",
  kind: "ServiceProfile",
  plural: "serviceprofiles",
  isNamespaced: true,
};

export function httpRouteKind(group: RouteGroup, version: string): ResourceKind {
  return route(group, version, "HTTPRoute");
}

/** What a cluster serves, in the versions that it serves. */
export interface MeshKinds {
  readonly httpRoutes: ReadonlyMap<RouteGroup, ResourceKind>;
  /** null: it serves none. */
  readonly grpcRoute: ResourceKind | null;
  /** Kinds of routes that Linkerd takes no more where a Service has an HTTPRoute. */
  readonly lesserRoutes: readonly ResourceKind[];
}

/** @throws FaultlineError KUBERNETES_MISSING where Linkerd is not installed, or one of these groups has no HTTPRoutes. */
export async function servedMeshKinds(cluster: Cluster, wanted: readonly RouteGroup[]): Promise<MeshKinds> {
  const missing = (what: string) => new FaultlineError("KUBERNETES_MISSING", `${cluster.words} ${what}`);
  if (!(await cluster.serves(SERVICE_PROFILE))) {
    throw missing("serves no ServiceProfile of linkerd.io: is Linkerd installed there?");
  }
  const httpRoutes = new Map<RouteGroup, ResourceKind>();
  for (const group of ROUTE_GROUPS) {
    const kinds = HTTP_ROUTE_VERSIONS[group].map((version) => httpRouteKind(group, version));
    const served = await firstServed(cluster, kinds);
    if (served !== null) httpRoutes.set(group, served);
  }
  const lacking = wanted.find((group) => !httpRoutes.has(group));
  if (lacking !== undefined) {
    const [other] = httpRoutes.keys();
    const hint = other === undefined ? "" : `. It serves those of ${other}: \`group: ${other}\``;
    throw missing(`serves no HTTPRoute of ${lacking} that names backends${hint}`);
  }
  const newest = (kind: ResourceKind, versions: readonly string[]) =>
    firstServed(
      cluster,
      versions.map((version) => ({ ...kind, version })),
    );
  const lesser = [await newest(TLS_ROUTE, OTHER_VERSIONS.tls), await newest(TCP_ROUTE, OTHER_VERSIONS.tcp)];
  return {
    httpRoutes,
    grpcRoute: await newest(GRPC_ROUTE, OTHER_VERSIONS.grpc),
    lesserRoutes: lesser.filter((kind) => kind !== null),
  };
}

async function firstServed(cluster: Cluster, kinds: readonly ResourceKind[]): Promise<ResourceKind | null> {
  for (const kind of kinds) {
    if (await cluster.serves(kind)) return kind;
  }
  return null;
}
