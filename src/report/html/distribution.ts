import type { PhaseRecord } from "../../measure/record.js";
import { type Latency, rankOfQuantile } from "../../slo/observations.js";

/** Steps of the percentile axis for each factor of ten: 0, 90, 99, 99.9 % are this many steps apart. */
const STEPS_PER_DECADE = 16;
/** The axis ends at 99.999 %. */
const MAX_DECADES = 5;

/** Positions on the percentile axis, log10(1 / (1 − p)): 0 is 0 %, 1 is 90 %, 2 is 99 %. */
export function percentileAxis(mostRequests: number): number[] {
  const decades = Math.min(MAX_DECADES, Math.max(1, Math.log10(Math.max(1, mostRequests))));
  return Array.from(
    { length: Math.ceil(decades * STEPS_PER_DECADE) + 1 },
    (_, step) => step / STEPS_PER_DECADE,
  );
}

/**
 * Latency in ms at each position. "inf" where it is that of failures. null where the phase had too few requests to tell
 * (fewer than one beyond that percentile).
 */
export function latencyAt(phase: PhaseRecord, axis: readonly number[]): Latency[] {
  const scheduled = phase.all.scheduled.reduce((sum, count) => sum + count, 0);
  const { latency } = phase.all.histograms;
  return axis.map((position) => {
    const beyond = scheduled * 10 ** -position;
    if (scheduled === 0 || beyond < 1 - 1e-9) return null;
    const rank = rankOfQuantile(1 - beyond / scheduled, latency.count, scheduled - latency.count);
    if (typeof rank !== "number") return rank;
    return (position === 0 ? latency.leastUs() : latency.atRankUs(rank)) / 1000;
  });
}
