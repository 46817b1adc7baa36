import type { RequestOptions } from "node:https";
import { monotonicMs } from "../../support/clock.js";
import { lookupHost } from "../../support/lookup-host.js";
import type { ClusterAccess, Credentials } from "../access/access.js";
import { WireTrouble } from "./wire-trouble.js";

export interface AskedPath {
  /** "/api/v1/namespaces/shop/pods" */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** How long a request waits for credentials. */
export interface CredentialWait {
  readonly isRefused: boolean;
  /** null: as long as their source takes. */
  readonly timeoutMs: number | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * As whom, and with which TLS, an API server is asked.
 * @throws ClusterProblem, WireTrouble
 */
export async function requestOptions(
  { ca, servername, verify, credentials }: ClusterAccess,
  wait: CredentialWait,
  headers: Readonly<Record<string, string>>,
): Promise<RequestOptions> {
  const { cert, key, headers: own } = await inTime(credentials.get(wait.isRefused), wait);
  const tls = { ca, cert, key, servername };
  return {
    lookup: lookupHost,
    headers: { "User-Agent": "faultline", ...headers, ...writable(own) },
    ...Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== null)),
    rejectUnauthorized: verify,
  };
}

/** A plug-in that goes on is ended by its own limit, and what it gives is kept for the next one who asks. */
async function inTime(
  credentials: Promise<Credentials>,
  { timeoutMs, signal }: CredentialWait,
): Promise<Credentials> {
  // Nobody may wait for it any more.
  credentials.catch(() => {});
  const fromMs = monotonicMs();
  let end = () => {};
  const over = new Promise<never>((_, reject) => {
    const stop = () => reject(new WireTrouble("stopped", "stopped", false));
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop, { once: true });
    const late = () => {
      const forS = ((monotonicMs() - fromMs) / 1000).toFixed(1);
      reject(
        new WireTrouble("late", `the credentials of the kubeconfig had not come after ${forS} s`, false),
      );
    };
    const timer = timeoutMs === null ? undefined : setTimeout(late, timeoutMs);
    end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
  });
  try {
    return await Promise.race([credentials, over]);
  } finally {
    end();
  }
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
