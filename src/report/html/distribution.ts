import * as hdr from "hdr-histogram-js";
import type { PhaseRecord } from "../../measure/record.js";

/** Steps of the percentile axis for each factor of ten: 0, 90, 99, 99.9 % are ten steps apart. */
const STEPS_PER_DECADE = 16;
/** 99.999 % is as far as the axis goes. */
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
 * Latency in ms at each position. Failed requests are longer than anything: "inf". null where the phase had too few
 * requests to tell (fewer than one beyond that percentile).
 */
export function latencyAt(phase: PhaseRecord, axis: readonly number[]): (number | "inf" | null)[] {
  const scheduled = phase.all.scheduled.reduce((sum, count) => sum + count, 0);
  const histogram = hdr.decodeFromCompressedBase64(phase.all.histograms.latency);
  const ok = histogram.totalCount;
  return axis.map((position) => {
    const beyond = scheduled * 10 ** -position;
    if (scheduled === 0 || beyond < 1 - 1e-9) return null;
    const rank = scheduled - beyond;
    if (rank > ok || ok === 0) return "inf";
    return histogram.getValueAtPercentile((rank / ok) * 100) / 1000;
  });
}
