import type { Verdict } from "../../analysis/document/report.js";
import type { FaultSearch } from "../../measure/record.js";
import type { SearchStep } from "../../plan/steps.js";

/** What one value of the fault did to the system. */
export interface Trial {
  readonly value: number;
  readonly phase: string;
  readonly verdict: Verdict;
}

/**
 * Searches by bisection for the largest fault under which the SLO still holds. It tries one value after the other.
 * - The severe end is tried first. When nothing breaks, one trial is enough.
 * - The mild end is next. When it already breaks, there is nothing to find.
 * - Then the middle of [largest value that passed, smallest that did not], until that bracket is narrow or the trials
 *   are used up.
 * An undecided trial moves the search to milder values. The search ends when `attempt` cannot make a trial (null).
 * `from` may be the greater number (bandwidth): "mild" and "severe" are meant, not small and large.
 */
export async function bisect(
  plan: Pick<SearchStep, "from" | "to" | "precision" | "maxTrials">,
  attempt: (value: number) => Promise<Verdict | null>,
): Promise<void> {
  if ((await attempt(plan.to)) === "pass" || plan.maxTrials < 2) return;
  if ((await attempt(plan.from)) !== "pass") return;
  let holds = plan.from;
  let broken = plan.to;
  for (let left = plan.maxTrials - 2; left > 0 && Math.abs(broken - holds) > plan.precision; left -= 1) {
    const middle = between(holds, broken, plan.precision);
    if (middle === holds || middle === broken) return;
    const verdict = await attempt(middle);
    if (verdict === null) return;
    if (verdict === "pass") holds = middle;
    else broken = middle;
  }
}

/**
 * What the trials so far have shown. `holdsUpTo` is always a value that passed, `breaksAt` always one that failed.
 * @param endedEarly why trials that the search would have made were not made.
 */
export function breakingPoint(
  plan: SearchStep,
  trials: readonly Trial[],
  endedEarly: string | null = null,
): FaultSearch {
  const severity = (value: number) => (plan.to >= plan.from ? value : -value);
  const mildestFirst = trials.toSorted((a, b) => severity(a.value) - severity(b.value));
  const firstFailure = mildestFirst.find(({ verdict }) => verdict === "fail");
  const held = mildestFirst.findLast(
    ({ value, verdict }) =>
      verdict === "pass" && (!firstFailure || severity(value) < severity(firstFailure.value)),
  );
  return {
    proxy: plan.at.target,
    attribute: plan.attribute,
    unit: plan.unit,
    until: plan.until.text,
    holdsUpTo: held?.value ?? null,
    breaksAt: firstFailure?.value ?? null,
    trials,
    endedEarly,
  };
}

/** The middle, rounded to a multiple of the precision (whole numbers at least): "310 ms", not "312.5 ms". */
function between(a: number, b: number, precision: number): number {
  const step = Math.max(1, Math.round(precision));
  return Math.round((a + b) / 2 / step) * step;
}
