/** What every report for people says of how long acknowledged work took until it was stored. */

import type { CompletionPhase, CompletionReport } from "../../analysis/document/completion-part.js";
import { completionText, slowestFirst } from "../../analysis/wording/completion-sentences.js";
import { formatCount, formatRatio, formatSeconds, NOTHING } from "../../support/format.js";

/** One phase. */
export interface CompletionRow {
  /** "baseline", "fault: slow worker", "recovery: slow worker" */
  readonly where: string;
  readonly acknowledged: string;
  readonly never: string;
  readonly p50: string;
  readonly p95: string;
  readonly p99: string;
  readonly max: string;
}

export function completionRows({ phases }: CompletionReport): readonly CompletionRow[] {
  return phases
    .filter(({ acknowledged }) => acknowledged > 0)
    .map(({ when, fault, acknowledged, never, ...times }) => ({
      where: fault === null ? when : `${when}: ${fault}`,
      acknowledged: formatCount(acknowledged),
      never: formatCount(never),
      p50: completionText(times.p50),
      p95: completionText(times.p95),
      p99: completionText(times.p99),
      max: completionText(times.max),
    }));
}

/** One fault, with what came before and after it: how soon 95 % were there. */
export interface CompletionGlance {
  /** null: there was no fault. */
  readonly fault: string | null;
  readonly baseline: string;
  readonly during: string;
  readonly recovery: string;
}

/** @param most of more faults, those that took longest are shown. */
export function completionsAtGlance(
  { phases }: CompletionReport,
  most: number,
): { readonly shown: readonly CompletionGlance[]; readonly more: number } {
  const baseline = p95Of(phases.find(({ when }) => when === "baseline"));
  const faults = phases.filter(({ when }) => when === "fault");
  if (faults.length === 0) {
    return { shown: [{ fault: null, baseline, during: NOTHING, recovery: NOTHING }], more: 0 };
  }
  const longest = new Set(slowestFirst(faults).slice(0, most));
  const shown = faults.filter((fault) => longest.has(fault));
  const rows = shown.map((during) => ({
    fault: during.fault,
    baseline,
    during: p95Of(during),
    recovery: p95Of(phases.find(({ when, fault }) => when === "recovery" && fault === during.fault)),
  }));
  return { shown: rows, more: faults.length - shown.length };
}

function p95Of(phase: CompletionPhase | undefined): string {
  return phase === undefined ? NOTHING : completionText(phase.p95);
}

/** "Read 58 times, at most 1.2 s apart; a look took 80 ms at most, all of them 4.1 s (6 % of the run)." */
export function looksText({ looks }: CompletionReport, durationS: number): string {
  const { count, failed, widestS, longestS, totalS } = looks;
  const without = failed === 0 ? "" : `, ${formatCount(failed)} of them without an answer`;
  const share = durationS > 0 ? ` (${formatRatio(totalS / durationS)} of the run)` : "";
  return (
    `Read ${formatCount(count)} times during the load${without}, at most ${formatSeconds(widestS)} apart; ` +
    `a look took ${formatSeconds(longestS)} at most, all of them together ${formatSeconds(totalS)}${share}.`
  );
}
