/** Which seconds break a budget: recovery and detection. The method is in docs/measurement.md. */

import { type BadSeries, binomialQuantile, sum, wilson, Z_98 } from "../statistics/intervals.js";

/** A test for one budget: does a second with `due` requests, `bad` of them bad, break it beyond chance (1 in 1,000)? */
export function violationTest(budget: number): (due: number, bad: number) => boolean {
  // Seconds of one load have nearly the same number of requests. Each number is worked out once.
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
 * H = max(10, ⌈20/(b·rate)⌉): the seconds that must stay good before a system counts as recovered. They are long enough
 * for twenty bad requests at the budget. A budget of 0 allows none and holds for 10 s.
 */
export function holdSeconds(budget: number, ratePerS: number): number {
  if (budget <= 0 || ratePerS <= 0) return 10;
  // 20 / (0.01 · 200) must not round up to 11.
  return Math.max(10, Math.ceil(20 / (budget * ratePerS) - 1e-9));
}

/** A recovery that takes its time is waited for until so many seconds in a row were good. */
export const WAITED_HOLD_S = 10;

/** In a quick look the hold shrinks to what the phase has room for, and to what the run has waited for. */
export function observedHoldSeconds(hold: number, seconds: number): number {
  return Math.min(hold, WAITED_HOLD_S, Math.max(3, Math.floor(seconds / 2)));
}

export interface Recovered {
  /** First second after removal from which on the budget was held. null: never seen. */
  readonly atS: number | null;
  /** Lower bound of the time, when it was never seen. */
  readonly censoredAtS: number | null;
  readonly holdS: number;
}

/** Tells a good second from a bad one. One for each promise that the system must be back at. */
export interface RecoveryCriterion {
  readonly seconds: number;
  readonly holdS: number;
  violates(second: number): boolean;
  /** Nothing was due in the second, so it is neither good nor bad. */
  isEmpty?(second: number): boolean;
  /** Share of the seconds that have a request as long as nothing is wrong. 1 by default. */
  readonly filled?: number;
  /** Seconds from..to (exclusive) keep the promise when taken together. */
  keeps(from: number, to: number): boolean;
  /** Whether a hold may begin with this second. */
  mayBegin(second: number): boolean;
}

/**
 * @param filled share of the seconds in which a request is due as long as nothing is wrong.
 * @param isStall whether a second in which nothing was due is one of a stalled system, and so not good.
 */
export function budgetCriterion(
  series: BadSeries,
  budget: number,
  holdS: number,
  filled = 1,
  isStall: (second: number) => boolean = () => false,
): RecoveryCriterion {
  const test = violationTest(budget);
  return {
    seconds: series.due.length,
    holdS,
    filled,
    isEmpty: (t) => series.due[t] === 0,
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
 * Recovered at the first second whose next H seconds hold no violating second, keep the budget together and begin well.
 * Else censored at max(T−H+1, last violating second + 1). Seconds in which nothing was due show nothing: of the H
 * seconds, as many must have had a request as without a fault.
 */
export function recoveredAt(criterion: RecoveryCriterion): Recovered {
  const { seconds, holdS, filled = 1 } = criterion;
  if (seconds === 0) return { atS: null, censoredAtS: 0, holdS: 0 };
  const isFilled = (s: number) => (criterion.isEmpty?.(s) ? 0 : 1);
  const needed = Math.max(1, Math.round(holdS * filled));
  // The hold that ends with second s begins at `from`, as late as it may. Before second s, no hold was complete.
  let [from, inHold, lastViolation] = [0, 0, -1];
  for (let s = 0; s < seconds; s++) {
    inHold += isFilled(s);
    if (criterion.violates(s)) lastViolation = s;
    while (s - from >= holdS && inHold - isFilled(from) >= needed) inHold -= isFilled(from++);
    const isWhole = s - from + 1 >= holdS && inHold >= needed;
    if (isWhole && from > lastViolation && criterion.mayBegin(from) && criterion.keeps(from, s + 1)) {
      return { atS: from, censoredAtS: null, holdS };
    }
  }
  const isWhole = seconds - from >= holdS && inHold >= needed;
  return { atS: null, censoredAtS: Math.max(isWhole ? from + 1 : 0, lastViolation + 1), holdS };
}

/**
 * First violating second (counted from 1) with one more in the two after it. Both must be in the phase: what begins in
 * its last two seconds counts as not seen, and the reference vectors hold to that.
 * @returns null when the phase has none.
 */
export function detectedAt(criterion: Pick<RecoveryCriterion, "seconds" | "violates">): number | null {
  for (let t = 0; t + 2 < criterion.seconds; t++) {
    if (criterion.violates(t) && (criterion.violates(t + 1) || criterion.violates(t + 2))) return t + 1;
  }
  return null;
}

/**
 * Whether the budget was still broken when the phase ended. Either one of the last three seconds in which something was
 * due violates it, or the seconds since the last violating one (at most ten) are above the budget beyond chance.
 */
export function violatesAtEnd(criterion: RecoveryCriterion, series: BadSeries, budget: number): boolean {
  const told = Array.from({ length: criterion.seconds }, (_, second) => second).filter(
    // An empty second that violates belongs to a stalled system that was asked nothing.
    (second) => !criterion.isEmpty?.(second) || criterion.violates(second),
  );
  let good = 0;
  while (good < Math.min(10, told.length) && !criterion.violates(told.at(-1 - good)!)) good++;
  if (told.length > 0 && good < Math.min(3, told.length)) return true;
  const last = told.slice(told.length - good);
  const due = sum(last.map((second) => series.due[second]!));
  const bad = sum(last.map((second) => series.bad[second]!));
  return due > 0 && wilson(bad / due, due, Z_98)[0] > budget;
}
