import { type LatencyLimit, limitsOf } from "../../measure/latency-limits.js";
import { OUTCOME, OUTCOMES } from "../../measure/outcome.js";
import { emptySecondCounts, type SecondCounts } from "../../measure/second-counts.js";
import type { SecondReport } from "../../measure/segment-accumulator.js";
import type { DueCount } from "./absences.js";

/**
 * What was due and nobody is known to have sent, for the generator's own reasons: a report for each second in which something was.
 * @param names of the mix, by their number.
 */
export function unsentSeconds(
  due: Iterable<DueCount>,
  names: readonly string[],
  limits: readonly LatencyLimit[],
): readonly SecondReport[] {
  const seconds = new Map<number, Map<number, number>>();
  for (const { second, name, count } of due) {
    const counts = seconds.get(second) ?? new Map<number, number>();
    seconds.set(second, counts);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...seconds].map(([second, counts]) => ({
    second,
    names: [...counts].map(([name, count]) => ({
      name,
      counts: unsent(count, limitsOf(names[name]!, limits).length),
    })),
  }));
}

function unsent(scheduled: number, limits: number): SecondCounts {
  const none = emptySecondCounts(OUTCOMES.length, limits);
  const outcomes = none.outcomes.map((count, outcome) => (outcome === OUTCOME.unsent ? scheduled : count));
  return { ...none, scheduled, outcomes, unsentByGenerator: scheduled };
}
