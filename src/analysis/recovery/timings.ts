/** How long a fault took to show, how long the system took to come back, and the SLOs on both. */

import type { PhaseRecord } from "../../measure/record.js";
import { asWritten, type Slo } from "../../slo/slo.js";
import type { Reason, SloResult, Timing, Verdict } from "../document/report.js";
import type { Distrust } from "../measurement/validity.js";
import { because, type Explained, explained, reason } from "../reasons/reasons.js";
import type { Reckoning } from "../slo/bad-requests.js";
import { type Disturbance, isNoExcuse, machineDecides } from "../slo/disturbance.js";
import { detectedAt, recoveredAt } from "./good-seconds.js";
import type { SloCriterion } from "./slo-criteria.js";

const NOT_APPLICABLE = { seconds: null, censored: false, holdS: 0 } as const;

export interface Recovery extends Timed {
  /** The first SLO that was still broken when the phase ended. null: none was. */
  readonly brokenAtEnd: Slo | null;
}

/** A timing that was made here: it has its reasons. */
export type Timed = Timing & Explained;

/** What a recovery is counted from. */
export interface RecoveryStart {
  /** The fault was removed, or the service that it had killed was started again. */
  readonly of: "removal" | "restart";
  /** Seconds since load began. */
  readonly atS: number;
  /** Requests between two phases are not judged: after so many seconds of the series, so long. null: there is no such time. */
  readonly gap: { readonly afterS: number; readonly lengthS: number } | null;
}

/**
 * When the system was back at all of its SLOs at once. The last SLO to come back counts. An SLO that was never seen to
 * come back makes the time a lower bound.
 * @param delayS seconds from what it is counted from to the first second of the series.
 */
export function recoveryTiming(
  criteria: readonly SloCriterion[],
  delayS: number,
  { of, gap }: Pick<RecoveryStart, "of" | "gap"> = { of: "removal", gap: null },
): Recovery {
  const atTime = (second: number) =>
    second + wholeDelay(delayS + (gap && second >= gap.afterS ? gap.lengthS : 0));
  if (criteria.length === 0) {
    const why = reason("nothing_to_be_back_at", {});
    return { ...NOT_APPLICABLE, ...explained(why), brokenAtEnd: null };
  }
  const found = criteria.map((each) => ({ ...each, recovered: recoveredAt(each.criterion) }));
  const brokenAtEnd = found.find((each) => each.violatesAtEnd)?.slo ?? null;
  const holdS = Math.max(...found.map(({ recovered }) => recovered.holdS));
  const length = Math.max(...criteria.map(({ criterion }) => criterion.seconds));
  if (length === 0) {
    return { ...NOT_APPLICABLE, ...explained(reason("recovery_not_observed", {})), brokenAtEnd: null };
  }
  const censored = found.filter(({ recovered }) => recovered.atS === null);
  if (censored.length === 0) {
    const last = found.reduce((a, b) => (b.recovered.atS! > a.recovered.atS! ? b : a));
    const seconds = atTime(last.recovered.atS!);
    const why = reason("back", { seconds, since: of, holdS });
    return { seconds, censored: false, holdS, ...explained(why), brokenAtEnd };
  }
  const bound = Math.max(...found.map(({ recovered }) => recovered.atS ?? recovered.censoredAtS ?? 0));
  const seconds = atTime(bound);
  const slowest = censored.reduce((a, b) => (b.recovered.censoredAtS! > a.recovered.censoredAtS! ? b : a));
  const facts = { slo: slowest.slo.text, recoveryS: length };
  const why = slowest.violatesAtEnd
    ? reason("broken_at_end", facts)
    : reason("held_too_briefly", {
        ...facts,
        holdS: slowest.recovered.holdS,
        emptyS: emptySeconds(slowest),
      });
  return { seconds, censored: true, holdS, ...explained(why), brokenAtEnd };
}

/** Seconds in which no request was due. */
function emptySeconds({ criterion }: SloCriterion): number {
  let empty = 0;
  for (let s = 0; s < criterion.seconds; s++) if (criterion.isEmpty?.(s)) empty++;
  return empty;
}

/** @param delayS seconds from the injection to the first second of the phase. */
export function detectionTiming(criteria: readonly SloCriterion[], delayS: number): Timed {
  const length = Math.max(0, ...criteria.map(({ criterion }) => criterion.seconds));
  if (length === 0) return { ...NOT_APPLICABLE, ...explained(reason("fault_not_observed", {})) };
  let first: { at: number; slo: Slo } | null = null;
  for (const { slo, criterion } of criteria) {
    const at = detectedAt(criterion);
    if (at !== null && (first === null || at < first.at)) first = { at, slo };
  }
  if (first === null) {
    return {
      seconds: length + wholeDelay(delayS),
      censored: true,
      holdS: 0,
      ...explained(reason("nothing_visibly_broken", {})),
    };
  }
  const seconds = first.at + wholeDelay(delayS);
  const why = reason("visibly_broken", { slo: first.slo.text, withinS: seconds });
  return { seconds, censored: false, holdS: 0, ...explained(why) };
}

/** The same timing by each way of counting what was bad. */
export interface TimedThrice<T extends Timed> extends Readonly<Record<Reckoning, T>> {
  /** The phase of our own load. null: it was not run, or somebody else counted. */
  readonly phase: PhaseRecord | null;
  /** null: the load generator kept time, and the system had its CPUs. */
  readonly disturbance: Disturbance | null;
}

/**
 * Judges a promise on a time.
 * @param phase the time counts from its begin.
 */
export function judgeTiming(
  slo: Slo,
  phase: "recovery" | "fault",
  timings: TimedThrice<Timed>,
  invalid: Distrust | null,
): SloResult {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const timing = timings.judged;
  const {
    verdict,
    because: why,
    ...lateness
  } = decideByAll(
    {
      due: decideTiming(slo, timings.due, target),
      judged: decideTiming(slo, timing, target),
      certain: decideTiming(slo, timings.certain, target),
    },
    // Fewer bad requests never make a recovery longer. With detection, and with "longer than", it is the other way
    // round.
    phase === "recovery" && slo.operator.startsWith("<"),
    timings,
    invalid,
  );
  return {
    expect: slo.text,
    slo: asWritten(slo),
    phase,
    verdict,
    unit: "s",
    baseline: null,
    observed: timing.seconds,
    after: null,
    interval: null,
    target,
    ...because(...why),
    counts: null,
    censored: timing.censored,
    ...lateness,
    share: null,
  };
}

interface Decision extends Pick<SloResult, "lateness" | "shared"> {
  readonly verdict: Verdict;
  readonly because: readonly Reason[];
}

/**
 * @param fewerIsBetter whether fewer bad requests can only make a better verdict. Then "judged" is enough to pass, and
 *   "certain" is enough to fail. Else all ways of counting must agree.
 */
function decideByAll(
  { due, judged, certain }: Readonly<Record<Reckoning, Decision>>,
  fewerIsBetter: boolean,
  { phase, disturbance }: Pick<TimedThrice<Timed>, "phase" | "disturbance">,
  invalid: Distrust | null,
): Decision {
  const isOfferedOrLate = invalid === null || invalid.lateness !== null;
  if (
    fewerIsBetter &&
    isOfferedOrLate &&
    disturbance !== null &&
    judged.verdict === "fail" &&
    certain.verdict === "fail"
  ) {
    return { verdict: "fail", because: [...judged.because, isNoExcuse(disturbance, null)] };
  }
  if (invalid?.isInPart === true) {
    const isBroken = fewerIsBetter && judged.verdict === "fail" && certain.verdict === "fail";
    return isBroken
      ? { verdict: "fail", because: [...judged.because, ...invalid.because] }
      : { verdict: "inconclusive", because: invalid.because };
  }
  if (invalid !== null) {
    const lateness = invalid.lateness === null ? {} : LATENESS_DECIDES;
    const shared = phase === null ? {} : { shared: { id: "not_offered", of: phase.id, own: "" } as const };
    return { verdict: "invalid", because: invalid.because, ...lateness, ...shared };
  }
  const agree = certain.verdict === judged.verdict && (fewerIsBetter || due.verdict === judged.verdict);
  if (agree || (fewerIsBetter && judged.verdict === "pass")) return judged;
  const why =
    phase === null ? judged.because : [machineDecides(judged.verdict, certain.verdict, phase, disturbance)];
  return { verdict: "inconclusive", because: why, ...LATENESS_DECIDES };
}

const LATENESS_DECIDES = { lateness: { decides: true, judgedFrom: "due" } } as const;

function decideTiming(slo: Slo, timing: Timed, target: number): Decision {
  const { seconds, censored, because: why } = timing;
  if (seconds === null) return { verdict: "inconclusive", because: why };
  const wantsLess = slo.operator.startsWith("<");
  if (censored) {
    // Only a lower bound is known: it took longer than this.
    if (seconds < target) {
      return { verdict: "inconclusive", because: [...why, reason("takes_more_than", { seconds })] };
    }
    return { verdict: wantsLess ? "fail" : "pass", because: why };
  }
  // A measured time has no "exactly": "< 1s" asks the same as "<= 1s".
  const holds = wantsLess ? seconds <= target : seconds >= target;
  return { verdict: holds ? "pass" : "fail", because: why };
}

/** Without a `recovery` SLO: a system that is still broken when its recovery ends must not pass. */
export function brokenAfterwards(timings: TimedThrice<Recovery>, invalid: Distrust | null): SloResult | null {
  const recovery = timings.judged;
  if (recovery.brokenAtEnd === null) return null;
  const broken = reason("broken_in_last_seconds", { slo: recovery.brokenAtEnd.text });
  const decision = ({ brokenAtEnd }: Recovery): Decision =>
    brokenAtEnd === null ? { verdict: "pass", because: [] } : { verdict: "fail", because: [broken] };
  const { because: why, ...decided } = decideByAll(
    { due: decision(timings.due), judged: decision(recovery), certain: decision(timings.certain) },
    true,
    timings,
    invalid,
  );
  return {
    expect: "back at its SLOs by the end of the recovery",
    slo: null,
    phase: "recovery",
    ...decided,
    ...because(...why),
    unit: "s",
    baseline: null,
    observed: recovery.seconds,
    after: null,
    interval: null,
    target: null,
    counts: null,
    censored: true,
    share: null,
  };
}

/**
 * Faultline takes a moment between a fault's change and the first second that is judged. A delay below one second is
 * below the resolution. It must not turn 0.1 s into 1 s, or 1 s into 1.1 s.
 */
function wholeDelay(delayS: number): number {
  return Math.floor(delayS);
}
