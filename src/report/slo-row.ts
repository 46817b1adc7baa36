import type { FaultReport, Latency, SloResult } from "../analysis/model.js";
import { formatBeside, formatInterval, formatTarget, formatTiming, formatValue, NOTHING } from "./format.js";
import { VERDICT_WORDS, type VerdictWords } from "./words.js";

/** One SLO of one fault as text: what every report for people shows, so that they agree to the digit. */
export interface SloRow {
  readonly expect: string;
  /** `expect` without its comparison: "p99(checkout)". */
  readonly metric: string;
  readonly baseline: string;
  readonly fault: string;
  readonly recovery: string;
  /** Whichever of the three was judged. */
  readonly observed: string;
  readonly judged: "baseline" | "fault" | "recovery";
  readonly interval: string;
  readonly target: string;
  readonly verdict: VerdictWords;
  readonly reason: string;
}

/** `fault` null: an SLO of the baseline check. */
export function sloRow(slo: SloResult, fault: FaultReport | null): SloRow {
  const metric = /^[^<>]*/.exec(slo.expect)?.[0].trim() ?? slo.expect;
  const timing = fault === null ? null : timingOf(metric, fault);
  const observed = timing
    ? formatTiming({
        seconds: typeof slo.observed === "number" ? slo.observed : timing.seconds,
        censored: timing.censored,
      })
    : formatBeside(slo.observed, slo.target, slo.unit);
  // Time to recover is a fact about the recovery phase, whatever phase gates it.
  const judged = timing ? (metric.startsWith("recovery") ? "recovery" : "fault") : slo.phase;
  const show = (column: SloRow["judged"], value: Latency) =>
    column === judged ? observed : timing ? NOTHING : formatValue(value, slo.unit);
  return {
    expect: slo.expect,
    metric,
    baseline: show("baseline", slo.baseline),
    fault: judged === "fault" ? observed : NOTHING,
    recovery: show("recovery", slo.after),
    observed,
    judged,
    interval: formatInterval(slo.interval, slo.unit),
    target: formatTarget(slo.expect, slo.target, slo.unit),
    verdict: VERDICT_WORDS[slo.verdict],
    reason: slo.reason,
  };
}

function timingOf(metric: string, fault: FaultReport) {
  if (metric === "recovery") return fault.recovery;
  if (metric === "detection") return fault.detection;
  return null;
}
