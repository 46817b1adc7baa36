/** What a plan would need so that a promise on a share can pass. A file of its own, so that `validate` loads little. */

import { leastErrorFreeRequests } from "../statistics/intervals.js";
import type { LoadRemedy } from "../wording/load-remedy.js";
import { LEAST_SECONDS_TO_PASS } from "./share-verdict.js";

/**
 * What would make a pass possible.
 * @param ratePerS rate of the requests that the SLO counts.
 * @param share how many of those come of each arrival of the load's rate.
 */
export function remedyFor(budget: number, ratePerS: number, seconds: number, share = 1): LoadRemedy {
  const length = Math.max(LEAST_SECONDS_TO_PASS, Math.floor(seconds));
  const least = leastErrorFreeRequests(budget, length);
  const enough = leastSeconds(budget, ratePerS);
  const byTime = enough === null ? null : { seconds: enough, ratePerS: ratePerS / share };
  // A longer phase alone can do it. Then a higher rate is no better.
  if (ratePerS * length >= least && byTime !== null) return { byRate: null, byTime };
  const needed = roundUpRate(least / length / share);
  return { byRate: { ratePerS: needed, forS: length > seconds ? length : null }, byTime };
}

/** The shortest phase, rounded up to 5 s, that could pass at this rate. @returns null when it is longer than a day. */
function leastSeconds(budget: number, ratePerS: number): number | null {
  for (let seconds = LEAST_SECONDS_TO_PASS; seconds <= 120; seconds += 5) {
    if (ratePerS * seconds >= leastErrorFreeRequests(budget, seconds)) return seconds;
  }
  // From 120 s on the number no longer falls.
  const exact = leastErrorFreeRequests(budget, 120) / ratePerS;
  const rounded = Math.ceil(exact / 5) * 5;
  return rounded <= 86_400 ? rounded : null;
}

/** Rounds up to two significant digits. */
export function roundUpRate(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / step - 1e-9) * step;
}
