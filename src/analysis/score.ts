/** One number for a run: the share of promises kept while faults were on and the system came back. */

import { metricOf } from "../slo/metrics/index.js";
import type { Observations } from "../slo/observations.js";
import type { Slo } from "../slo/slo.js";
import type { Report, RunVerdict } from "./document/report.js";
import { explained, reason } from "./reasons/reasons.js";
import { badSeries } from "./slo/bad-requests.js";
import { type BadSeries, sum } from "./statistics/intervals.js";

/** Without a `recovery` SLO, this many seconds of a planned recovery count. */
export const MOST_RECOVERY_S = 10;

/** Few requests may break a promise. A score near 100 beside that would look like a pass. */
const HIGHEST: Readonly<Record<RunVerdict, number>> = {
  pass: 100,
  inconclusive: 79,
  fail: 49,
  invalid: 0,
  aborted: 0,
};

export interface ScoredFault {
  readonly name: string;
  readonly slos: readonly Slo[];
  readonly baseline: Observations;
  /** null: the fault was not run. */
  readonly fault: Observations | null;
  readonly recovery: Observations | null;
  readonly plannedFaultS: number;
  readonly recoveryTargetS: number;
}

/**
 * 100 · the least good / due over faults and their SLOs, from injection to removal + recovery target. Seconds that were
 * not observed count as bad, so the score is a lower bound. A run that did not pass is capped. @returns null when there
 * is nothing to score.
 */
export function score(faults: readonly ScoredFault[], verdict: RunVerdict): Report["score"] {
  let worst: { good: number; due: number; unobservedS: number; slo: string; fault: string } | null = null;
  for (const fault of faults) {
    for (const slo of fault.slos) {
      const kept = keptOf(slo, fault);
      if (kept !== null && (worst === null || kept.good / kept.due < worst.good / worst.due)) {
        worst = { ...kept, slo: slo.text, fault: fault.name };
      }
    }
  }
  if (worst === null) return null;
  const kept = (100 * worst.good) / worst.due;
  const cap = HIGHEST[verdict];
  const { slo, fault, good, due, unobservedS } = worst;
  const facts = { slo, fault, share: good / due, unobservedS: Math.round(unobservedS) };
  return {
    value: Math.min(kept, cap),
    ...explained(
      reason("kept_least", facts),
      ...(kept > cap ? [reason("score_capped", { verdict, atMost: cap })] : []),
      reason("score_is_of_answers", {}),
    ),
  };
}

function keptOf(
  slo: Slo,
  fault: ScoredFault,
): { readonly good: number; readonly due: number; readonly unobservedS: number } | null {
  const of = (view: Observations | null): BadSeries | null => (view ? badSeries(slo, view) : null);
  // A rate promises only a part of the requests. Failures beyond that part break nothing.
  const { rate, among } = metricOf(slo.metric);
  // A few failures are no part of what was promised to everybody.
  if (rate !== null || among === "failed") return null;
  const before = fault.baseline.failures(slo.request).due;
  const during = of(fault.fault);
  const after = of(fault.recovery);
  if (fault.fault !== null && during === null) return null;
  const tail = after?.due.slice(0, fault.recoveryTargetS) ?? [];
  const due = sum(during?.due ?? []) + sum(tail);
  const bad = sum(during?.bad ?? []) + sum(after?.bad.slice(0, fault.recoveryTargetS) ?? []);
  const unobservedS =
    Math.max(0, Math.round(fault.plannedFaultS) - (during?.due.length ?? 0)) +
    Math.max(0, fault.recoveryTargetS - tail.length);
  const unobserved = before.length > 0 ? (unobservedS * sum(before)) / before.length : 0;
  return due + unobserved > 0 ? { good: due - bad, due: due + unobserved, unobservedS } : null;
}
