/** Which of several SLO results tells most: the most broken one, or of those that held the nearest to its limit. */

import type { SloResult } from "./report.js";

/** The result that stands for them all, of those with this verdict; the first of equals. undefined: there is none. */
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
 * How much a bad request (or a part of a rate or a time) counts: a late answer is half as bad as none; where failures
 * themselves push a quantile beyond the timeout the SLO on answers tells it better; seconds only tell when nothing else does.
 */
function weightOf({ unit, observed }: SloResult): number {
  if (unit === "ms") return observed === "inf" ? 0.9 : 0.5;
  return unit === "s" ? 0.01 : 1;
}

/**
 * How far a broken SLO is beyond its limit, 0..1: for shares of requests the bad share above the budget, for rates and
 * times the part of the greater value that is beyond the lesser one; weighted by what it is about. 0 where a recovery
 * has no target.
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

/** How much of what was allowed a held SLO has used: 0 nothing, 1 all of it. */
export function useOfLimit({ counts, unit, observed, target }: SloResult): number {
  if (unit === "ratio" && counts !== null) {
    if (counts.total === 0 || counts.bad === 0) return 0;
    return counts.bad / counts.total / counts.budget;
  }
  if (typeof observed !== "number" || typeof target !== "number") return 0;
  const [used, of] = unit === "per_s" ? [target, observed] : [observed, target];
  return of > 0 ? used / of : 0;
}
