import { type Outcome, perOutcome } from "../../measure/outcome.js";
import type { PhaseRecord, RequestSeries, RunRecord } from "../../measure/record.js";
import { type Latency, rankOfQuantile } from "../../slo/observations.js";

/** One second of due time, all request names together. */
export interface Second {
  /** Seconds since load began. */
  readonly atS: number;
  /** 1, except for the last second of a phase that ended within it. */
  readonly widthS: number;
  readonly phase: PhaseRecord;
  readonly scheduled: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Of `ok` answers. null in a second without one. */
  readonly okLatencyMs: Readonly<Record<ShownQuantile, number | null>>;
  readonly lagP99Ms: number | null;
}

export const SHOWN_QUANTILES = ["p50", "p90", "p99", "max"] as const;
export type ShownQuantile = (typeof SHOWN_QUANTILES)[number];
/** The share of requests that may be slower. For p99 it is 0.01. */
export const TAIL_SHARE: Readonly<Record<ShownQuantile, number>> = { p50: 0.5, p90: 0.1, p99: 0.01, max: 0 };

/** A phase's last second counts for at least this long: a rate over less would be noise. */
const SHORTEST_SECOND_S = 0.1;

/**
 * The part of its last second that a phase took. A phase that was cut late has seconds after its end, and those are
 * whole.
 */
function lastWidthS(restS: number): number {
  return restS <= 0 ? 1 : Math.min(1, Math.max(SHORTEST_SECOND_S, restS));
}

/** All measured seconds of a series in a phase, in order of time. */
export function secondsOfSeries(phase: PhaseRecord, series: RequestSeries): Second[] {
  return series.scheduled.map((scheduled, index) => ({
    atS: phase.startS + index,
    widthS: index === series.scheduled.length - 1 ? lastWidthS(phase.durationS - index) : 1,
    phase,
    scheduled,
    outcomes: perOutcome((outcome) => series.outcomes[outcome][index] ?? 0),
    okLatencyMs: {
      p50: series.latencyMs.p50[index] ?? null,
      p90: series.latencyMs.p90[index] ?? null,
      p99: series.latencyMs.p99[index] ?? null,
      max: series.latencyMs.max[index] ?? null,
    },
    lagP99Ms: series.lagP99Ms[index] ?? null,
  }));
}

/** A rest of a second that is shorter than this joins the second before. Alone it would draw a spike. */
const SHORTEST_DRAWN_S = 0.25;

/**
 * All measured seconds of a run, in order of time, to be drawn. Time around a change of a fault is in no phase: a gap.
 */
export function secondsOfRun(record: RunRecord): Second[] {
  return record.phases.flatMap((phase) => {
    const seconds = secondsOfSeries(phase, phase.all);
    const [before, rest] = seconds.slice(-2);
    if (!before || !rest || rest.widthS >= SHORTEST_DRAWN_S) return seconds;
    const restS = phase.startS + phase.durationS - rest.atS;
    return [...seconds.slice(0, -2), together(before, rest, before.widthS + restS)];
  });
}

function together(one: Second, other: Second, widthS: number): Second {
  const slower = (quantile: ShownQuantile) => {
    const [a, b] = [one.okLatencyMs[quantile], other.okLatencyMs[quantile]];
    return a === null || b === null ? (a ?? b) : Math.max(a, b);
  };
  return {
    ...one,
    widthS,
    scheduled: one.scheduled + other.scheduled,
    outcomes: perOutcome((outcome) => one.outcomes[outcome] + other.outcomes[outcome]),
    okLatencyMs: { p50: slower("p50"), p90: slower("p90"), p99: slower("p99"), max: slower("max") },
  };
}

export function badOf(second: Second): number {
  return second.scheduled - second.outcomes.ok;
}

/** As if nothing had been due but what was sent. */
export function withoutUnsent(second: Second): Second {
  const { unsent } = second.outcomes;
  return {
    ...second,
    scheduled: second.scheduled - unsent,
    outcomes: perOutcome((outcome) => (outcome === "unsent" ? 0 : second.outcomes[outcome])),
  };
}

/**
 * "inf" when more requests failed than the quantile leaves out. Otherwise the quantile of the `ok` answers stands in.
 * In one second it is off by at most one rank.
 */
export function quantileOf(second: Second, quantile: ShownQuantile): Latency {
  const rank = rankOfQuantile(1 - TAIL_SHARE[quantile], second.outcomes.ok, badOf(second));
  return typeof rank === "number" ? second.okLatencyMs[quantile] : rank;
}
