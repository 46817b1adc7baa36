import { request } from "node:http";
import { text as readText } from "node:stream/consumers";
import { hasCode, messageOf } from "../support/errors.js";
import type { JournalContents } from "./journal-format.js";

interface ListedToxic {
  readonly name: string;
}

interface ListedProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly ListedToxic[];
}

type JournaledProxy = JournalContents["proxies"][number];

/** A server that takes longer for one call is as good as hanging. */
const CALL_MS = 1_000;

/**
 * Reverts what the run did to real Toxiproxy servers. With nothing but node:http: the watchdog keeps this in memory for
 * as long as a run lasts.
 */
export async function healFaults(
  proxies: readonly JournaledProxy[],
): Promise<{ readonly did: readonly string[]; readonly failures: readonly string[] }> {
  const results = await Promise.all(proxies.map(revert));
  return {
    did: results.flatMap((result) => result.did),
    failures: results.flatMap((result) => result.failures),
  };
}

async function revert(proxy: JournaledProxy): Promise<{ did: string[]; failures: string[] }> {
  const did: string[] = [];
  try {
    await revertProxy(proxy, did);
    return { did, failures: [] };
  } catch (error) {
    // It keeps everything in memory: where nothing listens any more, nothing is left.
    if (hasCode(error, "ECONNREFUSED")) return { did, failures: [] };
    return { did, failures: [`proxy "${proxy.proxy}" of ${proxy.url}: ${messageOf(error)}`] };
  }
}

async function revertProxy(journaled: JournaledProxy, did: string[]): Promise<void> {
  const { url, proxy, upstream, found, toxics } = journaled;
  const path = proxyPath(proxy);
  const now = await call<ListedProxy>(url, "GET", path);
  if (now === null) return;
  if (found === null) {
    // With another upstream it is somebody else's, who took the name since.
    if (now.upstream !== upstream) return;
    await call(url, "DELETE", path);
    did.push(`delete proxy "${proxy}" of ${url}`);
    return;
  }
  const ours = now.toxics.filter(({ name }) => toxics.includes(name));
  try {
    for (const { name } of ours) {
      await call(url, "DELETE", `${path}/toxics/${encodeURIComponent(name)}`);
      did.push(`remove toxic "${name}" from proxy "${proxy}" of ${url}`);
    }
  } catch {
    await replace(url, now, ours);
    did.push(`replace proxy "${proxy}" of ${url} by one without ${ours.map(({ name }) => name).join(", ")}`);
  }
  if (now.enabled !== found.enabled) {
    await call(url, "POST", path, { enabled: found.enabled });
    did.push(`${found.enabled ? "enable" : "disable"} proxy "${proxy}" of ${url} again`);
  }
}

/** Where a toxic cannot be removed (servers hang on it under traffic): the proxy goes, and comes back without it. */
async function replace(url: string, proxy: ListedProxy, without: readonly ListedToxic[]): Promise<void> {
  const { name, listen, upstream, enabled, toxics } = proxy;
  await call(url, "DELETE", proxyPath(name));
  await call(url, "POST", "/proxies", { name, listen, upstream, enabled });
  for (const toxic of toxics.filter((each) => !without.includes(each))) {
    await call(url, "POST", `${proxyPath(name)}/toxics`, toxic);
  }
}

function proxyPath(name: string): string {
  return `/proxies/${encodeURIComponent(name)}`;
}

/** The answer's object, taken for what Toxiproxy documents; null for "not found" and for none. */
async function call<T>(url: string, method: string, path: string, body?: object): Promise<T | null> {
  const signal = AbortSignal.timeout(CALL_MS);
  const { status, text } = await exchange(new URL(path, url), method, body, signal).catch((error) => {
    throw signal.aborted ? new Error(`${method} ${path} had no answer in ${CALL_MS} ms`) : error;
  });
  if (status === 404) return null;
  if (status >= 300) throw new Error(`status ${status}: ${text.trim()}`);
  return text.trim() === "" ? null : JSON.parse(text);
}

function exchange(
  url: URL,
  method: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", connection: "close" };
    const outgoing = request(url, { method, headers, agent: false, signal }, (answer) => {
      readText(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body ? JSON.stringify(body) : undefined);
  });
}
