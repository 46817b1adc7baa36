import { isListedProxy, type ListedProxy } from "../client/toxiproxy-listing.js";
import { shownServer } from "../client/toxiproxy-transport.js";
import type { TouchedProxy } from "./touched-proxy.js";

/** What a run is about to do to a proxy of a server that is not its own. The driver's undo entries hold it. */
export type ToxiproxyDeed =
  | {
      readonly kind: "proxy";
      readonly url: string;
      readonly proxy: string;
      readonly upstream: string;
      /** As the server listed it before. null: the run makes it. */
      readonly found: ListedProxy | null;
    }
  | { readonly kind: "toxic"; readonly url: string; readonly proxy: string; readonly toxic: string };

/** `toxic "x" on proxy "cache" of http://127.0.0.1:8474` */
export function deedText(deed: ToxiproxyDeed): string {
  const proxy = `proxy "${deed.proxy}" of ${shownServer(deed.url)}`;
  return deed.kind === "proxy" ? proxy : `toxic "${deed.toxic}" on ${proxy}`;
}

export function isToxiproxyDeed(undo: unknown): undo is ToxiproxyDeed {
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
