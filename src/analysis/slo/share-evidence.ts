import type { ShareEvidence } from "../document/report.js";
import { badEpisodes } from "../statistics/difference.js";
import { type BadSeries, harWilson, sum } from "../statistics/intervals.js";

/**
 * The share of bad ones with its 95 % interval, for comparison with another run.
 * @returns null when nothing was due.
 */
export function evidenceOf(series: BadSeries, quantile98: ShareEvidence["quantile98"]): ShareEvidence | null {
  if (sum(series.due) === 0) return null;
  const { share, lower, upper, seconds } = harWilson(series, 95);
  return {
    value: share,
    lower95: lower,
    upper95: upper,
    seconds,
    badSeconds: series.bad.filter((count) => count > 0).length,
    episodes: badEpisodes(series.bad),
    quantile98,
  };
}
