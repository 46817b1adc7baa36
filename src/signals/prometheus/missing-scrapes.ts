import { longestSilenceMs } from "../gaps.js";
import type { PrometheusApi } from "./prometheus-api.js";

/** A time without samples, on the server's clock. */
export interface ScrapeSilence {
  readonly fromS: number;
  readonly untilS: number;
  readonly everyMs: number;
}

/**
 * Whose time was missing.
 * - not_scraped: the server's own; it has no scrapes of then, whatever they would have come to.
 * - target_silent: the target's; it was asked, and gave no page.
 * - not_exposed: nobody's; the target was scraped all the while.
 */
export type WhyNoSample = "not_scraped" | "target_silent" | "not_exposed";

/** So many scrapes before the silence show when the last one was. */
const SCRAPES_BEFORE = 3;

/**
 * What the server's own scrapes say of a time without samples. It notes each of them as a sample of `up`.
 * @returns null when the series come from no target of its own.
 */
export async function whyNoSample(
  api: PrometheusApi,
  selectors: readonly string[],
  silence: ScrapeSilence,
  stop: AbortSignal,
): Promise<WhyNoSample | null> {
  let worst: WhyNoSample | null = null;
  for (const selector of selectors) {
    const range = `[${lengthMsOf(silence)}ms]`;
    // Whichever were there at some time of it: a target that does not answer has no series from then on.
    const query = `count by (job, instance) (count_over_time(${selector}${range}))`;
    const before = await api.at(query, silence.untilS, stop);
    for (const { labels } of before) {
      const found = await whyOfTarget(api, labels, silence, stop);
      if (found === "not_scraped") return found;
      if (worst === null || found === "target_silent") worst = found ?? worst;
    }
  }
  return worst;
}

async function whyOfTarget(
  api: PrometheusApi,
  { job, instance }: Readonly<Record<string, string>>,
  silence: ScrapeSilence,
  stop: AbortSignal,
): Promise<WhyNoSample | null> {
  if (job === undefined || instance === undefined) return null;
  const { fromS, untilS, everyMs } = silence;
  const lengthMs = lengthMsOf(silence);
  const up = `up{job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}`;
  const [scrapes] = await api.taken(up, { lengthMs, untilS }, stop);
  if (!scrapes || scrapes.points.length === 0) return null;
  const longestS = longestSilenceMs(everyMs) / 1000;
  const times = scrapes.points.map(({ atS }) => atS);
  // Also before its first scrape: a server that has just started looks at a target only some seconds later.
  const bounds = [untilS - lengthMs / 1000, ...times, untilS];
  const isSilent = bounds.some((atS, index) => index > 0 && atS - (bounds[index - 1] ?? atS) > longestS);
  if (isSilent) return "not_scraped";
  return scrapes.points.some(({ atS, value }) => atS > fromS && value === 0)
    ? "target_silent"
    : "not_exposed";
}

/** With a few scrapes before it. */
function lengthMsOf({ fromS, untilS, everyMs }: ScrapeSilence): number {
  return Math.round((untilS - fromS) * 1000 + SCRAPES_BEFORE * everyMs);
}
