/** What findings are made from, and what each of them holds. */

import type { Json } from "../../faults/fault-action.js";
import type { TargetProof } from "../../faults/proof.js";
import type { RecordedLoad } from "../../measure/record.js";
import type { Comparison, FaultReport, Finding, NewStatus, Timing } from "../document/report.js";
import type { LatencyClock, PhaseView } from "../measurement/phase-view.js";

export interface FaultFacts {
  readonly baseline: PhaseView | null;
  readonly fault: PhaseView;
  readonly recovery: PhaseView | null;
  readonly recoveryTiming: Timing;
  readonly comparison: readonly Comparison[];
  /** How the load itself differed from the baseline's; null: it did not. */
  readonly shift: string | null;
  readonly load: RecordedLoad;
  readonly timeoutMs: number;
  readonly model: "open" | "closed";
  /** From the injection to the first second of the phase. */
  readonly delayS: number;
  /** Why nothing here can be laid to the fault; null: it was shown that it touched something. */
  readonly untrusted: string | null;
  /** It was asked, and no request was shown to meet the fault; not so where the run ended before. */
  readonly isUnproven: boolean;
  /** What a saturated machine may have had to do with it; null: nothing. */
  readonly machine: string | null;
  /** Of the fault. */
  readonly targets: readonly TargetProof[];
  readonly newStatuses: readonly NewStatus[];
  readonly held: FaultReport["heldLonger"] | null;
  /** From when the promise on p99 was judged; null: all were judged from when requests were due. */
  readonly clock: LatencyClock | null;
}

/** A finding without its id. */
export type Told = Omit<Finding, "id">;

export function told(text: string, facts: { readonly [fact: string]: Json }): Told {
  return { facts, text };
}
