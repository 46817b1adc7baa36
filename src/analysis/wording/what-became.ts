/** A clause with numbers on what became of one promise. The numbers read as in every table. */

import { metricOf } from "../../slo/metrics/index.js";
import { formatSloTarget } from "../../slo/parse.js";
import type { Slo } from "../../slo/slo.js";
import {
  formatBeside,
  formatMs,
  formatSeconds,
  formatTarget,
  formatTiming,
  formatValue,
} from "../../support/format.js";
import type { SloResult } from "../document/report.js";
import { promiseOf } from "../document/slo-result.js";

/**
 * "p99 rose from 4.8 ms to 812 ms, promised < 500 ms". @returns null where a number alone would not show whether the
 * promise was kept: nothing was measured, there is no target, or only the worst window counts.
 */
export function whatBecame(result: SloResult, timeoutMs: number): string | null {
  const slo = promiseOf(result);
  const { observed, target, unit } = result;
  if (slo === null || observed === null || target === null || slo.windowS !== null) return null;
  const relative = slo.target.kind === "absolute" ? "" : ` (${formatSloTarget(slo.target)})`;
  const promised = `promised ${formatTarget(slo.operator, target, observed, unit)}${relative}`;
  const after = result.phase === "recovery" && unit !== "s" ? " after the fault" : "";
  return `${metricText(slo)}${after} ${course(result, endlessText(slo, timeoutMs))}, ${promised}`;
}

/** What the value was, what it became and what was promised, then how many requests that were. */
export function whatBroke(slo: SloResult, timeoutMs: number): string {
  const change = whatBecame(slo, timeoutMs);
  if (change === null) return `"${slo.expect}" did not hold: ${slo.reason}`;
  return slo.unit === "s" && !slo.censored ? `${change}.` : `${change}. ${slo.reason}`;
}

/** An SLO without its comparison: "p99(checkout)", "availability for 5s". */
export function metricText({ metric, request, windowS }: Slo): string {
  return `${metricOf(metric).name}${request === null ? "" : `(${request})`}${windowS === null ? "" : ` for ${windowS}s`}`;
}

/** What the value is where too many failed, or were never completed. */
function endlessText({ metric }: Slo, timeoutMs: number): string {
  return metricOf(metric).completion === null ? `beyond the timeout of ${formatMs(timeoutMs)}` : "to never";
}

/** From the baseline's value to the judged one. */
function course(result: SloResult, beyond: string): string {
  const { observed, target, unit } = result;
  if (unit === "s") {
    const seconds = typeof observed === "number" ? observed : null;
    if (result.censored) return seconds ? `was not seen within ${formatSeconds(seconds)}` : "was not seen";
    return `took ${formatTiming({ seconds, censored: false })}`;
  }
  const baseline = result.phase === "baseline" ? null : result.baseline;
  const now = formatBeside(observed, target, unit);
  const before = formatValue(baseline, unit);
  if (baseline === null || before === now) return `was ${observed === "inf" ? beyond : now}`;
  if (observed === "inf") return `rose from ${before} ${beyond}`;
  return `${baseline === "inf" || baseline > (observed ?? 0) ? "fell" : "rose"} from ${before} to ${now}`;
}
