/** What the runner asks while a run goes on. Judged as the report will judge it. */

import type { PhaseRecord } from "../measure/record.js";
import type { PlannedPhase } from "../plan/timeline.js";
import { metricOf } from "../slo/metrics/index.js";
import type { Slo } from "../slo/slo.js";
import type { SloResult, Verdict } from "./document/report.js";
import { promiseOf } from "./document/slo-result.js";
import { judgeFault, type MeasuredFault } from "./fault/fault-slos.js";
import { redirectAdvice } from "./findings/statuses.js";
import { PhaseView } from "./measurement/phase-view.js";
import { settledPart } from "./measurement/settled-part.js";
import { distrust } from "./measurement/validity.js";
import { reasonText } from "./reasons/reasons.js";
import { recoveredAt, WAITED_HOLD_S } from "./recovery/good-seconds.js";
import { criteriaOf } from "./recovery/slo-criteria.js";
import { judgeSlo } from "./slo/judge.js";
import type { JudgingContext } from "./slo/judging-context.js";
import { baselineSlos, plannedVerdicts, recoverySlos } from "./slo/scope.js";
import { sum } from "./statistics/intervals.js";

export interface InterimOptions {
  readonly evidence: JudgingContext["evidence"];
  readonly model: JudgingContext["model"];
  /** The time from when a request is due to when its answer must be there. */
  readonly timeoutMs: number;
  readonly profile?: JudgingContext["profile"];
  /** All phases of the plan. Their number is that of the verdicts that the run will make. */
  readonly plannedPhases: readonly PlannedPhase[];
}

export function judgingContext(slos: readonly Slo[], options: InterimOptions): JudgingContext {
  return {
    evidence: options.evidence,
    model: options.model,
    timeoutMs: options.timeoutMs,
    profile: options.profile,
    verdicts: plannedVerdicts(slos, options.plannedPhases),
  };
}

export interface BaselineHealth {
  readonly healthy: boolean;
  /** The load generator was late, and so something about the system is not known. Another try may tell. */
  readonly isDisturbed: boolean;
  readonly reason: string;
}

/**
 * May faults be injected? No when an SLO failed before any fault, when the generator could not keep up, or when nothing
 * was measured. An inconclusive SLO is no reason to stop.
 */
export function baselineHealthy(
  baseline: PhaseRecord,
  slos: readonly Slo[],
  options: InterimOptions,
): BaselineHealth {
  const view = new PhaseView(baseline);
  const context = judgingContext(slos, options);
  const invalid = distrust(baseline, options);
  if (view.counts(null).scheduled === 0) {
    return {
      healthy: false,
      isDisturbed: false,
      reason: "No request was due in the baseline, so nothing is known of the system.",
    };
  }
  // How long completion took is known after the load only.
  const known = baselineSlos(slos).filter(({ metric }) => metricOf(metric).completion === null);
  const results = known.map((slo) =>
    judgeSlo({ slo, phase: "baseline", view, baseline: null, after: null, invalid }, context),
  );
  // An SLO that broke whatever the generator did tells more than the generator's lateness.
  const broken = results.filter(({ verdict }) => verdict === "fail");
  if (broken.length === 0 && invalid !== null) {
    return {
      healthy: false,
      isDisturbed: baseline.lost === null && !invalid.isInPart,
      reason: invalid.reason,
    };
  }
  const [first] = broken.length > 0 ? broken : results.filter(({ verdict }) => verdict === "invalid");
  if (first === undefined) {
    const open = results.find(({ lateness }) => lateness?.decides);
    return open === undefined
      ? { healthy: true, isDisturbed: false, reason: "The SLOs hold without a fault." }
      : { healthy: true, isDisturbed: true, reason: `"${open.expect}" is undecided: ${open.reason}` };
  }
  const more = broken.length > 1 ? ` (and ${broken.length - 1} more)` : "";
  const advice = broken.length > 0 ? redirectAdvice(baseline) : null;
  return {
    healthy: false,
    // A signal that says nothing would say nothing a second time, either.
    isDisturbed: first.verdict === "invalid" && !isAboutSignal(first),
    reason: `"${first.expect}" does not hold even without a fault${more}: ${first.reason}${advice === null ? "" : ` ${reasonText([advice])}`}`,
  };
}

export interface RecoverySoFar {
  readonly baseline: PhaseRecord;
  /** A snapshot of the recovery phase, without the seconds that have requests in flight. */
  readonly recovery: PhaseRecord;
  readonly fault: string;
  /** With targets worked out against the baseline. */
  readonly slos: readonly Slo[];
  /** How long the fault was over when the recovery began, as a killed service was started again. */
  readonly earlierS?: number;
}

export interface RecoveryState {
  readonly back: boolean;
  /** true: the system breaks its SLOs or answers nothing. false: it was only seen for too short a time. */
  readonly stillBroken: boolean;
  readonly reason: string;
  /** What is waited for: "for the recovery (…)" or "until … has held for 10 s". */
  readonly waiting: string;
}

/**
 * Is the system back, so that the next fault may begin? Each SLO needs ten good seconds (fewer in a quick look) at any
 * point of the recovery. None may be broken in its last seconds. The report asks for more where a budget needs more.
 */
export function backAtSlos(
  { baseline, recovery, fault, slos, earlierS }: RecoverySoFar,
  options: Omit<InterimOptions, "plannedPhases">,
): RecoveryState {
  const view = new PhaseView(settledPart(recovery));
  const criteria = criteriaOf(recoverySlos(slos, fault), view, {
    baseline: new PhaseView(baseline),
    context: options,
    reckoning: "judged",
    maxHoldS: WAITED_HOLD_S,
    earlierS: Math.ceil(earlierS ?? 0),
  });
  const broken = criteria.find(({ violatesAtEnd }) => violatesAtEnd);
  if (broken) return stillBroken(`"${broken.slo.text}" is still broken`);
  const open = criteria.find(({ criterion }) => recoveredAt(criterion).atS === null);
  if (!open)
    return { back: true, stillBroken: false, reason: "The system is back at its SLOs.", waiting: "" };
  if (view.seconds === 0 && mostAreUnanswered(recovery))
    return stillBroken("most requests have no answer yet");
  const { slo, criterion } = open;
  return {
    back: false,
    stillBroken: false,
    reason: `"${slo.text}" has not held for ${criterion.holdS} s yet`,
    waiting: `until "${slo.text}" has held for ${criterion.holdS} s`,
  };
}

function mostAreUnanswered({ durationS, all }: PhaseRecord): boolean {
  return durationS >= 1 && sum(all.outcomes.ok) < sum(all.scheduled) / 2;
}

function stillBroken(reason: string): RecoveryState {
  return { back: false, stillBroken: true, reason, waiting: `for the recovery (${reason})` };
}

/**
 * Why a fault should be measured once more: the load generator was late, something stayed undecided because of that,
 * and nothing was broken. @returns null when it need not be measured again.
 */
export function whyOnceMore(
  measured: Omit<MeasuredFault, "context" | "baseline" | "during" | "recovery"> &
    Readonly<Record<"baseline" | "recovery", PhaseRecord | null>> & { readonly during: PhaseRecord },
  options: InterimOptions,
): string | null {
  const { slos, baseline, during, recovery } = measured;
  const { rows } = judgeFault({
    ...measured,
    baseline: baseline && new PhaseView(baseline),
    during: new PhaseView(during),
    recovery: recovery && new PhaseView(recovery),
    context: judgingContext(slos, options),
  });
  if (rows.some(({ verdict }) => verdict === "fail")) return null;
  const open = rows.find(({ lateness }) => lateness?.decides);
  return open === undefined ? null : `"${open.expect}" is undecided: ${open.reason}`;
}

/** Judges one SLO over one phase, for the search for a breaking point. */
export function judgeTrial(
  trial: PhaseRecord,
  slo: Slo,
  baseline: PhaseRecord | null,
  options: Omit<InterimOptions, "plannedPhases"> & { readonly verdicts: number },
): { readonly verdict: Verdict; readonly reason: string; readonly isDisturbed: boolean } {
  const { verdict, reason, lateness } = judgeSlo(
    {
      slo,
      phase: "fault",
      view: new PhaseView(trial),
      baseline: baseline ? new PhaseView(baseline) : null,
      after: null,
      invalid: distrust(trial, options),
    },
    { ...options, control: baseline && new PhaseView(baseline) },
  );
  return { verdict, reason, isDisturbed: verdict === "invalid" || lateness?.decides === true };
}

function isAboutSignal(result: SloResult): boolean {
  const promise = promiseOf(result);
  return promise !== null && metricOf(promise.metric).signal !== null;
}
