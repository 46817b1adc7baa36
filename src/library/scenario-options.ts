import type { PlanScenarioOptions } from "../app/plan-to-run.js";
import type { Grants } from "../scenario/read/grants.js";
import { FaultlineError } from "../support/errors.js";

/** What the caller sets in place of the scenario's own values. Everything is optional. */
export interface ScenarioOptions {
  /** Folder that relative paths count from. Default: the current one. */
  readonly cwd?: string;
  /**
   * What `${env.NAME}` and services see. Default: the environment of this process. Its values are secrets: no report
   * shows them.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values to change, by their place: `{ "load.rate": "50/s" }`. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Variables of the scenario: `{ port: 8080 }`. */
  readonly vars?: Readonly<Record<string, string | number | boolean>>;
  /** Hosts other than this machine that may be used. */
  readonly allowHosts?: readonly string[];
  /** Names of the faults to run. The others are left out. */
  readonly only?: readonly string[];
  /** A Toxiproxy server to use instead of the embedded one. */
  readonly toxiproxyUrl?: string;
  /** Seed of everything random: a whole number from 0 to 4294967295. */
  readonly seed?: number;
  /** How verdicts are made: with confidence intervals, or from what was observed. */
  readonly evidence?: "interval" | "observed";
  /** The scenario's author is not trusted: it may do only what is granted here. Default: it is trusted. */
  readonly untrusted?: Partial<Grants>;
}

const LARGEST_SEED = 2 ** 32 - 1;

/** @throws FaultlineError USAGE: the seed is no such number. */
export function planOptions(options: ScenarioOptions): PlanScenarioOptions & {
  readonly cwd: string;
  readonly env: NonNullable<ScenarioOptions["env"]>;
} {
  const { seed, evidence, untrusted, only, toxiproxyUrl } = options;
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED)) {
    throw new FaultlineError("USAGE", `seed: expected a whole number from 0 to ${LARGEST_SEED}, not ${seed}`);
  }
  const nothing: Grants = { env: [], run: [], shell: [], sockets: [], docker: [], folders: [] };
  return {
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? process.env,
    set: pairs(options.set),
    vars: pairs(options.vars),
    allowHosts: options.allowHosts ?? [],
    untrusted: untrusted ? { ...nothing, ...untrusted } : null,
    seed,
    evidence,
    ...(only ? { only } : {}),
    ...(toxiproxyUrl === undefined ? {} : { toxiproxyUrl }),
  };
}

function pairs(values: ScenarioOptions["set"] = {}): string[] {
  return Object.entries(values).map(([key, value]) => `${key}=${value}`);
}
