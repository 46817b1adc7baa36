import type { FaultAction, FaultStage } from "../faults/fault-action.js";

export type PhaseKind = "warmup" | "baseline" | "fault" | "recovery";

/** A phase before the run: offsets count from when load begins and assume that nothing has to be waited for. */
export interface PlannedPhase {
  readonly id: string;
  readonly kind: PhaseKind;
  /** The fault's name in fault and recovery phases. */
  readonly fault: string | null;
  readonly startMs: number;
  readonly durationMs: number;
  /** From the load's profile; null in the closed model. */
  readonly expectedRequests: number | null;
}

export interface PlannedFault {
  /** Unique in the run; rounds of `repeat:` are told apart by " (round 2)". */
  readonly name: string;
  readonly actions: readonly FaultAction[];
  /** Later steps; empty for a fault that stays as it is. */
  readonly stages: readonly FaultStage[];
}

export interface Timeline {
  readonly phases: readonly PlannedPhase[];
  readonly faults: readonly PlannedFault[];
  readonly totalMs: number;
}
