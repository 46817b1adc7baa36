import type { ScenarioHistory } from "./trends.js";

/** One entry for each scenario: its runs, the trend of each SLO, and breaking points. */
export function historyJson(
  histories: readonly ScenarioHistory[],
  /** The name to show for a run's folder. */
  folderName: (path: string) => string,
): readonly object[] {
  return histories.map(({ name, runs, trends, breakingPoints, searched = [] }) => ({
    scenario: name,
    runs: runs.map(({ folder, report }) => ({
      folder: folderName(folder),
      startedAt: report.startedAt,
      verdict: report.verdict,
      score: report.score?.value ?? null,
    })),
    trends: trends.map(({ fault, expect, unit, points }) => ({
      fault,
      expect,
      unit,
      points: points.map((point) =>
        point
          ? {
              observed: point.observed,
              target: point.target,
              verdict: point.verdict,
              censored: point.slo.censored,
            }
          : null,
      ),
    })),
    breakingPoints: breakingPoints.map(({ fault, what, points }) => ({
      fault,
      what,
      points: points.map((point) =>
        point
          ? {
              holdsUpTo: point.search.holdsUpTo,
              breaksAt: point.search.breaksAt,
              unit: point.search.unit,
              verdict: point.verdict,
            }
          : null,
      ),
    })),
    ledger: searched.map(({ fault, dependency, what, points, trend, meaning }) => ({
      fault,
      dependency,
      what,
      trend: { ...trend, meaning },
      points: points.map(({ startedAt, commit, found }) => ({
        startedAt,
        commit,
        holdsUpTo: found.holdsUpTo,
        breaksAt: found.breaksAt,
        unit: found.unit,
      })),
    })),
  }));
}
