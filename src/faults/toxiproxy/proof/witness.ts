import type { FaultServer } from "../../fault-driver.js";
import type { InjectionProof } from "../../proof.js";
import type { ActiveInjection, ActiveInjections } from "../active-injections.js";
import { bytesOnly, type ProxyCounters } from "../client/counters.js";
import type { ToxiproxyApi } from "../client/toxiproxy-api.js";
import type { ListedProxy } from "../client/toxiproxy-listing.js";
import type { Injection } from "../injection.js";
import type { OwnedProxies } from "../owned-proxies.js";
import { ConnectionWatch, type SeenUse } from "./connection-watch.js";
import type { ProxyEvidence, StageEvidence } from "./evidence.js";
import { clientsNow } from "./local-connections.js";
import { probe } from "./probe.js";
import { weigh } from "./weigh.js";

type Counters = ReadonlyMap<string, ProxyCounters> | null;

/** Asked before a connection of ours could change it. */
interface SeenOfProxy {
  readonly listed: ListedProxy | null;
  /** Of all proxies. */
  readonly now: Counters;
  readonly use: SeenUse | null;
}

export interface WitnessParts {
  readonly kind: FaultServer["kind"];
  readonly api: ToxiproxyApi;
  readonly proxies: OwnedProxies;
  readonly injections: ActiveInjections;
}

/** Notes what is to be seen of a fault, stage by stage. Its proof is made from this evidence. */
export class FaultWitness {
  readonly #kind: FaultServer["kind"];
  readonly #api: ToxiproxyApi;
  readonly #proxies: OwnedProxies;
  readonly #injections: ActiveInjections;
  #atBaseline: Counters = null;
  #afterBaseline: Counters = null;
  #beforeFault: Counters = null;
  #beforeStage: Counters = null;
  /** Watches of all proxies of a real server during the baseline, then of those with injections. */
  readonly #watches = new Map<string, ConnectionWatch>();
  #isBaseline = false;
  readonly #seenInBaseline = new Map<string, SeenUse | null>();
  /** Connections to proxies of a real server just before the proxies went down. */
  readonly #cut = new Map<string, number | null>();
  #beforeChange: readonly ActiveInjection[] = [];
  /** Counts of injections that an earlier stage had as well. */
  readonly #actsBefore = new Map<ActiveInjection, number>();
  readonly #stages: StageEvidence[] = [];

  constructor({ kind, api, proxies, injections }: WitnessParts) {
    this.#kind = kind;
    this.#api = api;
    this.#proxies = proxies;
    this.#injections = injections;
  }

  async markBaseline(): Promise<void> {
    this.#atBaseline = await this.#counters();
    this.#afterBaseline = null;
    await this.#watch([...this.#proxies.addresses().keys()]);
    this.#isBaseline = true;
  }

  /** Call it before these replace what is in place. */
  async beforeChange(next: readonly Injection[]): Promise<void> {
    if (this.#isBaseline) await this.#endBaseline();
    const isFirst = this.#injections.all.length === 0 && this.#stages.length === 0;
    if (this.#injections.all.length > 0) this.#stages.push(await this.#stage());
    this.#beforeStage = await this.#counters();
    if (isFirst) this.#beforeFault = this.#beforeStage;
    this.#afterBaseline ??= this.#beforeStage;
    this.#beforeChange = this.#injections.all;
    const down = proxiesOf(next.filter(({ kind }) => kind === "down"));
    for (const name of down) await this.#noteCut(name);
    await this.#watch(proxiesOf(next).filter((name) => !down.includes(name)));
  }

  /** Call it afterwards: the evidence is now about the stage that is in place. */
  afterChange(): void {
    this.#actsBefore.clear();
    for (const active of this.#injections.all) {
      const { toxicName, injection } = active;
      if (toxicName === null || !this.#beforeChange.includes(active)) continue;
      const tally = this.#beforeStage?.get(injection.proxy)?.toxics?.get(toxicName);
      this.#actsBefore.set(active, tally?.acts ?? 0);
    }
  }

  /** For all stages until now. */
  async testify(): Promise<InjectionProof> {
    const current = this.#injections.all.length > 0 ? [await this.#stage()] : [];
    return weigh([...this.#stages, ...current]);
  }

  /** The fault is over. What comes is another one. */
  forget(): void {
    this.#stages.length = 0;
    this.#cut.clear();
    this.#stopWatching();
  }

  #counters(): Promise<Counters> {
    return this.#api.counters(this.#kind);
  }

  async #endBaseline(): Promise<void> {
    this.#isBaseline = false;
    this.#seenInBaseline.clear();
    for (const [name, watch] of this.#watches) this.#seenInBaseline.set(name, await watch.end());
    this.#watches.clear();
  }

  /** The embedded server counts connections itself. */
  async #watch(names: readonly string[]): Promise<void> {
    if (this.#kind === "embedded") return;
    this.#stopWatching();
    const begin = async (name: string) =>
      this.#watches.set(name, await ConnectionWatch.begin(this.#proxies.address(name)));
    await Promise.all(names.map(begin));
  }

  #stopWatching(): void {
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
  }

  async #noteCut(name: string): Promise<void> {
    if (this.#kind === "embedded" || this.#isDown(name)) return;
    const clients = await clientsNow(this.#proxies.address(name));
    this.#cut.set(name, clients?.size ?? null);
  }

  /** What is known now of the injections in place. */
  async #stage(): Promise<StageEvidence> {
    const injections = this.#injections.all.map(({ injection }) => injection);
    const names = proxiesOf(injections);
    // Asked for all of them before the first connection of ours, which may lead through one proxy to another.
    const use = new Map(
      await Promise.all(names.map(async (name) => [name, await this.#watches.get(name)?.end()] as const)),
    );
    const [listed, now] = await Promise.all([this.#api.proxies(), this.#counters()]);
    const seen = (name: string) => ({
      listed: listed.get(name) ?? null,
      now,
      use: use.get(name) ?? null,
    });
    return { injections, proxies: await Promise.all(names.map((name) => this.#evidence(name, seen(name)))) };
  }

  #isDown(name: string): boolean {
    return this.#injections.all.some(
      ({ injection }) => injection.proxy === name && injection.kind === "down",
    );
  }

  async #evidence(name: string, { listed, now, use }: SeenOfProxy): Promise<ProxyEvidence> {
    const active = this.#injections.all.filter(({ injection }) => injection.proxy === name);
    const listen = this.#proxies.address(name);
    // Where connections are counted, a connection of ours would count as traffic. A refused one does not.
    const isWorthProbing = this.#kind === "external" || this.#isDown(name);
    return {
      proxy: name,
      listen,
      upstream: this.#proxies.get(name).dependency,
      parts: active.map((each) => ({ ...each, actsBefore: this.#actsBefore.get(each) ?? 0 })),
      listed,
      counters: {
        atBaseline: countersOf(this.#atBaseline, name),
        afterBaseline: countersOf(this.#afterBaseline, name),
        beforeFault: countersOf(this.#beforeFault, name),
        before: countersOf(this.#beforeStage, name),
        now: countersOf(now, name),
      },
      seen: {
        inBaseline: this.#seenInBaseline.get(name) ?? null,
        now: use,
        cut: this.#cut.get(name) ?? null,
      },
      probe: isWorthProbing
        ? await probe(
            listen,
            active.map(({ injection }) => injection),
          )
        : null,
    };
  }
}

/** Names of the proxies that injections are on. */
function proxiesOf(injections: readonly Injection[]): string[] {
  return [...new Set(injections.map(({ proxy }) => proxy))];
}

/** A real server lists a proxy only once something has crossed it. */
function countersOf(counters: Counters, name: string): ProxyCounters | null {
  return counters === null ? null : (counters.get(name) ?? bytesOnly(0));
}
