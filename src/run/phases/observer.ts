import type { LiveSample } from "../../load/session.js";
import type { PhaseRecord, RunEvent } from "../../measure/record.js";
import type { PhaseKind } from "../../plan/timeline.js";

/** A phase that has just begun. */
export interface PhaseStart {
  readonly id: string;
  readonly kind: PhaseKind;
  readonly fault: string | null;
  /** In a search what this trial does: "latency 310 ms on cache"; null elsewhere. */
  readonly trial: string | null;
  readonly plannedMs: number;
}

/** What the screen wants to know while a run goes on. Nothing here may throw or block. */
export interface RunObserver {
  /** Something is being done that has no phase: "starting shop", "waiting for recovery". */
  status?(text: string): void;
  phaseStarted?(phase: PhaseStart): void;
  phaseEnded?(phase: PhaseRecord): void;
  live?(sample: LiveSample): void;
  event?(event: RunEvent): void;
}
