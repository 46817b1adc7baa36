/** What reports say of the comparison with an earlier run. */

import type { EarlierComparison } from "../../analysis/document/comparison-part.js";
import type { Report } from "../../analysis/document/report.js";

export const ANSWER_WORDS = {
  regressed: { sign: "✗", word: "regressed", tone: "bad" },
  fixed: { sign: "✓", word: "holds now", tone: "good" },
  improved: { sign: "✓", word: "improved", tone: "good" },
  same: { sign: "✓", word: "same", tone: "good" },
  cannot_tell: { sign: "?", word: "cannot tell", tone: "unsure" },
  none_shown: { sign: "?", word: "no regression shown", tone: "unsure" },
  another_test: { sign: "!", word: "not compared", tone: "unsure" },
} as const satisfies Record<EarlierComparison["answer"], { sign: string; word: string; tone: string }>;

export interface EarlierRun {
  readonly sign: string;
  readonly tone: string;
  /** "Against the run of 2026-03-01T12:00:00.000Z: regressed" */
  readonly title: string;
  readonly reason: string;
}

/** @returns null when the run was compared with none. */
export function earlierRun({ comparison }: Report): EarlierRun | null {
  if (comparison === undefined) return null;
  const { sign, word, tone } = ANSWER_WORDS[comparison.answer];
  return {
    sign,
    tone,
    title: `Against the run of ${comparison.earlier.startedAt}: ${word}`,
    reason: [comparison.reason, ...comparison.mismatches].join(" "),
  };
}

/** '"p99 < 500ms" in "slow cache"', 'check "orders"'. */
export function comparedName({ kind, name, fault, phase }: EarlierComparison["rows"][number]): string {
  if (kind === "check") return `check "${name}"`;
  const where = fault === null ? "the baseline" : `"${fault}"`;
  return `"${name}" in ${phase === "recovery" ? `the recovery from ${where}` : where}`;
}
