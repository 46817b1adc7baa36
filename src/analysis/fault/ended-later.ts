/** Journeys that may have begun under a fault, and ended when its phase was over. */

import { type AroundFault, dueAndFailed } from "../../measure/around-change.js";
import type { Slo } from "../../slo/slo.js";
import type { SloResult } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { because, reason } from "../reasons/reasons.js";
import { badBy, badSeries } from "../slo/bad-requests.js";
import { decide } from "../slo/judge.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { nounOf } from "../slo/share-reason.js";
import { budgetOf } from "../slo/slo-budget.js";
import { sum } from "../statistics/intervals.js";

interface MeasuredJourneys {
  readonly during: PhaseObservations;
  readonly recovery: PhaseObservations | null;
  /** Requests around the fault's changes, and journeys. */
  readonly around?: AroundFault | undefined;
}

/** What its user waits for until it has ended. An event of a stream has its own second. */
const LASTING: readonly string[] = ["journey", "wait"];

/**
 * A journey is counted in the second of its last request, so one that takes long under the fault can be counted after it.
 * The promise only passes where it would hold with all that were bad after the phase.
 */
export function withThoseThatEndedLater(
  row: SloResult,
  slo: Slo,
  { during, recovery, around }: MeasuredJourneys,
  context: JudgingContext,
): SloResult {
  const budget = budgetOf(slo)?.budget ?? null;
  if (row.verdict !== "pass" || !LASTING.includes(nounOf(slo)) || budget === null) return row;
  const inPhase = badBy("judged", slo, during, context);
  const after = recovery && badSeries(slo, recovery);
  const late = dueAndFailed(around?.removal, slo.request).failed + (after ? sum(after.bad) : 0);
  if (inPhase === null || late === 0) return row;
  const whole = { due: [...inPhase.due, late], bad: [...inPhase.bad, late] };
  // A window has no place for them.
  if (decide({ ...slo, windowS: null }, whole, budget, context) === "pass") return row;
  const facts = { bad: late, counts: nounOf(slo), inPhase: sum(inPhase.bad), of: sum(inPhase.due) };
  return { ...row, verdict: "inconclusive", ...because(reason("ended_later", facts)) };
}
