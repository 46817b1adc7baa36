import { type FaultRound, type LaterRound, labelOf, laterRound } from "./fault-round.js";
import type { Step, Stretch } from "./steps.js";

export type PhaseKind = "warmup" | "baseline" | "fault" | "recovery";

/** A phase before the run, as records list it. */
export interface PlannedPhase extends Stretch {
  readonly kind: PhaseKind;
  /** The fault's label in fault and recovery phases. */
  readonly fault: string | null;
  readonly round?: LaterRound | undefined;
}

/** The phases of all steps, in order. */
export function timelineOf(steps: readonly Step[]): readonly PlannedPhase[] {
  return steps.flatMap((step): readonly PlannedPhase[] => {
    if (step.kind === "warmup" || step.kind === "baseline") {
      return [{ ...step.during, kind: step.kind, fault: null }];
    }
    const during = ofFault(step.fault, "fault", step.during);
    if (step.kind === "search" || step.recovery === null) return [during];
    return [during, ofFault(step.fault, "recovery", step.recovery)];
  });
}

function ofFault(fault: FaultRound, kind: PhaseKind, stretch: Stretch): PlannedPhase {
  return { ...stretch, kind, fault: labelOf(fault), ...laterRound(fault) };
}

/** How long all of it takes, if nothing has to be waited for. */
export function lengthMs(timeline: readonly PlannedPhase[]): number {
  const last = timeline.at(-1);
  return last ? last.startMs + last.durationMs : 0;
}
