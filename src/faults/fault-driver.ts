import type { ClusterTerms } from "../kubernetes/terms.js";
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
  /** Tells that the baseline begins. A later proof may compare with it. */
  markBaseline(): Promise<void>;
  /**
   * Puts these actions in place, all or none. Actions of an earlier call that are not among them are removed.
   * Counting for the proof begins when none was in place before.
   */
  inject(actions: readonly FaultAction[]): Promise<void>;
  /** Evidence for the actions in place now. Call it before `clear`. */
  prove(): Promise<InjectionProof>;
  /** Removes all actions that `inject` put in place. */
  clear(): Promise<void>;
  /** For each proxy, since the last call: connections to what stands behind it, and how many that did not accept. */
  upstreamDials?(): Promise<readonly UpstreamDials[]>;
  /** Connections that each proxy has accepted since it was made. A proxy whose server does not count is missing. */
  accepted?(): Promise<ReadonlyMap<string, number>>;
  /** Requests that crossed proxies with a `protocol` since the last call. */
  crossed?(): Promise<readonly CrossedHttp[]>;
  /**
   * When the last action in place ended by itself, on the clock of `monotonicMs`. A killed service that is started again is
   * such an end.
   * @returns null while an action is in place.
   */
  overSinceMs?(): number | null;
  /** Whether something done since the last `clear` cannot be taken back, such as a service that stays dead. It cannot be done twice. */
  readonly staysDone?: boolean;
}

/** Carries actions out. A driver is one folder in faults/ and one line in drivers.ts. */
export interface FaultDriver extends FaultInjector {
  /**
   * Makes all that must stand before the services start. Resolves with what ${…} may name from then on:
   * "proxies.cache.listen" → "127.0.0.1:41234". `close` undoes what was made, also when this rejects.
   */
  prepare(context: DriverContext): Promise<ReadonlyMap<string, string>>;
  /**
   * Variables that services get. Those of the scenario win over them.
   * @param inherited the variables that services get from this process anyway.
   */
  serviceEnvironment?(
    inherited: Readonly<Record<string, string | undefined>>,
  ): Promise<Readonly<Record<string, string>>>;
  /** Tells that the first process of a service has just begun, also when it is started again. What it starts has not begun. */
  serviceStarted?(service: string, pid: number): void;
  /** Tells that the services run and are ready. A driver may learn only now what a target is. */
  servicesReady?(services: readonly RunningService[]): Promise<void>;
  /** Undoes everything and ends all that the driver has started. It may be called when `prepare` failed or was not called. */
  close(): Promise<void>;
  /**
   * When the driver stood still, and with it all that passes through it: instants on the clock of `monotonicMs`.
   * @returns null when nothing passes through it, or when it is not known.
   */
  standstills?(fromMs: number, untilMs: number): readonly Standstill[] | null;
  /** Marks (of process groups) of services that a fault keeps from running now. Their waiting is not the machine's doing. */
  heldBack?(): readonly string[];
  /** Says of an upstream (host:port) whether this driver kept it from accepting connections since the last call. */
  keptDown?(): (upstream: string) => boolean;
  /** host:port of each place where the driver listens. No service of the scenario answers there. */
  readonly listens?: readonly string[];
  /**
   * The proxies that the driver stands behind, and the host:port where it listens for each. Drivers that are prepared after
   * it lead there. It leads on to the upstream.
   */
  readonly standsBehind?: ReadonlyMap<string, string>;
  /** The server that the driver works through, once prepared. null or missing: none. */
  readonly server?: FaultServer | null;
}

/** A proxy that stands between a service and what it depends on. */
export interface ProxySpec {
  readonly name: string;
  /** host:port where the service connects. Port 0 lets the system choose. */
  readonly listen: string;
  readonly upstream: string;
  /** The driver of this name stands behind the proxy and understands what crosses. Missing: whatever crosses is bytes. */
  readonly protocol?: string | undefined;
  /** Missing: neither side of the proxy speaks TLS. */
  readonly tls?: ProxyTls | undefined;
  /** host:port of a driver that stands behind the proxy. The proxy leads there instead of straight to its upstream. */
  readonly via?: string | undefined;
}

export interface ProxyTls {
  /** Whether services connect over TLS. */
  readonly servesTls: boolean;
  /** How TLS is spoken with the upstream. null: without TLS. */
  readonly upstream: UpstreamTls | null;
}

/** Which Docker engine is meant, and which of its containers. */
export interface DockerSettings {
  /** As DOCKER_HOST has it. null: as the environment says. */
  readonly host: string | null;
  /** The compose project whose services are meant. null: as the environment says, else the only one that fits. */
  readonly project: string | null;
}

/** What a driver is told of its run. */
export interface DriverContext {
  /** Tells this run from all others. All its drivers are told the same. */
  readonly run: string;
  /** All that the driver will be asked to do in this run. */
  readonly actions: readonly FaultAction[];
  /** The proxies of the scenario. They stand for the whole run, whether a fault acts on them or not. */
  readonly proxies: readonly ProxySpec[];
  /** URL of a Toxiproxy server. null: the embedded one. */
  readonly toxiproxyUrl: string | null;
  /** What the scenario says of the Docker engine. null: nothing. */
  readonly docker: DockerSettings | null;
  /** The cluster that faults may act in. null: none. */
  readonly cluster: ClusterTerms | null;
  /** How long a fault of the run lasts at most. What has a limit of time of its own gets a longer one. */
  readonly longestFaultMs: number;
  /** Hosts beside this machine that may be used. */
  readonly allowedHosts: readonly string[];
  /** Seed of everything random. */
  readonly seed: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Puts the run's ports and addresses in place of ${…} in a text. Those of proxies are known when the services are ready.
   */
  readonly fill: (text: string) => string;
  /** Takes the run's secrets out of what somebody else has said. It has to see all of a text that is cut afterwards. */
  readonly mask: (text: string) => string;
  readonly journal: DriverJournal;
  /** The run is to end: what is under way for it need not go on. */
  readonly stopping: AbortSignal;
  /** Shows on the screen what is being done. */
  readonly onStatus: (text: string) => void;
  /** Puts on the timeline what has happened to a service. */
  readonly onEvent: (text: string) => void;
  /** Ends the run: what the driver works with is gone. */
  readonly onLost: (error: FaultlineError) => void;
  /** Tells that this process or its machine has come to a limit, so that what is measured now says nothing. It may be called any number of times. */
  readonly onLimit: (reason: string) => void;
}

/**
 * Is told of each deed that outlives this process, before the deed. Another process can then undo it with the driver's
 * `undo`. When this throws, the deed is not done.
 */
export interface DriverJournal {
  undoable(entry: Omit<UndoEntry, "driver">): void;
}

/** A service of the scenario, as it is now. */
export interface RunningService {
  readonly name: string;
  /** The mark by which another process finds its processes. */
  readonly group: ProcessGroup;
  /** Its living processes, also those that have left its group. */
  living(): readonly ProcessRow[];
  /** Sends a signal to all of them. */
  signal(signal: NodeJS.Signals): void;
  /** Where the service listens on this machine. null: not known. */
  readonly address: Address | null;
  /** How its first process ended: "was killed by SIGKILL". null while it lives. */
  readonly ending: string | null;
  /**
   * Says whether a fault ends the service, until it is started again. An end that no fault has made ends the run.
   * @param isExpected a function is asked when the service has ended.
   */
  expectEnd(isExpected: boolean | (() => boolean)): void;
  /**
   * Ends what is left of the service and starts it as before, on the same ports. Resolves with true when it is ready, with
   * false when an expected end came first. When it does not become ready for another reason, the run ends.
   * @param onStarted is called when its first process runs.
   */
  startAgain(onStarted: () => void): Promise<boolean>;
}

export interface FaultServer {
  readonly kind: "embedded" | "external";
  readonly version: string;
  readonly url: string | null;
}
