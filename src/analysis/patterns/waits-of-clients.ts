import type { PhaseRecord } from "../../measure/record.js";
import { RecordedTimes } from "../../measure/recorded-times.js";

/**
 * How long half of the load's requests took from when they were sent, whatever became of them, in ms. @returns null when
 * none was sent, or when nobody counted how long failures took.
 */
export function medianWaitMs({ all }: PhaseRecord): number | null {
  const { histograms, outcomes, timeToFailure } = all;
  const isFailed = [outcomes.http_error, outcomes.timeout, outcomes.refused, outcomes.reset]
    .flat()
    .some((count) => count > 0);
  if (isFailed && !timeToFailure) return null;
  const times = RecordedTimes.joined([
    histograms.dispatchLatency,
    ...(timeToFailure ? [timeToFailure.dispatch] : []),
  ]);
  return times.count === 0 ? null : times.atRankUs(Math.ceil(times.count / 2)) / 1000;
}
