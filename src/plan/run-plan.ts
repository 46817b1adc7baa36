import type { DockerSettings, ProxySpec } from "../faults/fault-driver.js";
import type { ClusterTerms } from "../kubernetes/terms.js";
import type { Slo } from "../slo/slo.js";
import type { CheckSpec } from "./checks/check-spec.js";
import type { ClusterLooks } from "./cluster/cluster-looks.js";
import type { LoadPlan } from "./load-plan.js";
import type { SignalSpec } from "./signals/signal-spec.js";
import type { Step } from "./steps.js";
import type { TelemetrySpec } from "./telemetry/telemetry-spec.js";

/**
 * Everything a run needs, from one scenario, as plain data. Texts of services, proxies, checks, signals and `load.target.url` may
 * still hold ${services.NAME.port}, ${proxies.NAME.listen}, .host and .port, and ${run.dir}: those are known only when it
 * runs.
 */
export interface RunPlan {
  readonly name: string;
  readonly hypothesis: string | null;
  /** As the user named it. */
  readonly file: string;
  readonly sha256: string;
  readonly seed: number;
  readonly evidence: "interval" | "observed";
  /** In the order of starting. */
  readonly services: readonly ServiceSpec[];
  readonly proxies: readonly ProxySpec[];
  /** null: the embedded server. */
  readonly toxiproxyUrl: string | null;
  /** null: the scenario says nothing of it. */
  readonly docker: DockerSettings | null;
  /** The cluster that faults act in. null: they act in none. */
  readonly cluster: ClusterTerms | null;
  /** What of a cluster is looked at, whatever faults do there. */
  readonly clusterLooks: ClusterLooks;
  readonly load: LoadPlan;
  /** In order. */
  readonly steps: readonly Step[];
  readonly slos: readonly Slo[];
  readonly abort: readonly AbortCondition[];
  readonly checks: readonly CheckSpec[];
  readonly signals: readonly SignalSpec[];
  /** Where the run tells of itself. It holds no placeholders: a receiver is there before the run, and after it. */
  readonly telemetry: readonly TelemetrySpec[];
  /** How much longer than planned a recovery may take. After that the later faults are not run. */
  readonly maxRecoveryWaitMs: number;
  /** Values from outside the scenario. They never appear in any output. */
  readonly secrets: readonly string[];
  /** Environment variables that services get beside a few plain ones. null: all, because the scenario is trusted. */
  readonly serviceEnv: readonly string[] | null;
  /** Hosts other than this machine that may be used. */
  readonly allowedHosts: readonly string[];
}

/** Program and arguments, split as a shell splits words. With `shell`: one element for /bin/sh -c. */
export type Command = readonly string[];

export interface ServiceSpec {
  readonly name: string;
  readonly command: Command;
  /** Whether a shell reads its commands. */
  readonly shell: boolean;
  /** Run to their end before it starts. */
  readonly prepare: readonly Command[];
  /** Run after it was stopped. */
  readonly cleanup: readonly Command[];
  /** For each of these commands. */
  readonly commandTimeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** http://, https:// (any answer below 500), grpc://, grpcs:// (its health service) or tcp://. null: not asked for. */
  readonly ready: string | null;
  /** Regular expression for a line of its output. null: not asked for. */
  readonly readyLog: string | null;
  /** Has to exit with 0. null: not asked for. */
  readonly readyCommand: Command | null;
  readonly readyTimeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly stopGraceMs: number;
}

/**
 * A condition of the SLO language with a window, such as "error_rate > 80% for 5s". Compared as written. When it is
 * true the run is aborted.
 */
export interface AbortCondition {
  readonly condition: Slo;
}

/** A place in the scenario that names what a run connects to. */
export type Endpoint =
  | { readonly kind: "target" }
  | { readonly kind: "socket" }
  | { readonly kind: "upstream"; readonly proxy: string }
  /** An entry of `watch` or `ready` under `kubernetes`. */
  | { readonly kind: "inCluster"; readonly list: "watch" | "ready"; readonly index: number };
