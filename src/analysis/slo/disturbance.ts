/** What this machine had to do with a verdict: the generator's own lateness, and CPUs that the system did not get. */

import type { PhaseRecord } from "../../measure/record.js";
import type { Reason } from "../document/report.js";
import { latenessOf } from "../measurement/lateness.js";
import { machineShares } from "../measurement/machine-share.js";
import type { PhaseObservations, PhaseView } from "../measurement/phase-view.js";
import { starvationOf } from "../measurement/starvation.js";
import type { Distrust } from "../measurement/validity.js";
import { reason } from "../reasons/reasons.js";
import type { LateFacts, StarvedFacts } from "../wording/machine-words.js";

/** At least one of the two is not null. */
export interface Disturbance {
  /** What the load generator was. */
  readonly late: LateFacts | null;
  /** What the system did. */
  readonly starved: StarvedFacts | null;
}

/** @returns null when nothing worth a word disturbed the phase, or somebody else made the load. */
export function disturbanceOf(
  { ownLoad }: PhaseObservations,
  tightestLimitUs: number,
  invalid: Distrust | null,
): Disturbance | null {
  if (ownLoad === undefined) return null;
  const lateness = latenessOf(ownLoad.record, tightestLimitUs);
  const late = invalid?.lateness ?? (lateness && ({ kind: "late_seconds", ...lateness } as const));
  const starved = starvationOf(ownLoad.record, tightestLimitUs);
  return late === null && starved === null ? null : { late, starved };
}

/** Why there is no verdict: it would change with what this machine may have caused. */
export function machineDecides(
  verdict: string,
  without: string,
  phase: PhaseRecord,
  disturbance: Disturbance | null,
): Reason {
  const { late, starved } = disturbance ?? { late: null, starved: null };
  return reason("lateness_decides", { verdict, without, late, starved, machine: machineShares(phase) });
}

/**
 * Why a failure stands although the machine disturbed it.
 * @param atMost how many bad requests the machine may have caused. null: the SLO does not count requests.
 */
export function isNoExcuse({ late, starved }: Disturbance, atMost: number | null): Reason {
  return reason("lateness_explains", { late, starved, atMost });
}

/** Why a verdict is a pass although some requests came later than the limit, counted from when they were due. */
export function judgedFromDispatch(view: PhaseView): Reason {
  return reason("judged_from_dispatch", { lateMs: (view.greatestLagUs() ?? 0) / 1000 });
}
