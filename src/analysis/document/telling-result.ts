/** Picks the result that tells most among several: the most broken SLO, or the held SLO nearest to its limit. */

import type { SloResult } from "./report.js";

/**
 * The result that stands for all results with this verdict. The first one when several are equal.
 * @returns undefined when no result has this verdict.
 */
export function tellingResult(
  slos: readonly SloResult[],
  verdict: SloResult["verdict"],
): SloResult | undefined {
  const order = verdict === "pass" ? useOfLimit : verdict === "fail" ? excess : () => 0;
  return slos
    .filter((slo) => slo.verdict === verdict)
    .reduce<SloResult | undefined>(
      (most, slo) => (most && order(most) >= order(slo) ? most : slo),
      undefined,
    );
}

/**
 * How much the bad part of a result counts.
 * - A late answer counts half as much as a missing one.
 * - Where failures push a quantile beyond the timeout, the SLO on answers tells it better.
 * - Times count only when nothing else tells anything.
 */
function weightOf({ unit, observed }: SloResult): number {
  if (unit === "ms") return observed === "inf" ? 0.9 : 0.5;
  return unit === "s" ? 0.01 : 1;
}

/**
 * How far a broken SLO is beyond its limit, 0..1, weighted by what it is about. For shares of requests: the bad share
 * above the budget. For rates and times: the difference as a part of the greater value. 0 for a recovery without a
 * target.
 */
export function excess(slo: SloResult): number {
  const { counts, observed, target } = slo;
  if (counts !== null && counts.total > 0) {
    return (counts.bad / counts.total - counts.budget) * weightOf(slo);
  }
  if (typeof observed !== "number" || typeof target !== "number") return 0;
  const [lesser, greater] = [Math.min(observed, target), Math.max(observed, target)];
  return greater > 0 ? ((greater - lesser) / greater) * weightOf(slo) : 0;
}

/** How much of its allowance a held SLO has used: 0 nothing, 1 all of it. */
export function useOfLimit({ counts, unit, observed, target }: SloResult): number {
  if (unit === "ratio" && counts !== null) {
    if (counts.total === 0 || counts.bad === 0) return 0;
    return counts.bad / counts.total / counts.budget;
  }
  if (typeof observed !== "number" || typeof target !== "number") return 0;
  // A rate, or a value of a signal, may be promised from below or from above. It holds, so the lesser one is what was used.
  const [used, of] =
    unit === "per_s" || unit === "number"
      ? [Math.min(target, observed), Math.max(target, observed)]
      : [observed, target];
  return of > 0 ? used / of : 0;
}
