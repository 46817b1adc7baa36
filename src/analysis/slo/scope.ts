/** Which SLOs apply to which phase. */

import { scenarioName } from "../../plan/fault-round.js";
import type { PlannedPhase } from "../../plan/timeline.js";
import { isSameKind, metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";

export function isTiming(slo: Slo): boolean {
  return metricOf(slo.metric).timing !== null;
}

function isRelative(slo: Slo): boolean {
  return slo.target.kind !== "absolute";
}

/** The SLOs checked before anything is injected: those that need neither a fault nor a baseline to compare with. */
export function baselineSlos(slos: readonly Slo[]): Slo[] {
  const seen = new Set<string>();
  return slos.filter((slo) => {
    if (isTiming(slo) || isRelative(slo) || seen.has(slo.text)) return false;
    seen.add(slo.text);
    return true;
  });
}

function appliesTo(slo: Slo, fault: string): boolean {
  return slo.fault === null ? !slo.exceptFaults.includes(fault) : slo.fault === fault;
}

/** The SLOs of this fault, by its name in the scenario. Those on recovery and detection time are included. */
export function faultSlos(slos: readonly Slo[], fault: string): Slo[] {
  return slos.filter((slo) => appliesTo(slo, fault));
}

/**
 * What the system must be back at after a fault. A fault's own allowance ends with the fault. So the scenario's own
 * SLOs count, and the fault's only where the scenario promises nothing for that metric and request. How long failures
 * take says nothing of a system that is back.
 */
export function recoverySlos(slos: readonly Slo[], fault: string): Slo[] {
  const lasting = slos.filter(
    ({ fault, metric, phases }) =>
      fault === null && metricOf(metric).among === "due" && phases.some((phase) => phase !== "baseline"),
  );
  // One that a fault's own takes the place of in some phases only stands here twice.
  const promised = lasting.filter(
    (slo, at) => !isTiming(slo) && lasting.findIndex(({ text }) => text === slo.text) === at,
  );
  const own = slos.filter(
    (slo) =>
      slo.fault !== null &&
      !isTiming(slo) &&
      appliesTo(slo, fault) &&
      !promised.some((other) => isSameKind(other.metric, slo.metric) && other.request === slo.request),
  );
  return [...promised, ...own].filter(
    ({ metric, phases }) => metricOf(metric).among === "due" && phases.some((phase) => phase !== "baseline"),
  );
}

/**
 * m: the number of verdicts on shares that this plan leads to. More verdicts make the window of each phase stricter.
 */
export function plannedVerdicts(slos: readonly Slo[], phases: readonly PlannedPhase[]): number {
  let verdicts = baselineSlos(slos).length;
  for (const phase of phases) {
    if (phase.kind !== "fault" || phase.fault === null) continue;
    for (const slo of faultSlos(slos, scenarioName(phase.fault, phase.round))) {
      if (!isTiming(slo)) verdicts += slo.phases.filter((judged) => judged !== "baseline").length;
    }
  }
  return Math.max(1, verdicts);
}
