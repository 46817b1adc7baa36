import type { TrustFlags } from "./trust-options.js";
import type { UiFlags } from "./ui-options.js";

/** Options of `run`, as the command line gives them. */
export interface RunFlags extends TrustFlags, UiFlags {
  readonly out?: string;
  readonly json?: boolean;
  /** The ledger's file. false after --no-history. */
  readonly history?: string | false;
  readonly reporter?: string;
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
  readonly set?: readonly string[];
  readonly var?: readonly string[];
  readonly seed?: number;
  readonly evidence?: "interval" | "observed";
  readonly toxiproxy?: string;
  readonly allowHost?: readonly string[];
  readonly maxDuration?: string;
  readonly failOn?: string;
  /** One of EXIT_CODE_MAPS. */
  readonly exitCodes?: string;
  /** false after --no-retry. */
  readonly retry?: boolean;
  readonly baseline?: string;
  /** URL of the NATS server where workers wait. */
  readonly workers?: string;
  readonly expectWorkers?: number;
  readonly workersWithin?: string;
  readonly color?: boolean;
  readonly verbose?: boolean;
}
