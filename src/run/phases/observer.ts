import type { LiveSample } from "../../load/session.js";
import type { PhaseRecord, RunEvent } from "../../measure/record.js";
import type { LiveTrace, PhaseStart, RunInProgress } from "../../measure/run-in-progress.js";

export type { PhaseStart };

/** What the screen wants to know while a run goes on. Nothing here may throw or block. */
export interface RunObserver {
  /** The first call: from now on the run can be asked, and told. */
  begun?(run: RunInProgress): void;
  /** Something without a phase is being done: "starting shop", "waiting for recovery". */
  status?(text: string): void;
  phaseStarted?(phase: PhaseStart): void;
  phaseEnded?(phase: PhaseRecord): void;
  live?(sample: LiveSample): void;
  traces?(traces: readonly LiveTrace[]): void;
  event?(event: RunEvent): void;
}
