import type { Attempt } from "./attempts.js";

/** How many requests were under way at once, over a stretch of time. */
export interface InFlight {
  /** There were hardly ever more. */
  readonly ceiling: number;
  /** Share of the time in which there were so many. */
  readonly atCeiling: number;
}

/** The share of the time above the ceiling: a request that is let go is seen to end a little after the next has begun. */
const SHARE_ABOVE = 0.02;

/** @returns null when nothing was under way. */
export function inFlight(attempts: readonly Attempt[], fromS: number, untilS: number): InFlight | null {
  const changes = attempts
    .filter(({ startS, endS }) => endS > fromS && startS < untilS)
    .flatMap(({ startS, endS }) => [
      { atS: Math.max(startS, fromS), by: 1 },
      { atS: Math.min(endS, untilS), by: -1 },
    ])
    .sort((a, b) => a.atS - b.atS || a.by - b.by);
  if (changes.length === 0) return null;
  const timeAt: number[] = [];
  let [level, sinceS] = [0, fromS];
  for (const { atS, by } of changes) {
    timeAt[level] = (timeAt[level] ?? 0) + atS - sinceS;
    level += by;
    sinceS = atS;
  }
  timeAt[level] = (timeAt[level] ?? 0) + untilS - sinceS;
  let [ceiling, above] = [timeAt.length - 1, 0];
  while (ceiling > 1 && above + (timeAt[ceiling] ?? 0) <= SHARE_ABOVE * (untilS - fromS)) {
    above += timeAt[ceiling] ?? 0;
    ceiling -= 1;
  }
  return { ceiling, atCeiling: ((timeAt[ceiling] ?? 0) + above) / (untilS - fromS) };
}
