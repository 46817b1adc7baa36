import type { Latency, Report, SloResult, Verdict } from "../../analysis/document/report.js";
import { lessIsWorse } from "../../analysis/fault/search-report.js";
import type { BreakingSeries } from "../../ledger/breaking-points.js";
import type { BreakingPointFound } from "../../ledger/ledger-line.js";
import type { FaultSearch } from "../../measure/record.js";
import { isLoadTest } from "../shown/run-in-words.js";

/** One run of the past. */
export interface PastRun {
  /** The run's folder. */
  readonly folder: string;
  readonly report: Report;
}

/** Runs of one scenario, oldest first, and the course of each of its SLOs. */
export interface ScenarioHistory {
  readonly name: string;
  readonly runs: readonly PastRun[];
  readonly trends: readonly Trend[];
  readonly breakingPoints: readonly BreakingTrend[];
  /**
   * What the ledger knows of the scenario's searches, also of runs whose reports are gone. Missing without a ledger.
   */
  readonly searched?: readonly BreakingSeries[];
}

/** What a search of one fault found over the runs. */
export interface BreakingTrend {
  readonly fault: string;
  /** "latency on cache until p99 < 400ms". */
  readonly what: string;
  /** As many as there are runs. null where a run did not search for it. */
  readonly points: readonly (BreakingPoint | null)[];
}

export interface BreakingPoint {
  readonly search: FaultSearch;
  readonly verdict: Verdict;
}

/** One SLO in one fault over the runs. */
export interface Trend {
  readonly fault: string;
  readonly expect: string;
  readonly unit: SloResult["unit"];
  /** As many as there are runs. null where a run did not have this SLO in this fault. */
  readonly points: readonly (TrendPoint | null)[];
}

export interface TrendPoint {
  readonly observed: Latency;
  readonly target: Latency;
  readonly verdict: Verdict;
  readonly slo: SloResult;
}

/** Runs by scenario. The scenario that ran last comes first. Trends that the last run does not have come last. */
export function historyOf(past: readonly PastRun[]): ScenarioHistory[] {
  const byTime = [...past].sort((a, b) => a.report.startedAt.localeCompare(b.report.startedAt));
  const names = [...new Set(byTime.map((run) => run.report.scenario.name).reverse())];
  return names.map((name) => {
    const runs = byTime.filter((run) => run.report.scenario.name === name);
    return { name, runs, trends: trendsOf(runs), breakingPoints: breakingPointsOf(runs) };
  });
}

function breakingPointsOf(runs: readonly PastRun[]): BreakingTrend[] {
  const columns = runs.map(({ report }) => {
    const found = new Map<string, BreakingPoint & { readonly fault: string; readonly what: string }>();
    for (const { name: fault, search, verdict } of report.faults) {
      if (search === null) continue;
      const { attribute, proxy, until } = search;
      const what = `${attribute} on ${proxy} until ${until}`;
      found.set(JSON.stringify([fault, attribute, proxy, until]), { fault, what, search, verdict });
    }
    return found;
  });
  const keys = new Set(columns.toReversed().flatMap((found) => [...found.keys()]));
  return [...keys].map((key) => {
    const points = columns.map((found) => found.get(key) ?? null);
    const known = points.find((point) => point !== null);
    return { fault: known?.fault ?? "", what: known?.what ?? "", points };
  });
}

/**
 * "200–400 ms": the SLO holds up to the first value and breaks at the second. "> 2000 ms" and "< 10 ms": one side is
 * not known.
 */
export function breakingText({ search }: BreakingPoint): string {
  return boundsText({ ...search, lessIsWorse: lessIsWorse(search) });
}

/** The same for a line of the ledger. */
export function boundsText({
  holdsUpTo,
  breaksAt,
  unit,
  lessIsWorse: isLess,
}: Omit<BreakingPointFound, "attribute" | "until">): string {
  if (holdsUpTo !== null && breaksAt !== null) return `${holdsUpTo}–${breaksAt} ${unit}`;
  const known = holdsUpTo ?? breaksAt;
  if (known === null) return "not found";
  return `${(holdsUpTo === null) === isLess ? ">" : "<"} ${known} ${unit}`;
}

function trendsOf(runs: readonly PastRun[]): Trend[] {
  const points = runs.map(({ report }) => {
    const found = new Map<string, { readonly fault: string; readonly slo: SloResult }>();
    const parts = isLoadTest(report) ? [{ name: "no fault", slos: report.baseline.slos }] : report.faults;
    for (const fault of parts) {
      for (const slo of fault.slos)
        found.set(JSON.stringify([fault.name, slo.expect, slo.phase]), { fault: fault.name, slo });
    }
    return found;
  });
  const keys = new Set(points.toReversed().flatMap((found) => [...found.keys()]));
  return [...keys].map((key) => {
    const column = points.map((found) => found.get(key));
    const known = column.find((point) => point !== undefined);
    return {
      fault: known?.fault ?? "",
      expect: known?.slo.expect ?? "",
      unit: known?.slo.unit ?? "ratio",
      points: column.map((point) =>
        point
          ? {
              observed: point.slo.observed,
              target: point.slo.target,
              verdict: point.slo.verdict,
              slo: point.slo,
            }
          : null,
      ),
    };
  });
}

/**
 * The place of each point between the lowest (0) and the highest (1) of the trend. "inf" is above all. "beyond" is
 * above what was seen, by an unknown amount. null is a gap.
 */
export function heightsOf(trend: Trend): (number | "inf" | "beyond" | null)[] {
  const scale = (value: number) => (trend.unit === "ms" ? Math.log(Math.max(value, 1e-3)) : value);
  const values = trend.points.flatMap((point) =>
    typeof point?.observed === "number" && !point.slo.censored ? [scale(point.observed)] : [],
  );
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return trend.points.map((point) => {
    if (point === null || point.observed === null) return null;
    if (point.observed === "inf") return "inf";
    if (point.slo.censored) return "beyond";
    return high > low ? (scale(point.observed) - low) / (high - low) : 0.5;
  });
}
