/** How long a fault took to show, how long the system took to come back, and the SLOs on both. */

import type { PhaseRecord } from "../../measure/record.js";
import { asWritten, type Slo } from "../../slo/slo.js";
import { formatSeconds } from "../../support/format.js";
import type { SloResult, Timing, Verdict } from "../document/report.js";
import type { Distrust } from "../measurement/validity.js";
import type { Reckoning } from "../slo/bad-requests.js";
import { type Disturbance, isNoExcuse, machineDecides } from "../slo/disturbance.js";
import { detectedAt, recoveredAt } from "./good-seconds.js";
import type { SloCriterion } from "./slo-criteria.js";

const NOT_APPLICABLE = { seconds: null, censored: false, holdS: 0 } as const;

export interface Recovery extends Timing {
  /** The first SLO that was still broken when the phase ended. null: none was. */
  readonly brokenAtEnd: Slo | null;
}

/** What a recovery is counted from. */
export interface RecoveryStart {
  /** The fault was removed, or the service that it had killed was started again. */
  readonly of: "removal" | "restart";
  /** Seconds since load began. */
  readonly atS: number;
  /** Requests between two phases are not judged: after so many seconds of the series, so long. null: there is no such time. */
  readonly gap: { readonly afterS: number; readonly lengthS: number } | null;
}

const START_IN_WORDS = {
  removal: "the fault was removed",
  restart: "the service was started again",
} as const satisfies Readonly<Record<RecoveryStart["of"], string>>;

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
    return { ...NOT_APPLICABLE, explanation: "There is no SLO to be back at.", brokenAtEnd: null };
  }
  const found = criteria.map((each) => ({ ...each, recovered: recoveredAt(each.criterion) }));
  const brokenAtEnd = found.find((each) => each.violatesAtEnd)?.slo ?? null;
  const holdS = Math.max(...found.map(({ recovered }) => recovered.holdS));
  const length = Math.max(...criteria.map(({ criterion }) => criterion.seconds));
  if (length === 0) {
    return { ...NOT_APPLICABLE, explanation: "The recovery was not observed.", brokenAtEnd: null };
  }
  const censored = found.filter(({ recovered }) => recovered.atS === null);
  if (censored.length === 0) {
    const last = found.reduce((a, b) => (b.recovered.atS! > a.recovered.atS! ? b : a));
    const seconds = atTime(last.recovered.atS!);
    const after = `after ${START_IN_WORDS[of]}`;
    const atOnce = of === "removal" ? "in the first second" : `in the first second ${after}`;
    const when = seconds === 0 ? atOnce : `${formatSeconds(seconds)} ${after}`;
    return {
      seconds,
      censored: false,
      holdS,
      explanation: `Back at every SLO ${when}, and stayed there for ${holdS} s.`,
      brokenAtEnd,
    };
  }
  const bound = Math.max(...found.map(({ recovered }) => recovered.atS ?? recovered.censoredAtS ?? 0));
  const seconds = atTime(bound);
  const slowest = censored.reduce((a, b) => (b.recovered.censoredAtS! > a.recovered.censoredAtS! ? b : a));
  const broken = slowest.violatesAtEnd
    ? `"${slowest.slo.text}" was still broken when the recovery ended after ${length} s.`
    : `It takes ${slowest.recovered.holdS} good seconds in a row to show that "${slowest.slo.text}" holds again; ` +
      `the recovery lasted ${length} s${emptyText(slowest)}.`;
  return { seconds, censored: true, holdS, explanation: broken, brokenAtEnd };
}

function emptyText({ criterion }: SloCriterion): string {
  let empty = 0;
  for (let s = 0; s < criterion.seconds; s++) if (criterion.isEmpty?.(s)) empty++;
  return empty === 0 ? "" : `, and in ${empty} s of it no request was due, which shows nothing`;
}

/** @param delayS seconds from the injection to the first second of the phase. */
export function detectionTiming(criteria: readonly SloCriterion[], delayS: number): Timing {
  const length = Math.max(0, ...criteria.map(({ criterion }) => criterion.seconds));
  if (length === 0) return { ...NOT_APPLICABLE, explanation: "The fault was not observed." };
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
      explanation: "No SLO was visibly broken while the fault was on.",
    };
  }
  return {
    seconds: first.at + wholeDelay(delayS),
    censored: false,
    holdS: 0,
    explanation: `"${first.slo.text}" was visibly broken within ${formatSeconds(first.at + wholeDelay(delayS))}.`,
  };
}

/** The same timing by each way of counting what was bad. */
export interface TimedThrice<T extends Timing> extends Readonly<Record<Reckoning, T>> {
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
  timings: TimedThrice<Timing>,
  invalid: Distrust | null,
): SloResult {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const timing = timings.judged;
  const { verdict, reason, ...lateness } = decideByAll(
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
    reason,
    counts: null,
    censored: timing.censored,
    ...lateness,
    share: null,
  };
}

interface Decision extends Pick<SloResult, "lateness"> {
  readonly verdict: Verdict;
  readonly reason: string;
}

/**
 * @param fewerIsBetter whether fewer bad requests can only make a better verdict. Then "judged" is enough to pass, and
 *   "certain" is enough to fail. Else all ways of counting must agree.
 */
function decideByAll(
  { due, judged, certain }: Readonly<Record<Reckoning, Decision>>,
  fewerIsBetter: boolean,
  { phase, disturbance }: Pick<TimedThrice<Timing>, "phase" | "disturbance">,
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
    return { verdict: "fail", reason: `${judged.reason} ${isNoExcuse(disturbance, null)}` };
  }
  if (invalid?.isInPart === true) {
    const isBroken = fewerIsBetter && judged.verdict === "fail" && certain.verdict === "fail";
    return isBroken
      ? { verdict: "fail", reason: `${judged.reason} ${invalid.reason}` }
      : { verdict: "inconclusive", reason: invalid.reason };
  }
  if (invalid !== null) {
    const lateness = invalid.lateness === null ? {} : LATENESS_DECIDES;
    const shared = phase === null ? {} : { shared: { id: "not_offered", of: phase.id, own: "" } as const };
    return { verdict: "invalid", reason: invalid.reason, ...lateness, ...shared };
  }
  const agree = certain.verdict === judged.verdict && (fewerIsBetter || due.verdict === judged.verdict);
  if (agree || (fewerIsBetter && judged.verdict === "pass")) return judged;
  const reason =
    phase === null ? judged.reason : machineDecides(judged.verdict, certain.verdict, phase, disturbance);
  return { verdict: "inconclusive", reason, ...LATENESS_DECIDES };
}

const LATENESS_DECIDES = { lateness: { decides: true, judgedFrom: "due" } } as const;

function decideTiming(slo: Slo, timing: Timing, target: number): Decision {
  const { seconds, censored, explanation } = timing;
  if (seconds === null) return { verdict: "inconclusive", reason: explanation };
  const wantsLess = slo.operator.startsWith("<");
  if (censored) {
    // Only a lower bound is known: it took longer than this.
    if (seconds < target) {
      const reason = `${explanation} All that is known is that it took more than ${formatSeconds(seconds)}.`;
      return { verdict: "inconclusive", reason };
    }
    return { verdict: wantsLess ? "fail" : "pass", reason: explanation };
  }
  // A measured time has no "exactly": "< 1s" asks the same as "<= 1s".
  const holds = wantsLess ? seconds <= target : seconds >= target;
  return { verdict: holds ? "pass" : "fail", reason: explanation };
}

/** Without a `recovery` SLO: a system that is still broken when its recovery ends must not pass. */
export function brokenAfterwards(timings: TimedThrice<Recovery>, invalid: Distrust | null): SloResult | null {
  const recovery = timings.judged;
  if (recovery.brokenAtEnd === null) return null;
  const reason = `"${recovery.brokenAtEnd.text}" was still broken in the last seconds of the recovery.`;
  const decision = ({ brokenAtEnd }: Recovery): Decision =>
    brokenAtEnd === null ? { verdict: "pass", reason: "" } : { verdict: "fail", reason };
  return {
    expect: "back at its SLOs by the end of the recovery",
    slo: null,
    phase: "recovery",
    ...decideByAll(
      { due: decision(timings.due), judged: decision(recovery), certain: decision(timings.certain) },
      true,
      timings,
      invalid,
    ),
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
