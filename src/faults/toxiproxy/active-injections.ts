import { randomBytes } from "node:crypto";
import { messageOf } from "../../support/errors.js";
import type { ToxicSpec } from "../toxic.js";
import type { ToxiproxyApi } from "./client/toxiproxy-api.js";
import type { Injection } from "./injection.js";
import type { OwnedProxies } from "./owned-proxies.js";

/** An injection as it was put in place. `toxicName` is null for "down". */
export interface ActiveInjection {
  readonly injection: Injection;
  readonly toxicName: string | null;
}

/** What is injected on one server, and how it is taken out again. Calls must not overlap. */
export class ActiveInjections {
  readonly #api: ToxiproxyApi;
  readonly #proxies: OwnedProxies;
  #active: readonly ActiveInjection[] = [];
  /** A tag that keeps the names of these toxics apart from other runs' names. */
  readonly #tag = randomBytes(4).toString("hex");
  #toxicsMade = 0;

  constructor(api: ToxiproxyApi, proxies: OwnedProxies) {
    this.#api = api;
    this.#proxies = proxies;
  }

  get all(): readonly ActiveInjection[] {
    return this.#active;
  }

  /**
   * Puts exactly these in place. When one cannot be put in place, what was there before is restored, or at least
   * everything is removed. Then it throws the server's refusal.
   */
  async replaceBy(injections: readonly Injection[]): Promise<void> {
    const before = this.#active;
    const wanted: ActiveInjection[] = [];
    try {
      for (const injection of injections) wanted.push(await this.#putInPlace(injection, wanted));
    } catch (error) {
      await this.#backTo(before).catch(() => this.clear());
      throw error;
    }
    try {
      for (const old of this.#active.filter((each) => !wanted.includes(each))) {
        await this.#takeAway(old);
        this.#forget(old);
      }
    } catch (error) {
      await this.clear();
      throw error;
    }
  }

  /**
   * Takes everything out. Where a toxic stays, it replaces the proxy. Resolves with what could not be undone; that
   * stays noted for another try.
   */
  async clear(): Promise<readonly string[]> {
    const names = [...new Set(this.#active.map(({ injection }) => injection.proxy))];
    const failures = await Promise.all(names.map((name) => this.#clearProxy(name)));
    return failures.filter((failure) => failure !== null);
  }

  async #clearProxy(name: string): Promise<string | null> {
    const mine = this.#active.filter(({ injection }) => injection.proxy === name);
    const toxics = mine.flatMap(({ toxicName }) => toxicName ?? []);
    try {
      if (toxics.length > 0) await this.#proxies.removeToxics(name, toxics);
      if (mine.some(({ toxicName }) => toxicName === null)) await this.#proxies.setEnabled(name, true);
    } catch (error) {
      return `proxy "${name}": ${messageOf(error)}`;
    }
    for (const each of mine) this.#forget(each);
    return null;
  }

  /** Keeps, updates or adds an injection. What it returns is noted. */
  async #putInPlace(injection: Injection, wanted: readonly ActiveInjection[]): Promise<ActiveInjection> {
    const free = this.#active.filter((each) => !wanted.includes(each));
    const same = free.find((each) => JSON.stringify(each.injection) === JSON.stringify(injection));
    if (same) return same;
    // Each is noted before its call: when the answer is lost, it may be in place all the same.
    if (injection.kind === "down") {
      const active = this.#note({ injection, toxicName: null });
      await this.#proxies.setEnabled(injection.proxy, false);
      return active;
    }
    // An update keeps the connections. Removing and adding again may close them.
    const alike = free.find((each) => sameKind(each.injection, injection));
    if (alike) {
      this.#forget(alike);
      const active = this.#note({ injection, toxicName: alike.toxicName });
      await this.#change(alike, active);
      return active;
    }
    const { type, stream } = injection.toxic;
    const toxicName = `faultline_${this.#tag}_${++this.#toxicsMade}_${type}_${stream}`;
    this.#proxies.toxicAnnounced(injection.proxy, toxicName);
    const active = this.#note({ injection, toxicName });
    await this.#api.addToxic(injection.proxy, toxicName, injection.toxic);
    return active;
  }

  async #backTo(before: readonly ActiveInjection[]): Promise<void> {
    for (const each of this.#active.filter((now) => !before.includes(now))) {
      const was = before.find((old) => old.toxicName !== null && old.toxicName === each.toxicName);
      if (was) await this.#change(each, was);
      else await this.#takeAway(each);
    }
    this.#active = before;
  }

  /** Both are the same toxic on the server. */
  async #change(from: ActiveInjection, to: ActiveInjection): Promise<void> {
    if (from.injection.kind !== "toxic" || to.injection.kind !== "toxic" || to.toxicName === null) return;
    const { proxy, toxic } = to.injection;
    await this.#api.updateToxic(proxy, to.toxicName, withoutLeftovers(toxic, from.injection.toxic));
  }

  async #takeAway({ injection, toxicName }: ActiveInjection): Promise<void> {
    if (toxicName === null) await this.#proxies.setEnabled(injection.proxy, true);
    else await this.#api.removeToxic(injection.proxy, toxicName);
  }

  #note(active: ActiveInjection): ActiveInjection {
    this.#active = [...this.#active, active];
    return active;
  }

  #forget(active: ActiveInjection): void {
    this.#active = this.#active.filter((each) => each !== active);
  }
}

/** An update keeps attributes that it does not name. So those that are no longer wanted are set to 0. */
function withoutLeftovers(wanted: ToxicSpec, before: ToxicSpec): ToxicSpec {
  const zeroed = Object.fromEntries(Object.keys(before.attributes).map((name) => [name, 0]));
  return { ...wanted, attributes: { ...zeroed, ...wanted.attributes } };
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
