import { FaultlineError } from "../../support/errors.js";
import type { Standstill } from "../../support/standstills.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverJournal, FaultServer, ProxySpec } from "../fault-driver.js";
import type { InjectionProof, UpstreamDials } from "../proof.js";
import { ActiveInjections } from "./active-injections.js";
import type { Heartbeat } from "./client/heartbeat.js";
import { isGone, type ToxiproxyApi } from "./client/toxiproxy-api.js";
import { injectionOf } from "./injection.js";
import { OwnedProxies } from "./owned-proxies.js";
import { FaultWitness } from "./proof/witness.js";
import { UpstreamWatch } from "./upstream-watch.js";

export interface ToxiproxyPlaneOptions {
  readonly kind: FaultServer["kind"];
  readonly api: ToxiproxyApi;
  readonly version: string;
  /** Ends the server, if it is ours. Everything in it goes with it. */
  readonly stopServer: (() => Promise<void>) | null;
  readonly journal: DriverJournal | null;
  /** Of a server that is not ours. */
  readonly heartbeat: Heartbeat | null;
  /** Of a server in this process. */
  readonly standstills?: ToxiproxyPlane["standstills"];
}

/**
 * Makes faults through the API of a Toxiproxy server. Embedded and real servers are told apart only where they differ.
 */
export class ToxiproxyPlane {
  readonly kind: FaultServer["kind"];
  readonly url: string;
  readonly version: string;
  /** When the proxies stood still. Not known for a server of its own. On the clock of `monotonicMs`. */
  readonly standstills: ((fromMs: number, untilMs: number) => readonly Standstill[]) | undefined;
  readonly #api: ToxiproxyApi;
  readonly #stopServer: (() => Promise<void>) | null;
  readonly #heartbeat: Heartbeat | null;
  readonly #proxies: OwnedProxies;
  readonly #injections: ActiveInjections;
  readonly #witness: FaultWitness;
  readonly #upstreams: UpstreamWatch;
  #lastChange: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(options: ToxiproxyPlaneOptions) {
    const { kind, api, version, stopServer, journal, heartbeat } = options;
    this.kind = kind;
    this.standstills = options.standstills;
    this.url = api.url;
    this.#api = api;
    this.version = version;
    this.#stopServer = stopServer;
    this.#heartbeat = heartbeat;
    this.#proxies = new OwnedProxies(api, journal);
    this.#injections = new ActiveInjections(api, this.#proxies);
    this.#witness = new FaultWitness({ kind, api, proxies: this.#proxies, injections: this.#injections });
    this.#upstreams = new UpstreamWatch(kind, api, this.#proxies);
  }

  /** Creates the scenario's proxies. Resolves with the addresses where they really listen, by name. */
  createProxies(proxies: readonly ProxySpec[]): Promise<ReadonlyMap<string, string>> {
    return this.#change(async () => {
      await this.#proxies.create(proxies);
      return this.#proxies.addresses();
    });
  }

  /** The baseline begins: a later proof may compare with it. */
  markBaseline(): Promise<void> {
    return this.#witness.markBaseline();
  }

  /** Puts these in place, all or none. What an earlier call put there and is not in this one is removed. */
  inject(actions: readonly FaultAction[]): Promise<void> {
    const injections = actions.map(injectionOf);
    return this.#change(async () => {
      await this.#witness.beforeChange(injections);
      await this.#injections.replaceBy(injections);
      this.#witness.afterChange();
    });
  }

  /** Evidence for what is in place now. Call it before `clear`. */
  prove(): Promise<InjectionProof> {
    return this.#witness.testify();
  }

  /** Connections to the upstream of each proxy, and how many it did not accept, since the last call. */
  upstreamDials(): Promise<readonly UpstreamDials[]> {
    return this.#upstreams.dials();
  }

  /** Connections that each proxy has accepted since it was made. A real server does not count them. */
  async accepted(): Promise<ReadonlyMap<string, number>> {
    const counters = this.kind === "embedded" ? await this.#api.counters(this.kind) : null;
    return new Map(
      [...(counters ?? [])].flatMap(([proxy, { connections }]) =>
        connections ? [[proxy, connections.total]] : [],
      ),
    );
  }

  /** Removes what `inject` put there. It escalates: remove the toxic, replace the proxy, ROLLBACK_FAILED. */
  clear(): Promise<void> {
    // Closing clears.
    if (this.#closing) return this.#closing;
    return this.#change(async () => {
      this.#witness.forget();
      const failures = await this.#injections.clear();
      if (failures.length > 0 && (await this.#hasDied())) return;
      this.#throwIfLeft("undo the fault", failures);
    });
  }

  /**
   * Our own server, and with it everything that it held. Nobody knows it of another server: a tunnel to it may be gone.
   */
  async #hasDied(): Promise<boolean> {
    return this.#stopServer !== null && this.#api.version().then(() => false, isGone);
  }

  /**
   * Undoes everything: clears the faults, deletes our proxies, restores those that existed before. Ends the embedded
   * server.
   */
  close(): Promise<void> {
    this.#closing ??= this.#change(() => this.#close(), { last: true });
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#heartbeat?.stop();
    this.#witness.forget();
    try {
      // Our own server takes all it holds with it.
      if (this.#stopServer) return await this.#stopServer();
      this.#throwIfLeft("clean up", await this.#proxies.giveBack());
    } finally {
      this.#api.close();
    }
  }

  /** One after the other. An injection that is under way when the run is stopped is undone like any other. */
  #change<T>(work: () => Promise<T>, { last = false } = {}): Promise<T> {
    if (this.#closing && !last) return Promise.reject(new Error("the fault plane is closed"));
    const done = this.#lastChange.then(work);
    this.#lastChange = done.catch(() => {});
    return done;
  }

  #throwIfLeft(doing: string, failures: readonly string[]): void {
    if (failures.length === 0) return;
    throw new FaultlineError("ROLLBACK_FAILED", `Could not ${doing}: ${failures.join("; ")}`);
  }
}
