import type { InjectionProof } from "../measure/record.js";
import type { Injection, ProxySpec } from "../plan/injection.js";
import { FaultlineError } from "../support/errors.js";
import { ActiveInjections } from "./active-injections.js";
import { ConnectionWatch } from "./connection-watch.js";
import type { ProxyCounters } from "./counters.js";
import type { FaultJournal, FaultPlane } from "./fault-plane.js";
import type { Heartbeat } from "./heartbeat.js";
import { connectionsTo } from "./local-connections.js";
import { OwnedProxies } from "./owned-proxies.js";
import { probe } from "./probe.js";
import { type ProxyEvidence, weigh } from "./proof.js";
import type { ListedProxy, ToxiproxyApi } from "./toxiproxy-api.js";

type Counters = ReadonlyMap<string, ProxyCounters> | null;

/** What was asked before a connection of ours could change it. */
interface SeenOfProxy {
  readonly listed: ListedProxy | null;
  /** Of all proxies. */
  readonly now: Counters;
  /** Connections to it while the fault was on; null: not known or not needed. */
  readonly open: number | null;
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
  readonly #heartbeat: Heartbeat | null;
  readonly #proxies: OwnedProxies;
  readonly #injections: ActiveInjections;
  #atBaseline: Counters = null;
  #afterBaseline: Counters = null;
  #beforeFault: Counters = null;
  /** Connections to proxies of a real server just before they went down. */
  readonly #openBefore = new Map<string, number | null>();
  /** Of the proxies of a real server that injections are on. */
  readonly #watches = new Map<string, ConnectionWatch>();
  /** Of proxies that an earlier stage of this fault was on. */
  readonly #earlier = new Map<string, ProxyEvidence>();
  #lastChange: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor({ kind, api, version, stopServer, journal, heartbeat }: ToxiproxyPlaneOptions) {
    this.kind = kind;
    this.url = api.url;
    this.version = version;
    this.#api = api;
    this.#stopServer = stopServer;
    this.#heartbeat = heartbeat;
    this.#proxies = new OwnedProxies(api, journal);
    this.#injections = new ActiveInjections(api, this.#proxies, journal);
  }

  createProxies(proxies: readonly ProxySpec[]): Promise<ReadonlyMap<string, string>> {
    return this.#change(async () => {
      await this.#proxies.create(proxies);
      return this.#proxies.addresses();
    });
  }

  async markBaseline(): Promise<void> {
    this.#atBaseline = await this.#api.counters(this.kind);
    this.#afterBaseline = null;
  }

  inject(injections: readonly Injection[]): Promise<void> {
    return this.#change(async () => {
      const before = this.#injected();
      const after = new Set(injections.map(({ proxy }) => proxy));
      if (before.length === 0 && this.#earlier.size === 0) {
        this.#beforeFault = await this.#api.counters(this.kind);
        this.#afterBaseline ??= this.#beforeFault;
        this.#openBefore.clear();
      }
      const down = injections.filter(({ kind, proxy }) => kind === "down" && !this.#openBefore.has(proxy));
      for (const { proxy } of down) this.#openBefore.set(proxy, await this.#openNow(proxy));
      const left = before.filter((name) => !after.has(name));
      for (const each of await this.#gather(left)) this.#earlier.set(each.proxy, each);
      await this.#injections.replaceBy(injections);
      if (this.kind === "external") for (const name of after) if (!this.#isDown(name)) this.#watch(name);
    });
  }

  async prove(): Promise<InjectionProof> {
    const evidence = await this.#gather(this.#injected());
    const now = new Set(evidence.map(({ proxy }) => proxy));
    return weigh([...[...this.#earlier.values()].filter(({ proxy }) => !now.has(proxy)), ...evidence]);
  }

  /** Names of the proxies that injections are on. */
  #injected(): string[] {
    return [...new Set(this.#injections.all.map(({ injection }) => injection.proxy))];
  }

  /** What is known now of these proxies. */
  async #gather(names: readonly string[]): Promise<ProxyEvidence[]> {
    if (names.length === 0) return [];
    // Of all of them before the first connection of ours: through one proxy it may lead to another.
    const open = new Map(
      await Promise.all(names.map(async (name) => [name, await this.#openDuring(name)] as const)),
    );
    const [listed, now] = await Promise.all([this.#api.proxies(), this.#api.counters(this.kind)]);
    return Promise.all(
      names.map((name) =>
        this.#evidence(name, { listed: listed.get(name) ?? null, now, open: open.get(name) ?? null }),
      ),
    );
  }

  #injectionsOn(name: string): Injection[] {
    return this.#injections.all.map(({ injection }) => injection).filter(({ proxy }) => proxy === name);
  }

  /** Then nobody can be connected to it. */
  #isDown(name: string): boolean {
    return this.#injectionsOn(name).some(({ kind }) => kind === "down");
  }

  /** Connections to a proxy of a real server since the fault is on it; null: not known or not needed. */
  async #openDuring(name: string): Promise<number | null> {
    return this.#isDown(name) ? null : ((await this.#watches.get(name)?.end()) ?? null);
  }

  /** Connections to a proxy of a real server; the embedded one counts them itself. */
  async #openNow(name: string): Promise<number | null> {
    return this.kind === "embedded" ? null : connectionsTo(this.#proxies.address(name));
  }

  #watch(name: string): void {
    if (!this.#watches.has(name)) this.#watches.set(name, new ConnectionWatch(this.#proxies.address(name)));
  }

  #stopWatching(): void {
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
  }

  clear(): Promise<void> {
    // Closing clears.
    if (this.#closing) return this.#closing;
    return this.#change(async () => {
      this.#earlier.clear();
      this.#stopWatching();
      this.#throwIfLeft("undo the fault", await this.#injections.clear());
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#change(() => this.#close(), { last: true });
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#heartbeat?.stop();
    this.#stopWatching();
    // Our own server takes all it holds with it.
    if (this.#stopServer) return this.#stopServer();
    const failures = [...(await this.#injections.clear()), ...(await this.#proxies.giveBack())];
    this.#throwIfLeft("clean up", failures);
  }

  async #evidence(name: string, { listed, now, open }: SeenOfProxy): Promise<ProxyEvidence> {
    const injections = this.#injectionsOn(name);
    const listen = this.#proxies.address(name);
    // Where connections are counted a connection of ours would count as traffic; one that is refused does not.
    const isWorthProbing = this.kind === "external" || this.#isDown(name);
    return {
      proxy: name,
      listen,
      upstream: this.#proxies.get(name).upstream,
      active: this.#injections.all.filter(({ injection }) => injection.proxy === name),
      listed,
      counters: {
        atBaseline: countersOf(this.#atBaseline, name),
        afterBaseline: countersOf(this.#afterBaseline, name),
        before: countersOf(this.#beforeFault, name),
        now: countersOf(now, name),
      },
      open: { before: this.#openBefore.get(name) ?? null, now: open },
      probe: isWorthProbing ? await probe(listen, injections) : null,
    };
  }

  /** One after the other: an injection that is under way when the run is stopped is undone like any other. */
  #change<T>(work: () => Promise<T>, { last = false } = {}): Promise<T> {
    if (this.#closing && !last) return Promise.reject(new Error("the fault plane is closed"));
    const done = this.#lastChange.then(work);
    this.#lastChange = done.catch(() => {});
    return done;
  }

  #throwIfLeft(doing: string, failures: readonly string[]): void {
    if (failures.length === 0) return;
    throw new FaultlineError("ROLLBACK_FAILED", `Could not ${doing} at ${this.url}: ${failures.join("; ")}`);
  }
}

/** A real server lists a proxy only once something has crossed it. */
function countersOf(counters: Counters, name: string): ProxyCounters | null {
  return counters === null ? null : (counters.get(name) ?? { bytes: 0, connections: null, hits: null });
}
