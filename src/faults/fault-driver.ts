import type { Address } from "../support/address.js";
import type { FaultlineError } from "../support/errors.js";
import type { ProcessGroup } from "../support/processes/process-group.js";
import type { ProcessRow } from "../support/processes/process-table.js";
import type { Standstill } from "../support/standstills.js";
import type { UpstreamTls } from "./between/upstream-socket.js";
import type { FaultAction } from "./fault-action.js";
import type { CrossedHttp } from "./http-traffic.js";
import type { InjectionProof, UpstreamDials } from "./proof.js";
import type { UndoEntry } from "./undo-entry.js";

/** What changes faults while load goes on. */
export interface FaultInjector {
  /** The baseline begins: a later proof may compare with it. */
  markBaseline(): Promise<void>;
  /**
   * Puts these in place, all or none; what an earlier call put there and is not in this one is removed.
   * Counting for the proof begins when none was active before.
   */
  inject(actions: readonly FaultAction[]): Promise<void>;
  /** Evidence for what is in place now. Call before `clear`. */
  prove(): Promise<InjectionProof>;
  /** Removes what `inject` put there. */
  clear(): Promise<void>;
  /** Connections to what stands behind each proxy, and how many it did not accept, since it was asked last. */
  upstreamDials?(): Promise<readonly UpstreamDials[]>;
  /** Connections that each proxy has accepted since it was there. A proxy whose server does not count is missing. */
  accepted?(): Promise<ReadonlyMap<string, number>>;
  /** Requests that crossed proxies with `protocol: http`, since it was asked last. */
  crossed?(): Promise<readonly CrossedHttp[]>;
  /**
   * When all that is in place had ended by itself (a service that was killed was started again), on the clock of
   * `monotonicMs`. @returns null while some of it is in place.
   */
  overSinceMs?(): number | null;
  /** Something done since the last `clear` cannot be taken back: a service stays dead. So it cannot be done twice. */
  readonly staysDone?: boolean;
}

/** Who carries actions out. One folder in faults/, one line in drivers.ts. */
export interface FaultDriver extends FaultInjector {
  /**
   * Makes all that must stand before the services start. Resolves with what ${…} may name from then on:
   * "proxies.cache.listen" → "127.0.0.1:41234". What it has made is undone by `close`, also when this rejects.
   */
  prepare(context: DriverContext): Promise<ReadonlyMap<string, string>>;
  /**
   * Variables that services get beside those of the scenario, which win.
   * @param inherited What they would get of this process without them.
   */
  serviceEnvironment?(
    inherited: Readonly<Record<string, string | undefined>>,
  ): Promise<Readonly<Record<string, string>>>;
  /** The services run and are ready. What a target is may be known only now. */
  servicesReady?(services: readonly RunningService[]): Promise<void>;
  /** Undoes everything, and ends what it has started; also where `prepare` was not called or failed. */
  close(): Promise<void>;
  /**
   * When it stood still, and whatever passes through it: instants on the clock of `monotonicMs`.
   * @returns null when nothing passes through it, or it is not known.
   */
  standstills?(fromMs: number, untilMs: number): readonly Standstill[] | null;
  /** Marks (of process groups) of services that a fault keeps from running now: that they wait is its doing. */
  heldBack?(): readonly string[];
  /** Says of an upstream (host:port) whether this driver kept it from accepting connections, since this was asked last. */
  keptDown?(): (upstream: string) => boolean;
  /** host:port of each place where it listens: who answers there is no service of the scenario. */
  readonly listens?: readonly string[];
  /**
   * Proxies that it stands behind, and the host:port where it listens for each. Drivers that are prepared after it lead
   * there, and it leads on to the upstream.
   */
  readonly standsBehind?: ReadonlyMap<string, string>;
  /** The server that it works through, once prepared; null or not there: none. */
  readonly server?: FaultServer | null;
}

/** A proxy that stands between a service and what it depends on. */
export interface ProxySpec {
  readonly name: string;
  /** host:port where the service connects; port 0 lets the system choose. */
  readonly listen: string;
  readonly upstream: string;
  /** Understood by the driver of that name, which stands behind the proxy; not there: none, whatever crosses is bytes. */
  readonly protocol?: string | undefined;
  /** Not there: neither side of it speaks TLS. */
  readonly tls?: ProxyTls | undefined;
  /** Where it leads instead of straight to its upstream: a driver stands there. */
  readonly via?: string | undefined;
}

export interface ProxyTls {
  /** Whether services connect over TLS. */
  readonly servesTls: boolean;
  /** How the upstream is spoken to; null: without TLS. */
  readonly upstream: UpstreamTls | null;
}

/** What a driver is told of its run. */
export interface DriverContext {
  /** All that the driver will be asked to do in this run. */
  readonly actions: readonly FaultAction[];
  /** Of the scenario. They stand for the whole run, whether a fault acts on them or not. */
  readonly proxies: readonly ProxySpec[];
  /** null: the embedded server. */
  readonly toxiproxyUrl: string | null;
  /** Hosts beside this machine that may be used. */
  readonly allowedHosts: readonly string[];
  /** Of everything random. */
  readonly seed: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly journal: DriverJournal;
  /** What is being done, for the screen. */
  readonly onStatus: (text: string) => void;
  /** What has happened to a service, for the timeline. */
  readonly onEvent: (text: string) => void;
  /** What the driver works with is gone while the run goes on: the run ends. */
  readonly onLost: (error: FaultlineError) => void;
  /** This process or its machine has come to a limit: what is measured now says nothing. May be called again and again. */
  readonly onLimit: (reason: string) => void;
}

/**
 * Told before each deed that outlives this process, so that another one can undo it with the driver's `undo`.
 * What it throws keeps the deed from being done.
 */
export interface DriverJournal {
  undoable(entry: Omit<UndoEntry, "driver">): void;
}

/** A service of the scenario, as it is now. */
export interface RunningService {
  readonly name: string;
  /** By what another process finds its processes. */
  readonly group: ProcessGroup;
  /** Its living processes, also those that have left its group. */
  living(): readonly ProcessRow[];
  /** Sends a signal to all of them. */
  signal(signal: NodeJS.Signals): void;
  /** Where it listens, on this machine; null: not known. */
  readonly address: Address | null;
  /** How its first process ended: "was killed by SIGKILL"; null while it lives. */
  readonly ending: string | null;
  /** Whether its end is what a fault does. Where it is not, it ends the run. Until it is started again. */
  expectEnd(isExpected: boolean): void;
  /**
   * Ends what is left of it and starts it as it was started before, on the same ports. Resolves when it is ready; what
   * else becomes of it ends the run.
   * @param onStarted its first process runs.
   */
  startAgain(onStarted: () => void): Promise<void>;
}

export interface FaultServer {
  readonly kind: "embedded" | "external";
  readonly version: string;
  readonly url: string | null;
}
