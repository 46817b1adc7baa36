import type { FaultAction, FaultStage } from "../faults/fault-action.js";
import { searchAxis } from "../faults/kinds/index.js";
import type { FaultPlace } from "../faults/modifiers.js";
import type { Slo } from "../slo/slo.js";
import type { FaultRound } from "./fault-round.js";

/** What a run does, one step after another. */
export type Step = WarmupStep | BaselineStep | FaultStep | SearchStep;

/** A stretch of load. Offsets count from when load begins, and assume that nothing has to be waited for. */
export interface Stretch {
  readonly id: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** From the load's profile. null in the closed model. */
  readonly expectedRequests: number | null;
}

export interface WarmupStep {
  readonly kind: "warmup";
  readonly during: Stretch;
}

/** Without faults. When something is broken here, the later steps are not done. */
export interface BaselineStep {
  readonly kind: "baseline";
  readonly during: Stretch;
}

export interface FaultStep {
  readonly kind: "fault";
  readonly fault: FaultRound;
  /** Actions from the fault's begin. */
  readonly actions: readonly FaultAction[];
  /** Later stages. Empty for a fault that does not change. */
  readonly stages: readonly FaultStage[];
  readonly during: Stretch;
  readonly recovery: Stretch | null;
}

/** `find:` of one fault: bisection over one attribute. */
export interface SearchStep {
  readonly kind: "search";
  readonly fault: FaultRound;
  /** All its trials, with the recoveries between them. */
  readonly during: Stretch;
  readonly at: FaultPlace;
  /** The key under `find:`. */
  readonly axis: string;
  /** What is searched over, in the driver's own word. */
  readonly attribute: string;
  /** "ms", "KB/s", … */
  readonly unit: string;
  /** The mild end. `until` is expected to hold here. May be the greater number (bandwidth). */
  readonly from: number;
  /** The severe end. */
  readonly to: number;
  /** Stop when the bracket is this narrow. */
  readonly precision: number;
  readonly maxTrials: number;
  readonly trialMs: number;
  /**
   * After each trial there is up to this much time without the fault. It is longer only while the system is still
   * broken.
   */
  readonly recoveryMs: number;
  readonly until: Slo;
}

/** All that the steps will do to their targets. For a search: its severe end. */
export function plannedActions(steps: readonly Step[]): readonly FaultAction[] {
  return steps.flatMap((step): readonly FaultAction[] => {
    if (step.kind === "search") return [searchAxis(step.axis).action(step.at, step.to)];
    return step.kind === "fault" ? [...step.actions, ...step.stages.flatMap(({ actions }) => actions)] : [];
  });
}

/** 0 without any fault. A search has its trials. */
export function longestFaultMs(steps: readonly Step[]): number {
  const lasting = steps.map((step) => {
    if (step.kind === "search") return step.trialMs;
    return step.kind === "fault" ? step.during.durationMs : 0;
  });
  return Math.max(0, ...lasting);
}

/** The SLOs whose limits the searches look for. */
export function searchedSlos(steps: readonly Step[]): readonly Slo[] {
  return steps.flatMap((step) => (step.kind === "search" ? [step.until] : []));
}
