/** A clause with numbers on what became of one promise. The numbers read as in every table. */

import { metricOf } from "../../slo/metrics/index.js";
import { formatSloTarget } from "../../slo/parse.js";
import type { Slo, SloOperator, SloUnit } from "../../slo/slo.js";
import {
  formatBeside,
  formatMs,
  formatSeconds,
  formatTarget,
  formatTiming,
  formatValue,
} from "../../support/format.js";
import type { Latency, SloResult } from "../document/report.js";
import { promiseOf } from "../document/slo-result.js";

/** What a value was, what it became, and what was promised. */
export type ChangeFacts = {
  readonly slo: string;
  /** "p99(checkout)" */
  readonly metric: string;
  readonly phase: SloResult["phase"];
  /** Of baseline, observed and target. */
  readonly unit: SloUnit;
  readonly baseline: Latency;
  readonly observed: Latency;
  readonly operator: SloOperator;
  readonly target: Latency;
  /** "3x baseline", where the target is relative. null: it is as it was written. */
  readonly relativeTo: string | null;
  /** observed is only a lower bound. */
  readonly censored: boolean;
  /** What an observed "inf" is beyond. null: what was acknowledged was never stored. */
  readonly timeoutMs: number | null;
};

/**
 * @returns null where a number alone would not show whether the promise was kept: nothing was measured, there is no
 * target, or only the worst window counts.
 */
export function changeOf(result: SloResult, timeoutMs: number): ChangeFacts | null {
  const slo = promiseOf(result);
  const { expect, phase, unit, baseline, observed, target, censored } = result;
  if (slo === null || observed === null || target === null || slo.windowS !== null) return null;
  return {
    slo: expect,
    metric: metricText(slo),
    phase,
    unit,
    baseline,
    observed,
    operator: slo.operator,
    target,
    relativeTo: slo.target.kind === "absolute" ? null : formatSloTarget(slo.target),
    censored,
    timeoutMs: metricOf(slo.metric).completion === null ? timeoutMs : null,
  };
}

/** "p99 rose from 4.8 ms to 812 ms, promised < 500 ms" */
export function changeText(change: ChangeFacts): string {
  const { metric, phase, unit, observed, operator, target, relativeTo } = change;
  const relative = relativeTo === null ? "" : ` (${relativeTo})`;
  const promised = `promised ${formatTarget(operator, target, observed, unit)}${relative}`;
  const after = phase === "recovery" && unit !== "s" ? " after the fault" : "";
  return `${metric}${after} ${course(change)}, ${promised}`;
}

/** As `changeText`. @returns null as `changeOf`. */
export function whatBecame(result: SloResult, timeoutMs: number): string | null {
  const change = changeOf(result, timeoutMs);
  return change && changeText(change);
}

/** An SLO without its comparison: "p99(checkout)", "availability for 5s". */
export function metricText({ metric, request, windowS }: Slo): string {
  return `${metricOf(metric).name}${request === null ? "" : `(${request})`}${windowS === null ? "" : ` for ${windowS}s`}`;
}

/** From the baseline's value to the judged one. */
function course(change: ChangeFacts): string {
  const { observed, target, unit, timeoutMs } = change;
  // Too many failed, or were never completed.
  const beyond = timeoutMs === null ? "to never" : `beyond the timeout of ${formatMs(timeoutMs)}`;
  if (unit === "s") {
    const seconds = typeof observed === "number" ? observed : null;
    if (change.censored) return seconds ? `was not seen within ${formatSeconds(seconds)}` : "was not seen";
    return `took ${formatTiming({ seconds, censored: false })}`;
  }
  const baseline = change.phase === "baseline" ? null : change.baseline;
  const now = formatBeside(observed, target, unit);
  const before = formatValue(baseline, unit);
  if (baseline === null || before === now) return `was ${observed === "inf" ? beyond : now}`;
  if (observed === "inf") return `rose from ${before} ${beyond}`;
  return `${baseline === "inf" || baseline > (observed ?? 0) ? "fell" : "rose"} from ${before} to ${now}`;
}
