/** Targets of the load in a cluster: `k8s://NAMESPACE/SERVICE[:PORT][/path]`, and `k8s+https://` where the service speaks TLS. */

/** Each scheme, and the one of what is spoken there. */
export const CLUSTER_SCHEMES = { k8s: "http", "k8s+https": "https" } as const;

type ClusterScheme = keyof typeof CLUSTER_SCHEMES;

export interface ClusterTarget {
  /** What the service speaks. */
  readonly speaks: "http" | "https";
  readonly namespace: string;
  readonly service: string;
  /** A number, or the name of a port of the service. null: its only one. */
  readonly port: string | null;
  /** Behind the service: its path and query. "" when it has none. */
  readonly rest: string;
}

/** As Kubernetes checks the names of services, namespaces and their ports (RFC 1123). */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const HIGHEST_PORT = 65_535;

/** Whether the text means a service in a cluster, well formed or not. */
export function isClusterTarget(text: string): boolean {
  return schemeIn(text) !== null;
}

/** @returns null when it has another form. */
export function parseClusterTarget(text: string): ClusterTarget | null {
  const scheme = schemeIn(text);
  const parts = splitClusterTarget(text);
  if (scheme === null || parts === null) return null;
  const [, namespace = "", service = "", , port] =
    /^[^:]+:\/\/([^/]*)\/([^:]*)(:(.*))?$/.exec(parts.base) ?? [];
  const isPort = port === undefined || (/^\d+$/.test(port) ? isPortNumber(port) : LABEL.test(port));
  if (!LABEL.test(namespace) || !LABEL.test(service) || !isPort) return null;
  return { speaks: CLUSTER_SCHEMES[scheme], namespace, service, port: port ?? null, rest: parts.rest };
}

/** The part up to the port, and what is behind it. @returns null when there is no service. */
export function splitClusterTarget(text: string): { readonly base: string; readonly rest: string } | null {
  const [, base, rest = ""] = /^([^:/?#]+:\/\/[^/?#]*\/[^/?#]+)(.*)$/s.exec(text) ?? [];
  return base === undefined ? null : { base, rest };
}

function schemeIn(text: string): ClusterScheme | null {
  const name = /^([a-z0-9+]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(CLUSTER_SCHEMES, name) ? (name as ClusterScheme) : null;
}

function isPortNumber(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= HIGHEST_PORT;
}
