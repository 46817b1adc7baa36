import type { FaultAction } from "../../faults/fault-action.js";
import type { RunPlan } from "../../plan/run-plan.js";
import type { SafetyNet } from "../safety/safety-net.js";

/** What a run is set up from. */
export interface SetUpOptions {
  readonly plan: RunPlan;
  /** Names of drivers, and everything that they will be asked to do. */
  readonly drivers: readonly string[];
  readonly actions: readonly FaultAction[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly net: SafetyNet;
  /** Where the run's files go. null: nowhere. */
  readonly folder: string | null;
  /** Who makes the load. null: this process. */
  readonly workers: WorkersChoice | null;
  readonly toolVersion: string;
}

/** Workers that make the load instead of this process. */
export interface WorkersChoice {
  /** Of the NATS server where they wait. */
  readonly url: string;
  /** null: as many as there are. */
  readonly expect: number | null;
  /** How long they may take to come. */
  readonly withinMs: number;
}
