import type { ProxySpec } from "../faults/fault-driver.js";
import type { FaultPlace } from "../faults/modifiers.js";
import type { Slo } from "../slo/slo.js";
import type { LoadPlan } from "./load-plan.js";
import type { Timeline } from "./timeline.js";

/**
 * Everything a run needs, from one scenario, as plain data. Texts of services, proxies and `load.target.url` may
 * still hold ${services.NAME.port}, ${proxies.NAME.listen}, .host and .port: those are known only when it runs.
 */
export interface RunPlan {
  readonly name: string;
  readonly hypothesis: string | null;
  /** As the user named it. */
  readonly file: string;
  readonly sha256: string;
  readonly seed: number;
  readonly evidence: "interval" | "observed";
  readonly services: readonly ServiceSpec[];
  readonly proxies: readonly ProxySpec[];
  /** null: the embedded server. */
  readonly toxiproxyUrl: string | null;
  readonly load: LoadPlan;
  readonly timeline: Timeline;
  readonly slos: readonly Slo[];
  readonly abort: readonly AbortCondition[];
  /** How much longer than planned a recovery may take before the faults after it are not run. */
  readonly maxRecoveryWaitMs: number;
  /** Values from outside the scenario: they never appear in any output. */
  readonly secrets: readonly string[];
  /** Variables of the environment that services get beside a few plain ones; null: all, as the scenario is trusted. */
  readonly serviceEnv: readonly string[] | null;
  /** Hosts beside this machine that may be used. */
  readonly allowedHosts: readonly string[];
  readonly searches: readonly FaultSearchPlan[];
}

export interface ServiceSpec {
  readonly name: string;
  /** Program and arguments, split as a shell splits words; with `shell` one element for /bin/sh -c. */
  readonly command: readonly string[];
  readonly shell: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** http://, https:// (any answer below 500) or tcp://; null: ready as soon as it runs. */
  readonly ready: string | null;
  readonly readyTimeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly stopGraceMs: number;
}

/** A condition of the SLO language with a window; true → the run is aborted. Compared as written: "error_rate > 80% for 5s". */
export interface AbortCondition {
  readonly condition: Slo;
}

/**
 * `find:` of one fault: bisection over one attribute. Such a fault is not in `timeline.faults`;
 * the timeline holds one fault phase for all its trials, the recoveries between them included.
 */
export interface FaultSearchPlan {
  readonly fault: string;
  readonly at: FaultPlace;
  /** The key under `find:`. */
  readonly axis: string;
  /** What is searched over, in the driver's own word. */
  readonly attribute: string;
  /** "ms", "KB/s", … */
  readonly unit: string;
  /** The mild end: `until` is expected to hold here. May be the greater number (bandwidth). */
  readonly from: number;
  /** The severe end. */
  readonly to: number;
  /** Stop when the bracket is this narrow. */
  readonly precision: number;
  readonly maxTrials: number;
  readonly trialMs: number;
  /** Each trial is followed by up to so long without the fault, longer only while the system is still broken. */
  readonly recoveryMs: number;
  readonly until: Slo;
}
