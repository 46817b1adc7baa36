import { FaultlineError, messageOf } from "../support/errors.js";
import type { Standstill } from "../support/standstills.js";
import { DRIVERS } from "./drivers.js";
import type { FaultAction } from "./fault-action.js";
import type {
  DriverContext,
  FaultDriver,
  FaultInjector,
  FaultServer,
  ProxySpec,
  RunningService,
} from "./fault-driver.js";
import type { CrossedHttp } from "./http-traffic.js";
import { type InjectionProof, noProof, type UpstreamDials } from "./proof.js";
import { TLS } from "./tls-fault.js";
import { TOXIPROXY } from "./toxic.js";
import type { UndoEntry } from "./undo-entry.js";

const STRENGTHS: readonly InjectionProof["strength"][] = ["none", "listed", "probed", "observed"];

/**
 * Names of the drivers that a run needs, in the order of the table. A driver that stands behind proxies comes before the
 * one that makes them. The proxies of a scenario stand whether a fault acts on them or not.
 */
export function driversFor(
  actions: readonly FaultAction[],
  proxies: readonly Pick<ProxySpec, "protocol" | "tls">[],
): readonly string[] {
  const protocols = proxies.flatMap(({ protocol, tls }) => [protocol ?? [], tls ? TLS : []].flat());
  const names = [...new Set([TOXIPROXY, ...protocols, ...actions.map(({ driver }) => driver)])];
  const inOrder = Object.keys(DRIVERS);
  return names.sort((a, b) => inOrder.indexOf(a) - inOrder.indexOf(b));
}

/** Loads these drivers. None of them has done anything yet. */
export async function loadDrivers(names: readonly string[]): Promise<ComposedFaults> {
  const load = async (name: string): Promise<readonly [string, FaultDriver]> => {
    const parts = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;
    if (!parts) throw new Error(`there is no driver "${name}"`);
    return [name, (await parts.driver()).driver()];
  };
  return new ComposedFaults(new Map(await Promise.all(names.map(load))));
}

/** What all drivers of a run are told. `actions`: those of all drivers. */
export interface FaultsContext extends Omit<DriverContext, "journal"> {
  readonly journal: FaultJournal;
}

export interface FaultJournal {
  undoable(entry: UndoEntry): void;
}

/** Several drivers as one. Each gets the actions that name it. A fault is in place with all of them, or with none. */
export class ComposedFaults implements FaultInjector {
  readonly #drivers: ReadonlyMap<string, FaultDriver>;
  /** The actions that each driver has in place. */
  #active: ReadonlyMap<string, readonly FaultAction[]> = new Map();
  /** Drivers that had a part in the fault since it began. A pause does not end the fault. */
  readonly #involved = new Set<string>();
  /** What ${…} may name. */
  #names: ReadonlyMap<string, string> = new Map();
  #lastChange: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(drivers: ReadonlyMap<string, FaultDriver>) {
    this.#drivers = drivers;
  }

  async prepare({ journal, ...context }: FaultsContext): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    let { proxies } = context;
    for (const [driver, each] of this.#drivers) {
      const named = await each.prepare({
        ...context,
        proxies,
        actions: context.actions.filter((action) => action.driver === driver),
        journal: { undoable: (entry) => journal.undoable({ driver, ...entry }) },
      });
      for (const [name, value] of named) names.set(name, value);
      const { standsBehind } = each;
      if (standsBehind)
        proxies = proxies.map((proxy) => ({ ...proxy, via: standsBehind.get(proxy.name) ?? proxy.via }));
    }
    this.#names = names;
    return names;
  }

  async serviceEnvironment(
    inherited: Readonly<Record<string, string | undefined>>,
  ): Promise<Readonly<Record<string, string>>> {
    const parts = await Promise.all(
      this.#all().map((driver) => driver.serviceEnvironment?.(inherited) ?? {}),
    );
    return Object.assign({}, ...parts);
  }

  serviceStarted(service: string, pid: number): void {
    for (const driver of this.#all()) driver.serviceStarted?.(service, pid);
  }

  async servicesReady(services: readonly RunningService[]): Promise<void> {
    for (const driver of this.#all()) await driver.servicesReady?.(services);
  }

  get listens(): readonly string[] {
    return this.#all().flatMap(({ listens = [] }) => listens);
  }

  /** The server of the first driver that works through one. */
  get server(): FaultServer | null {
    return this.#all().find(({ server }) => server)?.server ?? null;
  }

  standstills(fromMs: number, untilMs: number): readonly Standstill[] | null {
    const known = this.#all().map((driver) => driver.standstills?.(fromMs, untilMs) ?? null);
    return known.every((each) => each === null) ? null : known.flatMap((each) => each ?? []);
  }

  async markBaseline(): Promise<void> {
    await Promise.all(this.#all().map((driver) => driver.markBaseline()));
  }

  /** @throws Error when an action has no target, or no driver carries it out. Nothing is done then. */
  async inject(actions: readonly FaultAction[]): Promise<void> {
    for (const { driver, kind, target } of actions) {
      if (target === "") throw new Error(`"${kind}" has no target`);
      if (!this.#drivers.has(driver)) throw new Error(`there is no driver "${driver}" for "${kind}"`);
    }
    await this.#change(() => this.#injectAll(actions));
  }

  async #injectAll(actions: readonly FaultAction[]): Promise<void> {
    if (this.#isClosed) throw new Error("the faults are closed");
    const next = new Map<string, readonly FaultAction[]>();
    try {
      for (const [name, driver] of this.#drivers) {
        const own = actions.filter((action) => action.driver === name);
        await driver.inject(own);
        next.set(name, own);
      }
    } catch (error) {
      for (const name of [...next.keys()].reverse()) await this.#putBack(name, this.#active.get(name) ?? []);
      throw error;
    }
    this.#active = next;
    for (const { driver } of actions) this.#involved.add(driver);
  }

  /** The proof of all drivers. It is as weak as the weakest of theirs. */
  async prove(): Promise<InjectionProof> {
    const proofs: InjectionProof[] = [];
    for (const name of this.#involved) {
      const driver = this.#drivers.get(name);
      if (driver) proofs.push(await driver.prove());
    }
    const [first, ...others] = proofs;
    if (!first) return noProof("no injection");
    return others.length === 0 ? first : weakest(proofs);
  }

  clear(): Promise<void> {
    return this.#change(async () => {
      await this.#each("undo the fault", (driver) => driver.clear());
      this.#active = new Map();
      this.#involved.clear();
    });
  }

  close(): Promise<void> {
    return this.#change(() => {
      this.#isClosed = true;
      return this.#each("clean up", (driver) => driver.close());
    });
  }

  async upstreamDials(): Promise<readonly UpstreamDials[]> {
    const dials = await Promise.all(this.#all().map((driver) => driver.upstreamDials?.() ?? []));
    // A driver behind a proxy was prepared before it, so it was not told where the proxy listens.
    const listenOf = ({ proxy, listen }: UpstreamDials) =>
      this.#names.get(`proxies.${proxy}.listen`) ?? listen;
    const keptDown = this.#all().flatMap((driver) => driver.keptDown?.() ?? []);
    return dials.flat().map((each) => {
      const isByFault = keptDown.some((isDown) => isDown(each.upstream));
      return { ...each, listen: listenOf(each), ...(isByFault ? { isByFault } : {}) };
    });
  }

  heldBack(): readonly string[] {
    return this.#all().flatMap((driver) => driver.heldBack?.() ?? []);
  }

  overSinceMs(): number | null {
    const ended: number[] = [];
    for (const [name, actions] of this.#active) {
      if (actions.length === 0) continue;
      const atMs = this.#drivers.get(name)?.overSinceMs?.() ?? null;
      if (atMs === null) return null;
      ended.push(atMs);
    }
    return ended.length === 0 ? null : Math.max(...ended);
  }

  get staysDone(): boolean {
    return this.#all().some(({ staysDone }) => staysDone === true);
  }

  async accepted(): Promise<ReadonlyMap<string, number>> {
    const accepted = await Promise.all(this.#all().map((driver) => driver.accepted?.() ?? []));
    return new Map(accepted.flatMap((each) => [...each]));
  }

  async crossed(): Promise<readonly CrossedHttp[]> {
    const crossed = await Promise.all(this.#all().map((driver) => driver.crossed?.() ?? []));
    return crossed.flat();
  }

  /** Runs tasks one after the other. A run may be stopped while a fault goes in: all its parts still come out. */
  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(work);
    this.#lastChange = done.catch(() => {});
    return done;
  }

  #all(): readonly FaultDriver[] {
    return [...this.#drivers.values()];
  }

  /** Puts back what each driver had before, or nothing where that fails. What still stays is undone at the end with all the rest. */
  async #putBack(name: string, actions: readonly FaultAction[]): Promise<void> {
    const driver = this.#drivers.get(name);
    await driver?.inject(actions).catch(() => driver.clear().catch(() => {}));
  }

  /** Asks every driver, also when another one fails. */
  async #each(doing: string, work: (driver: FaultDriver) => Promise<void>): Promise<void> {
    const done = await Promise.allSettled(this.#all().map(work));
    const reasons: unknown[] = done.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    if (reasons.length === 1) throw reasons[0];
    if (reasons.length > 1) {
      throw new FaultlineError("ROLLBACK_FAILED", `Could not ${doing}: ${reasons.map(messageOf).join("; ")}`);
    }
  }
}

function weakest(proofs: readonly InjectionProof[]): InjectionProof {
  const strength = STRENGTHS[Math.min(...proofs.map((each) => STRENGTHS.indexOf(each.strength)))] ?? "none";
  const missing = proofs.filter(({ proven }) => !proven);
  const telling = missing.length > 0 ? missing : proofs;
  const notes = telling.flatMap(({ because }) => because ?? []);
  const shares = proofs.flatMap(({ acted }) => acted ?? []);
  const [least] = shares.toSorted((a, b) => a.connections / a.of - b.connections / b.of);
  return {
    strength,
    proven: missing.length === 0,
    explanation: telling.map(({ explanation }) => explanation).join("; "),
    ...(notes.length === 0 ? {} : { because: notes }),
    acted: least ?? null,
    isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle === true),
    targets: proofs.flatMap(({ targets }) => targets),
  };
}
