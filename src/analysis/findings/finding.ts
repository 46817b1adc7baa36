/** What findings are made from, and what each finding holds. */

import type { Json } from "../../faults/fault-action.js";
import type { TargetProof } from "../../faults/proof.js";
import type { AroundFault } from "../../measure/around-change.js";
import type { FirstTry } from "../../measure/fault-record.js";
import type { RecordedLoad } from "../../measure/record.js";
import type {
  Comparison,
  FaultReport,
  Finding,
  NewStatus,
  Reason,
  SloResult,
  Timing,
} from "../document/report.js";
import type { LatencyClock, PhaseView } from "../measurement/phase-view.js";
import type { Pattern } from "../patterns/pattern.js";
import type { LoadShift } from "../wording/load-shift-words.js";

export interface FaultFacts {
  readonly baseline: PhaseView | null;
  readonly fault: PhaseView;
  /** Requests around its injection and its removal. Not there: nobody counted them apart. */
  readonly around?: AroundFault | undefined;
  /** What became of the SLOs. */
  readonly rows: readonly SloResult[];
  readonly recovery: PhaseView | null;
  readonly recoveryTiming: Timing;
  readonly comparison: readonly Comparison[];
  /** How the load itself differed from the baseline's. null: it did not differ. */
  readonly shift: LoadShift | null;
  readonly load: RecordedLoad;
  readonly timeoutMs: number;
  readonly model: "open" | "closed";
  /** Seconds from the injection to the first second of the phase. */
  readonly delayS: number;
  /** Why nothing here can be blamed on the fault. null: the fault was shown to touch something. */
  readonly untrusted: Reason | null;
  /** true: proof was asked for, and no request was shown to meet the fault. false for a run that ended before. */
  readonly isUnproven: boolean;
  /** What a saturated machine may have caused, and in which phase. null: nothing. */
  readonly machine: { readonly phase: "fault" | "recovery"; readonly because: Reason } | null;
  /** The fault's targets. */
  readonly targets: readonly TargetProof[];
  readonly newStatuses: readonly NewStatus[];
  /** What the service did about it. */
  readonly patterns: readonly Pattern[];
  /** What became of pods that the fault did not do itself. null: nothing, or nobody watched. */
  readonly pods: Told | null;
  /** null: measured once. */
  readonly firstTry: FirstTry | null;
  readonly held: FaultReport["heldLonger"] | null;
  /** The clock that the promise on p99 was judged by. null: all promises were judged from when requests were due. */
  readonly clock: LatencyClock | null;
}

/** A finding without its id. */
export type Told = Omit<Finding, "id">;

export function told(text: string, facts: { readonly [fact: string]: Json }): Told {
  return { facts, text };
}
