import type { ListedProxy, ListedToxic } from "../client/toxiproxy-listing.js";

/** A proxy of a server that is not ours, and what a run did or may have done to it. */
export interface TouchedProxy {
  readonly name: string;
  readonly upstream: string;
  /** As it was before the run touched it. null: there was none of this name, and the run makes it. */
  readonly found: ListedProxy | null;
  /** Names of toxics that the run adds. */
  readonly toxics: readonly string[];
}

/** One call that brings a proxy nearer to what it was. */
export type Remedy =
  | { readonly kind: "delete" }
  /** Disabled at first. It is enabled when it has its toxics again, so that a half-made one can be told. */
  | { readonly kind: "make again"; readonly as: ListedProxy }
  | { readonly kind: "add toxic again"; readonly toxic: ListedToxic }
  | { readonly kind: "remove toxics"; readonly names: readonly string[] }
  | { readonly kind: "switch"; readonly enabled: boolean };

/**
 * What remains to be done until the proxy is as it was before the run.
 * @param now as the server lists it.
 * @param keepProxies only until it has no fault of the run any more, and passes what the run's service sends.
 */
export function remediesFor(
  { upstream, found, toxics }: TouchedProxy,
  now: ListedProxy | null,
  { keepProxies = false }: { readonly keepProxies?: boolean } = {},
): readonly Remedy[] {
  const present = new Set(now?.toxics.map(({ name }) => name));
  const ours = toxics.filter((name) => present.has(name));
  const remove = ours.length > 0 ? [{ kind: "remove toxics", names: ours } as const] : [];
  // With another upstream it is somebody else's, who took the name or changed the upstream since.
  if (now && now.upstream !== upstream) return remove;
  if (keepProxies && now) return now.enabled ? remove : [...remove, { kind: "switch", enabled: true }];
  if (!found) return now ? [{ kind: "delete" }] : [];
  // When a proxy is in use and one of its owners' toxics is missing, they have removed it themselves.
  const lost = now?.enabled ? [] : found.toxics.filter(({ name }) => !present.has(name));
  return [
    ...(now ? [] : [{ kind: "make again", as: found } as const]),
    ...remove,
    ...lost.map((toxic) => ({ kind: "add toxic again", toxic }) as const),
    ...((now?.enabled ?? false) === found.enabled
      ? []
      : [{ kind: "switch", enabled: found.enabled } as const]),
  ];
}

/** As an order: "delete proxy …". `where`: `"cache" of http://127.0.0.1:8474`. */
export function remedyText(remedy: Remedy, where: string): string {
  switch (remedy.kind) {
    case "delete":
      return `delete proxy ${where}`;
    case "make again":
      return `make proxy ${where} again, as it was found`;
    case "add toxic again":
      return `add toxic "${remedy.toxic.name}" to proxy ${where} again`;
    case "remove toxics": {
      const names = remedy.names.map((name) => `"${name}"`).join(", ");
      return `remove ${remedy.names.length === 1 ? "toxic" : "toxics"} ${names} from proxy ${where}`;
    }
    case "switch":
      return `${remedy.enabled ? "enable" : "disable"} proxy ${where} again`;
  }
}
