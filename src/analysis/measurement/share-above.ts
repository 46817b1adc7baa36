import type { RequestSeries } from "../../measure/record.js";

/**
 * The share of one second's times above a limit that nobody counted, from the second's quantiles. Linear in the
 * logarithm of time between them.
 */
export function shareAbove(
  { p50, p90, p99, max }: RequestSeries["latencyMs"],
  second: number,
  limitMs: number,
): number {
  let [below, shareBelow] = [0.001, 1];
  for (const [ms, share] of [
    [p50[second], 0.5],
    [p90[second], 0.1],
    [p99[second], 0.01],
    [max[second], 0],
  ] as const) {
    if (typeof ms !== "number") continue;
    if (limitMs < ms) {
      const width = Math.log(ms) - Math.log(below);
      const way = width > 0 ? Math.max(0, Math.log(limitMs) - Math.log(below)) / width : 0;
      return shareBelow + (share - shareBelow) * way;
    }
    [below, shareBelow] = [Math.max(ms, 0.001), share];
  }
  return 0;
}
