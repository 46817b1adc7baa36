import type { RequestOptions } from "node:https";
import { lookupHost } from "../../support/lookup-host.js";
import type { ClusterAccess } from "../access/access.js";

export interface AskedPath {
  /** "/api/v1/namespaces/shop/pods" */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * As whom, and with which TLS, an API server is asked.
 * @param isRefused whether it did not take the credentials that were given before.
 * @throws ClusterProblem
 */
export async function requestOptions(
  { ca, servername, verify, credentials }: ClusterAccess,
  isRefused: boolean,
  headers: Readonly<Record<string, string>>,
): Promise<RequestOptions> {
  const { cert, key, headers: own } = await credentials.get(isRefused);
  const tls = { ca, cert, key, servername };
  return {
    lookup: lookupHost,
    headers: { "User-Agent": "faultline", ...headers, ...writable(own) },
    ...Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== null)),
    rejectUnauthorized: verify,
  };
}

export function urlOf(server: URL, { path, query = {} }: AskedPath): URL {
  const url = new URL(server);
  url.pathname = `${server.pathname.replace(/\/$/, "")}${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

function writable(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}

export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
