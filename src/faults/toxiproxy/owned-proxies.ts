import { FaultlineError } from "../../support/errors.js";
import type { DriverJournal, ProxySpec } from "../fault-driver.js";
import { parseHostPort } from "./client/toxiproxy-address.js";
import type { ToxiproxyApi } from "./client/toxiproxy-api.js";
import type { ListedProxy } from "./client/toxiproxy-listing.js";
import { deedText, type ToxiproxyDeed, touchedBy } from "./undo/deed.js";
import { putBack, removeToxics } from "./undo/put-back.js";

/** As the server is asked for it. */
type ServerProxy = Pick<ProxySpec, "name" | "listen" | "upstream">;

export interface OwnedProxy {
  readonly name: string;
  /** As the server lists it. */
  readonly listen: string;
  readonly upstream: string;
  /** What is behind everything in between. Most often the same as the upstream. */
  readonly dependency: string;
  /** As it was before we touched it. null: we made it. */
  readonly found: ListedProxy | null;
}

/** The proxies that a run uses on one server. It made them, or found them there and gives them back unchanged. */
export class OwnedProxies {
  readonly #api: ToxiproxyApi;
  readonly #journal: DriverJournal | null;
  readonly #byName = new Map<string, OwnedProxy>();
  /** What the journal was told, also when there is none. */
  #deeds: readonly ToxiproxyDeed[] = [];

  constructor(api: ToxiproxyApi, journal: DriverJournal | null) {
    this.#api = api;
    this.#journal = journal;
  }

  /** Makes the missing ones. @throws FaultlineError PROXY_CONFLICT, PORT_IN_USE, TOXIPROXY_…. */
  async create(specs: readonly ProxySpec[]): Promise<void> {
    const existing = await this.#api.proxies();
    for (const { name, listen: wanted, upstream: dependency, via = dependency } of specs) {
      const spec: ServerProxy = { name, listen: wanted, upstream: via };
      const found = existing.get(spec.name) ?? null;
      if (found) refuseConflict(spec, found);
      const { name: proxy, upstream } = spec;
      this.#announce({ kind: "proxy", url: this.#api.url, proxy, upstream, found });
      // Noted before the call: when its answer is lost, the proxy may exist all the same.
      this.#byName.set(spec.name, { ...spec, dependency, found });
      const listen = found ? await this.#reuse(found) : await this.#make(spec);
      this.#byName.set(spec.name, { ...spec, listen, dependency, found });
    }
  }

  /** Where clients find each proxy, by name. */
  addresses(): ReadonlyMap<string, string> {
    return new Map([...this.#byName.keys()].map((name) => [name, this.address(name)]));
  }

  /** A proxy that listens on every interface is found at the server's own host. */
  address(name: string): string {
    const { listen } = this.get(name);
    const { host, port } = parseHostPort(listen);
    if (!["", "0.0.0.0", "::"].includes(host)) return listen;
    return `${new URL(this.#api.url).hostname}:${port}`;
  }

  get(name: string): OwnedProxy {
    const owned = this.#byName.get(name);
    if (!owned) throw new Error(`no proxy "${name}" was created`);
    return owned;
  }

  setEnabled(name: string, enabled: boolean): Promise<void> {
    return this.#api.setEnabled(name, enabled);
  }

  /** Call it before the toxic is added. */
  toxicAnnounced(proxy: string, toxic: string): void {
    this.#announce({ kind: "toxic", url: this.#api.url, proxy, toxic });
  }

  /**
   * Removes toxics. When they cannot be removed, the proxy is deleted and made again with only the toxics that it was
   * found with.
   */
  removeToxics(name: string, toxics: readonly string[]): Promise<void> {
    const { listen, upstream, found } = this.get(name);
    const listed = { name, listen, upstream, enabled: true, toxics: found?.toxics ?? [] };
    return removeToxics(this.#api, name, toxics, listed);
  }

  /** Deletes what we made, and restores what we found. Resolves with what could not be done. */
  async giveBack(): Promise<readonly string[]> {
    return (await putBack(this.#api, touchedBy(this.#deeds))).failures;
  }

  #announce(deed: ToxiproxyDeed): void {
    this.#journal?.undoable({ undo: deed, text: deedText(deed) });
    this.#deeds = [...this.#deeds, deed];
  }

  async #make(spec: ServerProxy): Promise<string> {
    try {
      return await this.#api.createProxy({ ...spec, enabled: true });
    } catch (error) {
      // A refused proxy was not made, or is somebody else's.
      const isRefused = error instanceof FaultlineError && error.code !== "TOXIPROXY_UNREACHABLE";
      if (isRefused) {
        this.#byName.delete(spec.name);
        this.#deeds = this.#deeds.filter(({ proxy }) => proxy !== spec.name);
      }
      throw error;
    }
  }

  async #reuse(found: ListedProxy): Promise<string> {
    if (found.enabled) return found.listen;
    await this.#api.setEnabled(found.name, true);
    // A port of 0 is known only now.
    return (await this.#api.proxies()).get(found.name)?.listen ?? found.listen;
  }
}

function refuseConflict(spec: ServerProxy, found: ListedProxy): void {
  const isThere = `Proxy "${spec.name}" is already there`;
  if (found.upstream !== spec.upstream) {
    const message = `${isThere}, with upstream ${found.upstream} instead of ${spec.upstream}.`;
    throw new FaultlineError("PROXY_CONFLICT", message);
  }
  const { port } = parseHostPort(spec.listen);
  if (port !== 0 && port !== parseHostPort(found.listen).port) {
    const message = `${isThere}, listening on ${found.listen} instead of ${spec.listen}.`;
    throw new FaultlineError("PROXY_CONFLICT", message);
  }
}
