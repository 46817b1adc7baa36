import { OUTCOMES, perOutcome } from "../../measure/outcome.js";
import type { PhaseRecord, RequestSeries } from "../../measure/record.js";

/**
 * The settled part of a phase that is still going on. It ends before the first second that is not over, or that has a
 * request without an outcome: a request in flight has neither failed nor succeeded, and the seconds after it would show
 * only what was quick. Histograms stay as they are.
 */
export function settledPart(phase: PhaseRecord): PhaseRecord {
  const open = phase.all.scheduled.findIndex((_, second) => isOpen(phase.all, second));
  const whole = Math.floor(phase.durationS);
  const seconds = open < 0 ? whole : Math.min(open, whole);
  return {
    ...phase,
    all: firstSeconds(phase.all, seconds),
    requests: phase.requests.map((series) => firstSeconds(series, seconds)),
    ...(phase.timed ? { timed: phase.timed.map((series) => firstSeconds(series, seconds)) } : {}),
  };
}

function isOpen({ scheduled, outcomes }: RequestSeries, second: number): boolean {
  const ended = OUTCOMES.reduce((sum, outcome) => sum + (outcomes[outcome][second] ?? 0), 0);
  return ended < (scheduled[second] ?? 0);
}

function firstSeconds(series: RequestSeries, seconds: number): RequestSeries {
  const first = <T>(values: readonly T[]): readonly T[] => values.slice(0, seconds);
  const { outcomes, latencyMs, timeToFailure } = series;
  const quantiles = ({ p50, p90, p99, max }: RequestSeries["latencyMs"]) => ({
    p50: first(p50),
    p90: first(p90),
    p99: first(p99),
    max: first(max),
  });
  const slower = (slow: RequestSeries["slow"]) =>
    slow.map((limit) => ({ ...limit, due: first(limit.due), dispatch: first(limit.dispatch) }));
  return {
    ...series,
    scheduled: first(series.scheduled),
    ...(series.offered ? { offered: first(series.offered) } : {}),
    ...(series.degraded ? { degraded: first(series.degraded) } : {}),
    ...(series.redirects ? { redirects: first(series.redirects) } : {}),
    unsentByGenerator: first(series.unsentByGenerator),
    lagP99Ms: first(series.lagP99Ms),
    outcomes: perOutcome((outcome) => first(outcomes[outcome])),
    slow: slower(series.slow),
    latencyMs: quantiles(latencyMs),
    ...(timeToFailure
      ? {
          timeToFailure: {
            ...timeToFailure,
            slow: slower(timeToFailure.slow),
            ms: quantiles(timeToFailure.ms),
          },
        }
      : {}),
  };
}
