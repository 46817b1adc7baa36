import type { Latency, SloResult } from "../../analysis/document/report.js";
import { promiseOf } from "../../analysis/document/slo-result.js";
import { metricText } from "../../analysis/wording/what-became.js";
import { metricOf } from "../../slo/metrics/index.js";
import {
  formatBeside,
  formatInterval,
  formatTarget,
  formatTiming,
  formatValue,
  NOTHING,
} from "../../support/format.js";
import { VERDICT_WORDS, type VerdictWords } from "./verdict-words.js";

/** One SLO of the baseline or of one fault as text. Every report for people uses it, so they agree to the digit. */
export interface SloRow {
  readonly expect: string;
  /** `expect` without its comparison: "p99(checkout)". */
  readonly metric: string;
  readonly baseline: string;
  readonly fault: string;
  readonly recovery: string;
  /** The value in whichever of the three columns was judged. */
  readonly observed: string;
  readonly judged: "baseline" | "fault" | "recovery";
  /** Columns that read "> timeout". */
  readonly beyondTimeout: readonly SloRow["judged"][];
  readonly interval: string;
  readonly target: string;
  readonly verdict: VerdictWords;
  readonly reason: string;
}

/** @param reason the part of the reason that no text above says. */
export function sloRow(slo: SloResult, reason = slo.reason): SloRow {
  const promise = promiseOf(slo);
  const timing = slo.unit === "s";
  const isCompletion = promise !== null && metricOf(promise.metric).completion !== null;
  const valueText = (value: Latency) =>
    isCompletion && value === "inf" ? "never" : formatValue(value, slo.unit);
  const observed = timing
    ? formatTiming({
        seconds: typeof slo.observed === "number" ? slo.observed : null,
        censored: slo.censored,
      })
    : isCompletion && slo.observed === "inf"
      ? "never"
      : formatBeside(slo.observed, slo.target, slo.unit);
  // Time to recover is a fact about the recovery phase, whatever phase gates it.
  const judged = (promise && metricOf(promise.metric).timing) ?? slo.phase;
  const show = (column: SloRow["judged"], value: Latency) =>
    column === judged ? observed : timing ? NOTHING : valueText(value);
  return {
    expect: slo.expect,
    metric: promise ? metricText(promise) : slo.expect,
    baseline: show("baseline", slo.baseline),
    fault: judged === "fault" ? observed : NOTHING,
    recovery: show("recovery", slo.after),
    observed,
    judged,
    beyondTimeout: timing || isCompletion ? [] : beyondTimeout(slo, judged),
    interval: formatInterval(slo.interval, slo.unit),
    target: formatTarget(promise?.operator ?? "", slo.target, slo.observed, slo.unit),
    verdict: VERDICT_WORDS[slo.verdict],
    reason,
  };
}

function beyondTimeout(
  { baseline, observed, after }: SloResult,
  judged: SloRow["judged"],
): SloRow["beyondTimeout"] {
  const shown = { baseline, fault: null, recovery: after, [judged]: observed };
  return ALL_PHASES.map(({ key }) => key).filter((key) => shown[key] === "inf");
}

interface PhaseColumn {
  readonly key: SloRow["judged"];
  readonly title: string;
}

/** The phases side by side in a table of SLOs. A baseline's own SLOs have only the one. */
export const BASELINE_ONLY: readonly PhaseColumn[] = [{ key: "baseline", title: "Baseline" }];
export const ALL_PHASES: readonly PhaseColumn[] = [
  ...BASELINE_ONLY,
  { key: "fault", title: "Fault" },
  { key: "recovery", title: "Recovery" },
];
