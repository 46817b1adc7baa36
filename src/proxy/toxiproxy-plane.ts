import type { InjectionProof } from "../measure/record.js";
import type { Injection, ProxySpec } from "../plan/injection.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import type { ProxyCounters } from "./counters.js";
import { parseHostPort } from "./embedded/address.js";
import type { FaultJournal, FaultPlane } from "./fault-plane.js";
import type { Heartbeat } from "./heartbeat.js";
import { probe } from "./probe.js";
import { type ActiveInjection, type ProxyEvidence, weigh } from "./proof.js";
import { isGone, type ListedProxy, type ToxiproxyApi } from "./toxiproxy-api.js";

type Counters = ReadonlyMap<string, ProxyCounters> | null;

interface OwnedProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  /** As it was before we touched it; null: we made it. */
  readonly found: ListedProxy | null;
}

export interface ToxiproxyPlaneOptions {
  readonly kind: FaultPlane["kind"];
  readonly api: ToxiproxyApi;
  readonly version: string;
  /** Ends the server, if it is ours; everything in it goes with it. */
  readonly stopServer: (() => Promise<void>) | null;
  readonly journal: FaultJournal | null;
  /** Of a server that is not ours. */
  readonly heartbeat: Heartbeat | null;
}

/** Makes faults through the API of a Toxiproxy server; embedded and real ones are told apart only where they differ. */
export class ToxiproxyPlane implements FaultPlane {
  readonly kind: FaultPlane["kind"];
  readonly url: string;
  readonly version: string;
  readonly #api: ToxiproxyApi;
  readonly #stopServer: (() => Promise<void>) | null;
  readonly #journal: FaultJournal | null;
  readonly #heartbeat: Heartbeat | null;
  readonly #proxies = new Map<string, OwnedProxy>();
  #active: ActiveInjection[] = [];
  #toxicsMade = 0;
  #atBaseline: Counters = null;
  #afterBaseline: Counters = null;
  #beforeFault: Counters = null;
  #closing: Promise<void> | null = null;

  constructor({ kind, api, version, stopServer, journal, heartbeat }: ToxiproxyPlaneOptions) {
    this.kind = kind;
    this.url = api.url;
    this.version = version;
    this.#api = api;
    this.#stopServer = stopServer;
    this.#journal = journal;
    this.#heartbeat = heartbeat;
  }

  async createProxies(proxies: readonly ProxySpec[]): Promise<ReadonlyMap<string, string>> {
    const existing = await this.#api.proxies();
    for (const spec of proxies) {
      const found = existing.get(spec.name);
      if (found) refuseConflict(spec, found);
      this.#journal?.proxyTouched({
        url: this.url,
        proxy: spec.name,
        upstream: spec.upstream,
        found: found ? { enabled: found.enabled } : null,
      });
      // Noted before the call: where its answer is lost, the proxy may be there all the same.
      this.#proxies.set(spec.name, { ...spec, found: found ?? null });
      const listen = found ? await this.#reuse(found) : await this.#create(spec);
      this.#proxies.set(spec.name, { ...spec, listen, found: found ?? null });
    }
    return new Map([...this.#proxies].map(([name, { listen }]) => [name, this.#reachable(listen)]));
  }

  async markBaseline(): Promise<void> {
    this.#atBaseline = await this.#api.counters(this.kind);
    this.#afterBaseline = null;
  }

  async inject(injections: readonly Injection[]): Promise<void> {
    if (this.#active.length === 0) {
      this.#beforeFault = await this.#api.counters(this.kind);
      this.#afterBaseline ??= this.#beforeFault;
    }
    const before = [...this.#active];
    try {
      const wanted: ActiveInjection[] = [];
      for (const injection of injections) wanted.push(await this.#putInPlace(injection, wanted));
      for (const old of this.#active.filter((each) => !wanted.includes(each))) await this.#remove(old);
    } catch (error) {
      await this.#restore(before);
      throw error;
    }
  }

  async prove(): Promise<InjectionProof> {
    const [listed, now] = await Promise.all([this.#api.proxies(), this.#api.counters(this.kind)]);
    const names = [...new Set(this.#active.map(({ injection }) => injection.proxy))];
    const evidence = await Promise.all(
      names.map(async (name): Promise<ProxyEvidence> => {
        const { listen: listening, upstream } = this.#owned(name);
        const listen = this.#reachable(listening);
        const active = this.#active.filter(({ injection }) => injection.proxy === name);
        const isDown = active.some(({ injection }) => injection.kind === "down");
        // A connection of ours would count as traffic where connections are counted.
        const worthProbing = isDown || this.kind === "external";
        return {
          proxy: name,
          listen,
          upstream,
          active,
          listed: listed.get(name) ?? null,
          counters: {
            atBaseline: this.#countersOf(this.#atBaseline, name),
            afterBaseline: this.#countersOf(this.#afterBaseline, name),
            before: this.#countersOf(this.#beforeFault, name),
            now: this.#countersOf(now, name),
          },
          probe: worthProbing
            ? await probe(
                listen,
                active.map(({ injection }) => injection),
              )
            : null,
        };
      }),
    );
    return weigh(evidence);
  }

  async clear(): Promise<void> {
    const left = this.#active;
    this.#active = [];
    const byProxy = new Map<string, ActiveInjection[]>();
    for (const each of left) {
      const { proxy } = each.injection;
      byProxy.set(proxy, [...(byProxy.get(proxy) ?? []), each]);
    }
    const failures: string[] = [];
    await Promise.all(
      [...byProxy].map(async ([name, active]) => {
        try {
          for (const each of active) await this.#takeAway(each);
        } catch (error) {
          if (isGone(error)) return;
          await this.#replaceProxy(this.#owned(name)).catch((worse: unknown) => {
            failures.push(`proxy "${name}": ${messageOf(error)} Then: ${messageOf(worse)}`);
          });
        }
      }),
    );
    if (failures.length > 0) {
      throw new FaultlineError(
        "ROLLBACK_FAILED",
        `Could not undo the fault at ${this.url}: ${failures.join("; ")}`,
      );
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#heartbeat?.stop();
    // Our own server takes all it holds with it.
    if (this.#stopServer) return this.#stopServer();
    const failures: string[] = [];
    await this.clear().catch((error: unknown) => failures.push(messageOf(error)));
    for (const owned of this.#proxies.values()) {
      await this.#giveBack(owned).catch((error: unknown) => {
        if (!isGone(error)) failures.push(`proxy "${owned.name}": ${messageOf(error)}`);
      });
    }
    if (failures.length > 0) {
      throw new FaultlineError(
        "ROLLBACK_FAILED",
        `Could not clean up at ${this.url}: ${failures.join("; ")}`,
      );
    }
  }

  /** Deletes what we made; sets what we found to what it was. */
  async #giveBack({ name, found }: OwnedProxy): Promise<void> {
    if (found) await this.#api.updateProxy(found);
    else await this.#api.deleteProxy(name);
  }

  async #create(spec: ProxySpec): Promise<string> {
    try {
      return await this.#api.createProxy({ ...spec, enabled: true });
    } catch (error) {
      // A refused one was not made, or is somebody else's.
      const isRefused = error instanceof FaultlineError && error.code !== "TOXIPROXY_UNREACHABLE";
      if (isRefused) this.#proxies.delete(spec.name);
      throw error;
    }
  }

  async #reuse(found: ListedProxy): Promise<string> {
    if (found.enabled) return found.listen;
    await this.#api.updateProxy({ ...found, enabled: true });
    return (await this.#api.proxies()).get(found.name)?.listen ?? found.listen;
  }

  /** Keeps, updates or adds; what it returns is in `#active`. */
  async #putInPlace(injection: Injection, wanted: readonly ActiveInjection[]): Promise<ActiveInjection> {
    const free = this.#active.filter((each) => !wanted.includes(each));
    const same = free.find((each) => JSON.stringify(each.injection) === JSON.stringify(injection));
    if (same) return same;
    if (injection.kind === "down") {
      await this.#setEnabled(injection.proxy, false);
      return this.#nowActive({ injection, toxicName: null });
    }
    // An update keeps the connections, where removing and adding again may close them.
    const alike = free.find((each) => sameKind(each.injection, injection));
    if (alike?.injection.kind === "toxic" && alike.toxicName !== null) {
      await this.#api.updateToxic(injection.proxy, alike.toxicName, {
        ...injection.toxic,
        // An update keeps what it does not name, so attributes that are no longer wanted are set to 0.
        attributes: { ...zeroed(alike.injection.toxic.attributes), ...injection.toxic.attributes },
      });
      this.#active = this.#active.filter((each) => each !== alike);
      return this.#nowActive({ injection, toxicName: alike.toxicName });
    }
    const { type, stream } = injection.toxic;
    const toxicName = `faultline_${++this.#toxicsMade}_${type}_${stream}`;
    this.#journal?.toxicsAdded({ url: this.url, proxy: injection.proxy, toxics: [toxicName] });
    // Noted before the call: where its answer is lost, it may be in place all the same.
    const active = this.#nowActive({ injection, toxicName });
    await this.#api.addToxic(injection.proxy, toxicName, injection.toxic);
    return active;
  }

  #nowActive(active: ActiveInjection): ActiveInjection {
    this.#active.push(active);
    return active;
  }

  async #remove(active: ActiveInjection): Promise<void> {
    await this.#takeAway(active);
    this.#active = this.#active.filter((each) => each !== active);
  }

  async #takeAway({ injection, toxicName }: ActiveInjection): Promise<void> {
    if (toxicName === null) await this.#setEnabled(injection.proxy, true);
    else await this.#api.removeToxic(injection.proxy, toxicName);
  }

  /** After an injection that failed half-way: back to these, or to nothing at all. */
  async #restore(before: readonly ActiveInjection[]): Promise<void> {
    try {
      for (const each of this.#active.filter((now) => !before.includes(now))) {
        const was = before.find((old) => old.toxicName !== null && old.toxicName === each.toxicName);
        if (was?.injection.kind === "toxic" && was.toxicName !== null) {
          const attributes = each.injection.kind === "toxic" ? zeroed(each.injection.toxic.attributes) : {};
          await this.#api.updateToxic(was.injection.proxy, was.toxicName, {
            ...was.injection.toxic,
            attributes: { ...attributes, ...was.injection.toxic.attributes },
          });
        } else {
          await this.#takeAway(each);
        }
      }
      this.#active = [...before];
    } catch {
      await this.clear();
    }
  }

  /** Where a toxic cannot be removed: the proxy goes, and comes back without it. */
  async #replaceProxy({ name, listen, upstream, found }: OwnedProxy): Promise<void> {
    await this.#api.deleteProxy(name);
    await this.#api.createProxy({ name, listen, upstream, enabled: true });
    for (const toxic of found?.toxics ?? []) {
      // Listed by the server itself, so the stream is one of the two.
      const stream = toxic.stream.toLowerCase() === "upstream" ? "upstream" : "downstream";
      await this.#api.addToxic(name, toxic.name, { ...toxic, stream });
    }
  }

  /** Where clients find it: one that listens on every interface is at the server's own host. */
  #reachable(listen: string): string {
    const { host, port } = parseHostPort(listen);
    if (!["", "0.0.0.0", "::"].includes(host)) return listen;
    const { hostname } = new URL(this.url);
    return `${hostname}:${port}`;
  }

  #setEnabled(name: string, enabled: boolean): Promise<void> {
    const { listen, upstream } = this.#owned(name);
    return this.#api.updateProxy({ name, listen, upstream, enabled });
  }

  #owned(name: string): OwnedProxy {
    const owned = this.#proxies.get(name);
    if (!owned) throw new Error(`no proxy "${name}" was created`);
    return owned;
  }

  /** A real server lists a proxy only once something has crossed it. */
  #countersOf(counters: Counters, name: string): ProxyCounters | null {
    return counters === null ? null : (counters.get(name) ?? { bytes: 0, connections: null, hits: null });
  }
}

function refuseConflict(spec: ProxySpec, found: ListedProxy): void {
  if (found.upstream !== spec.upstream) {
    throw new FaultlineError(
      "PROXY_CONFLICT",
      `Proxy "${spec.name}" is already there, with upstream ${found.upstream} instead of ${spec.upstream}.`,
    );
  }
  const { port } = parseHostPort(spec.listen);
  if (port !== 0 && port !== parseHostPort(found.listen).port) {
    throw new FaultlineError(
      "PROXY_CONFLICT",
      `Proxy "${spec.name}" is already there, listening on ${found.listen} instead of ${spec.listen}.`,
    );
  }
}

function zeroed(attributes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.keys(attributes).map((name) => [name, 0]));
}

function sameKind(a: Injection, b: Injection): boolean {
  return (
    a.kind === "toxic" &&
    b.kind === "toxic" &&
    a.proxy === b.proxy &&
    a.toxic.type === b.toxic.type &&
    a.toxic.stream === b.toxic.stream
  );
}
