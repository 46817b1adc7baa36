import { type Between, type RankTrend, rankTrend } from "../analysis/statistics/rank-trend.js";
import type { BreakingPointFound } from "./ledger-line.js";
import type { PlacedLine } from "./read-ledger.js";

/** What searches of one fault found over the runs that a ledger knows. Also for runs whose reports are gone. */
export interface BreakingSeries {
  readonly scenario: string;
  readonly fault: string;
  readonly dependency: string;
  /** "latency until p99 < 400ms" */
  readonly what: string;
  /** Oldest first. */
  readonly points: readonly BreakingPointAt[];
  readonly trend: RankTrend;
  /** Whether the system now withstands more or less than before. null: no trend. */
  readonly meaning: "withstands_more" | "withstands_less" | null;
}

export interface BreakingPointAt {
  readonly startedAt: string;
  readonly commit: string | null;
  readonly found: BreakingPointFound;
}

/** @param last the number of points to keep of each series. */
export function breakingSeries(lines: readonly PlacedLine[], last: number): readonly BreakingSeries[] {
  const series = new Map<
    string,
    Omit<BreakingSeries, "trend" | "meaning" | "points"> & { points: BreakingPointAt[] }
  >();
  for (const { line } of lines) {
    for (const { name: fault, search: found, dependencies } of line.faults) {
      // A search that could decide no trial has no place among the others.
      if (found === null || (found.holdsUpTo === null && found.breaksAt === null)) continue;
      const dependency = dependencies.join(", ");
      const what = `${found.attribute} until ${found.until}`;
      const key = JSON.stringify([line.scenario.name, fault, dependency, what]);
      const one = series.get(key) ?? { scenario: line.scenario.name, fault, dependency, what, points: [] };
      one.points.push({ startedAt: line.startedAt, commit: line.commit, found });
      series.set(key, one);
    }
  }
  return [...series.values()].map((one) => {
    const points = one.points.slice(-last);
    const trend = rankTrend(points.map(({ found }) => betweenOf(found)));
    return { ...one, points, trend, meaning: meaningOf(trend, points.at(-1)?.found) };
  });
}

function betweenOf({ holdsUpTo, breaksAt, lessIsWorse }: BreakingPointFound): Between {
  const [low, high] = lessIsWorse ? [breaksAt, holdsUpTo] : [holdsUpTo, breaksAt];
  return { low: low ?? Number.NEGATIVE_INFINITY, high: high ?? Number.POSITIVE_INFINITY };
}

function meaningOf(
  { direction }: RankTrend,
  found: BreakingPointFound | undefined,
): BreakingSeries["meaning"] {
  if (direction === null || found === undefined) return null;
  return (direction === "up") === found.lessIsWorse ? "withstands_less" : "withstands_more";
}
