import { request } from "node:http";
import { messageOf } from "../support/errors.js";
import type { JournalContents } from "./journal-format.js";

type JournaledProxy = JournalContents["proxies"][number];

/** A server that takes longer for one call is as good as hanging. */
const CALL_MS = 1_000;

/** Reverts what the run did to real Toxiproxy servers. */
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
    if (isRefused(error)) return { did, failures: [] };
    return { did, failures: [`proxy "${proxy.proxy}" of ${proxy.url}: ${messageOf(error)}`] };
  }
}

async function revertProxy({ url, proxy, upstream, found, toxics }: JournaledProxy, did: string[]) {
  const path = `/proxies/${encodeURIComponent(proxy)}`;
  const now = await call(url, "GET", path);
  if (now === null) return;
  if (found === null) {
    if (now.upstream !== upstream) return;
    await call(url, "DELETE", path);
    did.push(`delete proxy "${proxy}" of ${url}`);
    return;
  }
  const present = Array.isArray(now.toxics) ? now.toxics.map((toxic: { name?: unknown }) => toxic.name) : [];
  for (const toxic of toxics.filter((name) => present.includes(name))) {
    await call(url, "DELETE", `${path}/toxics/${encodeURIComponent(toxic)}`);
    did.push(`remove toxic "${toxic}" from proxy "${proxy}" of ${url}`);
  }
  if (now.enabled !== found.enabled) {
    await call(url, "POST", path, { enabled: found.enabled });
    did.push(`${found.enabled ? "enable" : "disable"} proxy "${proxy}" of ${url} again`);
  }
}

/** The answer's object; null for "not found". */
function call(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown> | null> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", connection: "close" };
    const outgoing = request(new URL(path, url), { method, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece) => {
        text += piece;
      });
      answer.once("end", () => {
        clearTimeout(timer);
        const status = answer.statusCode ?? 0;
        if (status === 404) resolve(null);
        else if (status >= 300) reject(new Error(`status ${status}: ${text.trim()}`));
        else resolve(text === "" ? {} : JSON.parse(text));
      });
    });
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`${method} ${path} had no answer in ${CALL_MS} ms`)),
      CALL_MS,
    );
    outgoing.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body ? JSON.stringify(body) : undefined);
  });
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}
