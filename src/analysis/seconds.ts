/** Which seconds break a budget: recovery and detection. The method is in docs/measurement.md. */

import { type BadSeries, binomialQuantile, sum, wilson, Z_98 } from "./intervals.js";

/** For one budget: does a second with `due` requests, `bad` of them bad, break it beyond chance (1 in 1,000)? */
export function violationTest(budget: number): (due: number, bad: number) => boolean {
  // Seconds of one load have nearly the same number of requests: each number is worked out once.
  const limits = new Map<number, number>();
  return (due, bad) => {
    if (bad === 0) return false;
    let limit = limits.get(due);
    if (limit === undefined) {
      limit = binomialQuantile(0.999, due, budget);
      limits.set(due, limit);
    }
    return bad > limit;
  };
}

/**
 * H = max(10, ⌈20/(b·rate)⌉): the seconds that must stay good before a system counts as recovered, long enough for
 * twenty bad requests at the budget. A budget of 0 allows none and holds for 10 s.
 */
export function holdSeconds(budget: number, ratePerS: number): number {
  if (budget <= 0 || ratePerS <= 0) return 10;
  // 20 / (0.01 · 200) must not round up to 11.
  return Math.max(10, Math.ceil(20 / (budget * ratePerS) - 1e-9));
}

/** In a quick look the hold shrinks to what the phase has room for. */
export function observedHoldSeconds(hold: number, seconds: number): number {
  return Math.min(hold, Math.max(3, Math.floor(seconds / 2)));
}

export interface Recovered {
  /** First second after removal from which on the budget was held; null: never seen. */
  readonly atS: number | null;
  /** Lower bound of the time when never seen. */
  readonly censoredAtS: number | null;
  readonly holdS: number;
}

/** What tells a good second from a bad one; one for each promise that the system must be back at. */
export interface RecoveryCriterion {
  readonly seconds: number;
  readonly holdS: number;
  violates(second: number): boolean;
  /** Seconds from..to (exclusive), taken together, keep the promise. */
  keeps(from: number, to: number): boolean;
  /** A hold may begin with this second. */
  mayBegin(second: number): boolean;
}

/**
 * @param isStall whether a second in which nothing was due tells of a stalled system, and is no good one.
 */
export function budgetCriterion(
  series: BadSeries,
  budget: number,
  holdS: number,
  isStall: (second: number) => boolean = () => false,
): RecoveryCriterion {
  const test = violationTest(budget);
  return {
    seconds: series.due.length,
    holdS,
    violates: (t) => (series.due[t] === 0 ? isStall(t) : test(series.due[t]!, series.bad[t]!)),
    keeps(from, to) {
      const due = sum(series.due.slice(from, to));
      const bad = sum(series.bad.slice(from, to));
      return due > 0 && bad <= budget * due * (1 + 1e-12);
    },
    mayBegin: (t) => series.bad[t]! <= Math.max(1, budget * series.due[t]!),
  };
}

/**
 * Recovered at the first second whose next H seconds hold no violating second, keep the budget together and begin
 * well; else censored at max(T−H+1, last violating second + 1).
 */
export function recoveredAt(criterion: RecoveryCriterion): Recovered {
  const { seconds, holdS } = criterion;
  if (seconds === 0) return { atS: null, censoredAtS: 0, holdS: 0 };
  let lastViolation = -1;
  for (let s = 0; s < seconds; s++) if (criterion.violates(s)) lastViolation = s;
  let sinceViolation = 0;
  for (let s = 0; s < seconds; s++) {
    sinceViolation = criterion.violates(s) ? 0 : sinceViolation + 1;
    const from = s - holdS + 1;
    if (sinceViolation >= holdS && criterion.mayBegin(from) && criterion.keeps(from, s + 1)) {
      return { atS: from, censoredAtS: null, holdS };
    }
  }
  return { atS: null, censoredAtS: Math.max(0, seconds - holdS + 1, lastViolation + 1), holdS };
}

/**
 * First violating second (counted from 1) with one more in the two after it; null: none in the phase. Both must be in
 * it: what begins in its last two seconds counts as not seen, and the reference vectors hold to that.
 */
export function detectedAt(criterion: Pick<RecoveryCriterion, "seconds" | "violates">): number | null {
  for (let t = 0; t + 2 < criterion.seconds; t++) {
    if (criterion.violates(t) && (criterion.violates(t + 1) || criterion.violates(t + 2))) return t + 1;
  }
  return null;
}

/**
 * Still breaking its budget when the phase ended: a violating second among the last three, or the seconds since the
 * last violating one (at most ten) above the budget beyond chance.
 */
export function violatesAtEnd(criterion: RecoveryCriterion, series: BadSeries, budget: number): boolean {
  const { seconds } = criterion;
  let from = seconds;
  while (from > 0 && seconds - from < 10 && !criterion.violates(from - 1)) from--;
  if (seconds > 0 && seconds - from < Math.min(3, seconds)) return true;
  const due = sum(series.due.slice(from));
  const bad = sum(series.bad.slice(from));
  return due > 0 && wilson(bad / due, due, Z_98)[0] > budget;
}
