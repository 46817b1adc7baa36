/**
 * Compares fault and baseline: is it worse, by how much, and what could have been seen at all. See docs/measurement.md.
 */

import {
  type BadSeries,
  type Confidence,
  criticalT,
  type HarWilson,
  harWilson,
  type Interval,
  wilson,
  Z_POWER_80,
} from "./intervals.js";

/** A value with its interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** MOVER: the interval of `fault − baseline` from the intervals of the two. */
export function moverDifference(baseline: Estimate, fault: Estimate): Estimate {
  const value = fault.value - baseline.value;
  return {
    value,
    lower: value - Math.hypot(fault.value - fault.lower, baseline.upper - baseline.value),
    upper: value + Math.hypot(fault.upper - fault.value, baseline.value - baseline.lower),
  };
}

/** MOVER on logarithms: the interval of `fault / baseline`. @returns null when one of them is not above 0. */
export function moverRatio(baseline: Estimate, fault: Estimate): Estimate | null {
  if (!(baseline.lower > 0) || !(fault.lower > 0)) return null;
  const log = ({ value, lower, upper }: Estimate): Estimate => ({
    value: Math.log(value),
    lower: Math.log(lower),
    upper: Math.log(upper),
  });
  const difference = moverDifference(log(baseline), log(fault));
  return {
    value: Math.exp(difference.value),
    lower: Math.exp(difference.lower),
    upper: Math.exp(difference.upper),
  };
}

/** Runs of bad seconds. A bad second more than 2 s after the one before it begins a new run. */
export function badEpisodes(bad: readonly number[]): number {
  let episodes = 0;
  let last = Number.NEGATIVE_INFINITY;
  bad.forEach((count, t) => {
    if (count <= 0) return;
    if (t - last > 2) episodes++;
    last = t;
  });
  return episodes;
}

/**
 * How likely the first bad second comes this early by chance: p = 1 − (T_b/(T_b+δ))^(m_b+1). δ is its position counted
 * from 1, m_b the number of the baseline's bad episodes. 1 when the baseline ended badly or the fault has no bad
 * second.
 */
export function onsetProbability(baselineBad: readonly number[], faultBad: readonly number[]): number {
  const seconds = baselineBad.length;
  const first = faultBad.findIndex((count) => count > 0);
  if (seconds === 0 || first < 0) return 1;
  if (baselineBad.slice(-2).some((count) => count > 0)) return 1;
  return 1 - (seconds / (seconds + first + 1)) ** (badEpisodes(baselineBad) + 1);
}

export interface Difference extends Estimate {
  readonly degraded: boolean;
  /** Bad seconds, episodes or onset point to a cause, whatever the interval says. */
  readonly supported: boolean;
  readonly shareOfBadSeconds: number;
  readonly episodes: number;
  readonly onsetP: number;
}

/** Whether bad seconds are many or come again and again. Chance brings them close together. */
export function areSpread(badSeconds: number, seconds: number, episodes: number): boolean {
  return badSeconds >= seconds / 3 || episodes >= 6;
}

/** Difference of the bad shares with its 95 % interval, and the rule for "degraded". Never says "improved". */
export function compareWithBaseline(baseline: BadSeries, fault: BadSeries): Difference {
  const difference = moverDifference(asEstimate(harWilson(baseline, 95)), asEstimate(harWilson(fault, 95)));
  const badSeconds = fault.bad.filter((count) => count > 0).length;
  const shareOfBadSeconds = fault.bad.length > 0 ? badSeconds / fault.bad.length : 0;
  const episodes = badEpisodes(fault.bad);
  const onsetP = onsetProbability(baseline.bad, fault.bad);
  const supported = areSpread(badSeconds, fault.bad.length, episodes) || onsetP <= 0.05;
  const degraded = difference.lower > 0 && supported;
  return { ...difference, degraded, supported, shareOfBadSeconds, episodes, onsetP };
}

export function asEstimate({ share, lower, upper }: HarWilson): Estimate {
  return { value: share, lower, upper };
}

/**
 * Smallest ratio of two quantiles that would have been seen with 80 % power: exp((t_ν + 0.84)·√(cv_b² + cv_f²)). cv_b
 * and cv_f are the relative standard errors.
 */
export function smallestVisibleRatio(cvBaseline: number, cvFault: number, t: number): number {
  return Math.exp((t + Z_POWER_80) * Math.hypot(cvBaseline, cvFault));
}

/**
 * Smallest difference of bad shares that would have been seen with 80 % power, if the fault's seconds vary as the
 * baseline's do. @returns null when no difference would have been seen.
 */
export function smallestVisibleDifference(baseline: BadSeries, fault: BadSeries): number | null {
  const confidence: Confidence = 95;
  const before = harWilson(baseline, confidence);
  const seconds = fault.due.length;
  const during = harWilson(fault, confidence);
  if (before.due === 0 || during.due === 0) return null;
  const effective = during.due / before.designEffect;
  const t = criticalT(seconds, confidence);
  const isVisible = (share: number): boolean => {
    const lower: Interval[0] = wilson(share, effective, t)[0];
    const { lower: gap } = moverDifference(asEstimate(before), { value: share, lower, upper: 1 });
    return gap - Z_POWER_80 * Math.sqrt((share * (1 - share)) / effective) > 0;
  };
  if (!isVisible(1)) return null;
  let [hidden, visible] = [before.share, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (hidden + visible) / 2;
    if (isVisible(middle)) visible = middle;
    else hidden = middle;
  }
  return visible - before.share;
}
