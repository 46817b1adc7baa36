import { promDurationMs } from "../../scenario/signals/promql.js";
import type { PrometheusApi, PromTargets } from "./prometheus-api.js";

/** So many series are enough to find their targets. */
const MOST_LOOKED_AT = 50;

/**
 * How often the series of these selectors are scraped: the longest interval of their targets, in ms.
 * @returns null when the server does not scrape them itself, or has none of them yet.
 */
export async function scrapeIntervalMs(
  api: PrometheusApi,
  selectors: readonly string[],
  stop: AbortSignal,
): Promise<number | null> {
  const targets = await api.targets(stop);
  const intervals: number[] = [];
  for (const selector of selectors) {
    const series = await api.at(`count by (job, instance) (${selector})`, null, stop);
    for (const { labels } of series.slice(0, MOST_LOOKED_AT)) {
      const found = intervalOf(targets, labels);
      if (found !== null) intervals.push(found);
    }
  }
  return intervals.length === 0 ? onlyOne(targets) : Math.max(...intervals);
}

function intervalOf(
  targets: PromTargets,
  { job, instance }: Readonly<Record<string, string>>,
): number | null {
  const found = targets.find(({ labels }) => labels.job === job && labels.instance === instance);
  return found?.scrapeInterval === undefined ? null : promDurationMs(found.scrapeInterval);
}

/** Where all targets have the same interval, series that are not there yet will have it, too. */
function onlyOne(targets: PromTargets): number | null {
  const all = new Set(targets.flatMap(({ scrapeInterval }) => scrapeInterval ?? []));
  const [only, another] = all;
  return only === undefined || another !== undefined ? null : promDurationMs(only);
}
