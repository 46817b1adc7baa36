import { rangeOf, type SparseHistogram } from "../measure/histogram.js";
import type { EndedSecond } from "../measure/live/ended-seconds.js";
import { type OutcomeCounts, perOutcome } from "../measure/outcome.js";

/** Upper bounds of the histogram's buckets. A last one has no bound. */
export const LATENCY_BOUNDS_S = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** What has ended in a phase until now. It only grows. */
export interface PhaseTotals {
  readonly outcomes: OutcomeCounts;
  /** How long good answers took. */
  readonly latency: {
    /** How many took at most as long as each bound. */
    readonly atMost: readonly number[];
    readonly sumS: number;
    readonly count: number;
  };
}

export const NOTHING_YET: PhaseTotals = {
  outcomes: perOutcome(() => 0),
  latency: { atMost: LATENCY_BOUNDS_S.map(() => 0), sumS: 0, count: 0 },
};

export function withSecond({ outcomes, latency }: PhaseTotals, second: EndedSecond): PhaseTotals {
  const more = bucketed(second.latency);
  return {
    outcomes: perOutcome((outcome) => outcomes[outcome] + second.outcomes[outcome]),
    latency: {
      atMost: latency.atMost.map((count, at) => count + (more.atMost[at] ?? 0)),
      sumS: latency.sumS + more.sumS,
      count: latency.count + more.count,
    },
  };
}

/** A cell is as wide as a thousandth of its times: one that holds a bound counts as above it, and the sum takes its middle. */
function bucketed({ cells, counts }: SparseHistogram): PhaseTotals["latency"] {
  const atMost = LATENCY_BOUNDS_S.map(() => 0);
  let sumUs = 0;
  let count = 0;
  for (const [at, cell] of cells.entries()) {
    const inCell = counts[at] ?? 0;
    const { fromUs, toUs } = rangeOf(cell);
    sumUs += (inCell * (fromUs + toUs)) / 2;
    count += inCell;
    for (const [bucket, boundS] of LATENCY_BOUNDS_S.entries()) {
      if (toUs <= boundS * 1e6) atMost[bucket] = (atMost[bucket] ?? 0) + inCell;
    }
  }
  return { atMost, sumS: sumUs / 1e6, count };
}
