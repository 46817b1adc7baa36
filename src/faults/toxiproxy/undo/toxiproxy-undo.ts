import type { Undo, UndoEntry } from "../../undo-entry.js";
import { proxyTokenOf } from "../client/token-variable.js";
import { ToxiproxyApi } from "../client/toxiproxy-api.js";
import { isListedProxy, type ListedProxy } from "../client/toxiproxy-listing.js";
import { shownServer } from "../client/toxiproxy-transport.js";
import { putBack } from "./put-back.js";
import type { TouchedProxy } from "./touched-proxy.js";

export const TOXIPROXY = "toxiproxy";

/** A server that takes longer for one call is as good as hanging. */
const CALL_MS = 2_000;

/** What a run is about to do to a proxy of a server that is not its own. */
export type ToxiproxyDeed =
  | {
      readonly kind: "proxy";
      readonly url: string;
      readonly proxy: string;
      readonly upstream: string;
      /** As the server listed it before; null: the run makes it. */
      readonly found: ListedProxy | null;
    }
  | { readonly kind: "toxic"; readonly url: string; readonly proxy: string; readonly toxic: string };

export function toxiproxyEntry(deed: ToxiproxyDeed): UndoEntry {
  const proxy = `proxy "${deed.proxy}" of ${shownServer(deed.url)}`;
  const text = deed.kind === "proxy" ? proxy : `toxic "${deed.toxic}" on ${proxy}`;
  return { driver: TOXIPROXY, undo: deed, text };
}

/** Puts back what runs did to Toxiproxy servers, from what they wrote down. */
export const undoToxiproxy: Undo = async (entries, { dryRun, keepProxies = false, env = process.env }) => {
  const failures: string[] = [];
  const deeds: ToxiproxyDeed[] = [];
  for (const { undo, text } of entries) {
    if (isDeed(undo)) deeds.push(undo);
    else failures.push(`${text}: how to undo it cannot be read`);
  }
  const urls = [...new Set(deeds.map(({ url }) => url))];
  const results = await Promise.all(
    urls.map((url) => {
      const api = new ToxiproxyApi(url, { token: proxyTokenOf(env), deadlineMs: CALL_MS });
      const touched = touchedBy(deeds.filter((deed) => deed.url === url));
      return putBack(api, touched, { dryRun, keepProxies, callsMayPend: true });
    }),
  );
  return {
    did: results.flatMap((result) => result.did),
    failures: [...failures, ...results.flatMap((result) => result.failures)],
  };
};

/** All deeds of one run on one server, gathered by proxy. */
export function touchedBy(deeds: readonly ToxiproxyDeed[]): readonly TouchedProxy[] {
  const toxics = deeds.filter((deed) => deed.kind === "toxic");
  return deeds
    .filter((deed) => deed.kind === "proxy")
    .map(({ proxy, upstream, found }) => ({
      name: proxy,
      upstream,
      found,
      toxics: toxics.filter((deed) => deed.proxy === proxy).map(({ toxic }) => toxic),
    }));
}

function isDeed(undo: unknown): undo is ToxiproxyDeed {
  if (typeof undo !== "object" || undo === null) return false;
  const deed: Partial<Record<string, unknown>> = { ...undo };
  if (typeof deed.url !== "string" || !URL.canParse(deed.url) || typeof deed.proxy !== "string") return false;
  if (deed.kind === "toxic") return typeof deed.toxic === "string";
  return (
    deed.kind === "proxy" &&
    typeof deed.upstream === "string" &&
    (deed.found === null || isListedProxy(deed.found))
  );
}
