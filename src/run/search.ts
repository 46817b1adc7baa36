import type { Verdict } from "../analysis/model.js";
import type { FaultSearch } from "../measure/record.js";
import type { FaultSearchPlan } from "../plan/run-plan.js";

/** What one value of the fault did to the system. */
export interface Trial {
  readonly phase: string;
  readonly verdict: Verdict;
}

/**
 * Bisection for the largest fault that the SLO still holds under.
 *
 * The severe end goes first (nothing breaks → one trial), then the mild end (already broken → nothing to find), then
 * the middle of [largest value that passed, smallest that did not] until that bracket is narrow or the trials are
 * used up. An undecided trial moves the search to milder values, so `holdsUpTo` is only ever a value that passed and
 * `breaksAt` only one that failed.
 *
 * `from` may be the greater number (bandwidth): "mild" and "severe" are meant, not small and large.
 */
export async function findBreakingPoint(
  plan: FaultSearchPlan,
  trial: (value: number) => Promise<Trial>,
): Promise<FaultSearch> {
  const trials: { value: number; phase: string; verdict: Verdict }[] = [];
  const attempt = async (value: number): Promise<Verdict> => {
    const { phase, verdict } = await trial(value);
    trials.push({ value, phase, verdict });
    return verdict;
  };

  const severeEnd = await attempt(plan.to);
  if (severeEnd !== "pass" && trials.length < plan.maxTrials) {
    const mildEnd = await attempt(plan.from);
    if (mildEnd === "pass") {
      let holds = plan.from;
      let broken = plan.to;
      while (Math.abs(broken - holds) > plan.precision && trials.length < plan.maxTrials) {
        const middle = between(holds, broken, plan.precision);
        if (middle === holds || middle === broken) break;
        if ((await attempt(middle)) === "pass") holds = middle;
        else broken = middle;
      }
    }
  }

  const severity = (value: number) => (plan.to >= plan.from ? value : -value);
  const mildestFirst = trials.toSorted((a, b) => severity(a.value) - severity(b.value));
  const firstFailure = mildestFirst.find(({ verdict }) => verdict === "fail");
  const held = mildestFirst.findLast(
    ({ value, verdict }) =>
      verdict === "pass" && (!firstFailure || severity(value) < severity(firstFailure.value)),
  );
  return {
    proxy: plan.proxy,
    attribute: plan.attribute,
    unit: plan.unit,
    until: plan.until.text,
    holdsUpTo: held?.value ?? null,
    breaksAt: firstFailure?.value ?? null,
    trials,
  };
}

/** The middle, rounded to a multiple of the precision (whole numbers at least): "310 ms", not "312.5 ms". */
function between(a: number, b: number, precision: number): number {
  const step = Math.max(1, Math.round(precision));
  return Math.round((a + b) / 2 / step) * step;
}
