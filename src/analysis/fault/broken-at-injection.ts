/** An SLO that holds in the phase of a fault, and is broken by what the fault did at its instant. */

import { type AroundChange, dueAndFailed } from "../../measure/around-change.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import type { SloResult } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { because, reason } from "../reasons/reasons.js";
import { badBy } from "../slo/bad-requests.js";
import { decide } from "../slo/judge.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { badRequestsOf } from "../slo/share-reason.js";
import { budgetOf } from "../slo/slo-budget.js";
import { sum } from "../statistics/intervals.js";

/**
 * The phase's requests, and those that ended after the injection and were due before the phase. Of these, failures alone
 * are bad, and those that may be the load generator's own are left out. They can break an SLO and make none hold.
 * @param atInjection more of them failed than the baseline's share and chance would bring.
 */
export function withInjection(
  row: SloResult,
  slo: Slo,
  during: PhaseObservations,
  atInjection: AroundChange,
  context: JudgingContext,
): SloResult {
  const { bad: told, among, rate } = metricOf(slo.metric);
  const budget = budgetOf(slo)?.budget ?? null;
  const isOpen = row.verdict === "pass" || row.verdict === "inconclusive";
  if (!isOpen || slo.windowS !== null || slo.timed !== undefined || budget === null) return row;
  if (told !== null || among !== "due" || rate !== null) return row;
  const inPhase = badBy("certain", slo, during, context);
  const { due, failed } = dueAndFailed(certain(atInjection), slo.request);
  if (inPhase === null || failed === 0) return row;
  const whole = { due: [...inPhase.due, due], bad: [...inPhase.bad, failed] };
  if (decide(slo, whole, budget, context) !== "fail") return row;
  const counts = { bad: sum(whole.bad), total: sum(whole.due), budget };
  const why = reason("failed_at_injection", {
    ...{ failed, of: due, bad: counts.bad, ofAll: counts.total, budget, request: slo.request },
    ...badRequestsOf(slo),
  });
  return {
    ...row,
    verdict: "fail",
    observed: metricOf(slo.metric).ofBadShare(counts.bad / counts.total) ?? row.observed,
    interval: null,
    counts,
    ...because(why),
  };
}

/** Why a request was not sent, or not answered in time, may be the load generator's own matter: it may have been late. */
function certain(around: AroundChange): AroundChange {
  return around.map(({ request, outcomes }) => ({
    request,
    outcomes: { ...outcomes, unsent: 0, timeout: 0 },
  }));
}
