/** The SLOs of one fault, judged in each phase that they apply to. */

import type { AroundFault } from "../../measure/around-change.js";
import { metricOf } from "../../slo/metrics/index.js";
import { asWritten, type Slo } from "../../slo/slo.js";
import type { Reason, SloResult } from "../document/report.js";
import { failedAround } from "../findings/failure-findings.js";
import { joinedPhases } from "../measurement/joined-phases.js";
import { type PhaseObservations, PhaseView } from "../measurement/phase-view.js";
import { distrustOf } from "../measurement/validity.js";
import { because, explained, reason } from "../reasons/reasons.js";
import { criteriaOf } from "../recovery/slo-criteria.js";
import {
  brokenAfterwards,
  detectionTiming,
  judgeTiming,
  type Recovery,
  type RecoveryStart,
  recoveryTiming,
  type Timed,
  type TimedThrice,
} from "../recovery/timings.js";
import type { Reckoning } from "../slo/bad-requests.js";
import { type Disturbance, disturbanceOf } from "../slo/disturbance.js";
import { judgeSlo } from "../slo/judge.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { faultSlos, isTiming, recoverySlos } from "../slo/scope.js";
import { tightestLimitUs } from "../slo/slo-budget.js";
import { judgeAlert } from "./alert-slos.js";
import { withInjection } from "./broken-at-injection.js";
import { withThoseThatEndedLater } from "./ended-later.js";

export interface MeasuredFault {
  /** The fault's name in the scenario. */
  readonly fault: string;
  /** All SLOs of the run, with targets worked out against the baseline. */
  readonly slos: readonly Slo[];
  /** Seconds from the injection to the first second of the phase. */
  readonly injectionDelayS: number;
  /** Seconds since load began. null: not known. */
  readonly removedAtS: number | null;
  /** When it had ended by itself, before that; null: it had not. */
  readonly letBackAtS?: number | null;
  readonly baseline: PhaseObservations | null;
  readonly during: PhaseObservations;
  readonly recovery: PhaseObservations | null;
  /** Requests around its changes. Not there: nobody counted them apart. */
  readonly around?: AroundFault | undefined;
  readonly context: JudgingContext;
}

export interface JudgedFault {
  readonly rows: readonly SloResult[];
  readonly detection: Timed;
  readonly recovery: Recovery;
}

export function judgeFault(measured: MeasuredFault): JudgedFault {
  const { fault, during, recovery, baseline, injectionDelayS } = measured;
  const context = { ...measured.context, control: baseline };
  const slos = faultSlos(measured.slos, fault);
  const recoveryInvalid = recovery ? distrustOf(recovery, context) : null;
  const judgedSlos = slos.filter((slo) => !isTiming(slo));
  const tightestUs = tightestLimitUs(slos, context.timeoutMs);
  const duringInvalid = distrustOf(during, context);
  const duringDisturbed = disturbanceOf(during, tightestUs, duringInvalid);
  const detections = thrice(during, duringDisturbed, (reckoning) =>
    detectionTiming(criteriaOf(judgedSlos, during, { baseline, context, reckoning }), injectionDelayS),
  );
  const back = sinceLetBack(measured);
  const recoveryDisturbed = back.view && disturbanceOf(back.view, tightestUs, recoveryInvalid);
  const recoveries = thrice(back.view, recoveryDisturbed, (reckoning) =>
    recoveryBy(reckoning, { ...measured, context }, back),
  );
  const others = slos.flatMap((slo): SloResult[] => {
    const { timing, alert } = metricOf(slo.metric);
    if (alert !== null) return [];
    if (timing === "recovery") return [judgeTiming(slo, timing, recoveries, recoveryInvalid)];
    if (timing === "fault") return [judgeTiming(slo, timing, detections, duringInvalid)];
    return [
      ...(slo.phases.includes("fault") ? [duringFault({ ...measured, context }, slo)] : []),
      ...(slo.phases.includes("recovery")
        ? [judgeIn({ ...measured, context }, slo, "recovery", recovery)]
        : []),
    ];
  });
  const rows = withAlerts(slos, others, measured);
  // One line says it: either the promise on recovery, or that there is none and the system is not back.
  const told = others.some(
    ({ phase, unit, verdict }) => phase === "recovery" && unit === "s" && verdict !== "pass",
  );
  const implicit = told ? null : brokenAfterwards(recoveries, recoveryInvalid);
  return {
    rows: implicit === null ? rows : [...rows, implicit],
    detection: detections.judged,
    recovery: recoveries.judged,
  };
}

function duringFault(measured: MeasuredFault, slo: Slo): SloResult {
  const { during, around, baseline, context } = measured;
  const row = judgeIn(measured, slo, "fault", during);
  const { injection } = failedAround({ around, baseline: baseline?.ownLoad ?? null });
  const atInjection =
    injection === 0 ? row : withInjection(row, slo, during, around?.injection ?? [], context);
  return withThoseThatEndedLater(atInjection, slo, measured, context);
}

/** Alerts are judged by what became of all others. They stand behind these. */
function withAlerts(
  slos: readonly Slo[],
  others: readonly SloResult[],
  { during, recovery, injectionDelayS, removedAtS }: MeasuredFault,
): readonly SloResult[] {
  const watched = { during, recovery, injectionDelayS, removedAtS, others };
  const rows = slos.flatMap((slo) => {
    const { alert } = metricOf(slo.metric);
    return alert === null ? [] : [judgeAlert(slo, alert, watched)];
  });
  return [...others, ...rows];
}

function thrice<T extends Timed>(
  view: PhaseObservations | null,
  disturbance: Disturbance | null,
  timing: (reckoning: Reckoning) => T,
): TimedThrice<T> {
  return {
    phase: view?.ownLoad?.record ?? null,
    disturbance,
    due: timing("due"),
    judged: timing("judged"),
    certain: timing("certain"),
  };
}

/** What recovery is counted in: from when the fault was removed, or had ended by itself. */
interface WayBack {
  readonly view: PhaseObservations | null;
  readonly since: RecoveryStart;
}

function sinceLetBack({ during, recovery, removedAtS, letBackAtS = null }: MeasuredFault): WayBack {
  const removed = { of: "removal", atS: removedAtS ?? recovery?.startS ?? 0, gap: null } as const;
  const [first, second] = [during.ownLoad?.record, recovery?.ownLoad?.record];
  // Counts of others cannot be joined: there the fault's removal counts.
  if (letBackAtS === null || !first || !second) return { view: recovery, since: removed };
  // A second in which it was still dead for a part says nothing of the way back.
  const from = Math.max(0, Math.ceil(letBackAtS - first.startS));
  const tailS = Math.max(0, first.all.scheduled.length - from);
  const endS = first.startS + Math.max(from, first.all.scheduled.length);
  return {
    view: tailS === 0 ? recovery : new PhaseView(joinedPhases(first, from, second)),
    since: {
      of: "restart",
      atS: letBackAtS,
      gap: tailS === 0 ? null : { afterS: tailS, lengthS: Math.max(0, second.startS - endS) },
    },
  };
}

function recoveryBy(
  reckoning: Reckoning,
  { slos, fault, baseline, context }: MeasuredFault,
  { view, since }: WayBack,
): Recovery {
  const absent = { seconds: null, censored: false, holdS: 0, brokenAtEnd: null };
  if (view === null) return { ...absent, ...explained(reason("recovery_not_observed", {})) };
  const criteria = criteriaOf(recoverySlos(slos, fault), view, { baseline, context, reckoning });
  return recoveryTiming(criteria, Math.max(0, view.startS - since.atS), since);
}

function judgeIn(
  { baseline, recovery, context }: MeasuredFault,
  slo: Slo,
  phase: "fault" | "recovery",
  view: PhaseObservations | null,
): SloResult {
  if (view === null) return notRunSlo(slo, phase, reason("recovery_not_run", {}));
  const invalid = distrustOf(view, context);
  return judgeSlo({ slo, phase, view, baseline, after: recovery, invalid }, context);
}

export function notRunSlo(slo: Slo, phase: SloResult["phase"], why: Reason): SloResult {
  return {
    expect: slo.text,
    slo: asWritten(slo),
    phase,
    verdict: "not_run",
    unit: metricOf(slo.metric).unit,
    baseline: null,
    observed: null,
    after: null,
    interval: null,
    target: slo.target.kind === "absolute" ? slo.target.value : null,
    ...because(why),
    counts: null,
    censored: false,
    share: null,
  };
}
