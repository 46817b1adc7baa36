/** What every report for people says of one check. */

import type { CheckReport, Report } from "../../analysis/document/report.js";
import { formatCount } from "../../support/format.js";
import { VERDICT_WORDS, type VerdictWords } from "./verdict-words.js";

export interface CheckRow {
  readonly name: string;
  readonly verdict: CheckReport["verdict"];
  readonly words: VerdictWords;
  readonly expect: string;
  readonly asks: string;
  readonly reason: string;
  /** How often it was asked, in all phases together. */
  readonly asked: string;
  /** Whether the run's own reason says this one's. */
  readonly isInHeadline: boolean;
  /** Of a check on ids. null: it is none, or there was no answer. */
  readonly ids: NonNullable<CheckReport["ids"]> | null;
  /** Of a check on ids that looked again and again, once it has an answer. null: it is none. */
  readonly completion: NonNullable<CheckReport["completion"]> | null;
  /** The end of what was printed by what could not be asked. null: it was asked, or printed nothing. */
  readonly output: string | null;
}

/** The worst ones first. Among equals they stay in the order of the scenario. */
export function checkRows({ checks = [], reasonChecks = [] }: Report): readonly CheckRow[] {
  return checks
    .map((check) => ({
      name: check.name,
      verdict: check.verdict,
      words: VERDICT_WORDS[check.verdict],
      expect: check.expect,
      asks: check.asks,
      reason: check.reason,
      asked: formatCount(check.asked.reduce((sum, { asked }) => sum + asked, 0)),
      isInHeadline: reasonChecks.includes(check.name),
      ids: check.ids ?? null,
      completion: check.completion && check.completion.phases.length > 0 ? check.completion : null,
      output: check.asked.find(({ firstUnasked }) => firstUnasked)?.firstUnasked?.output || null,
    }))
    .sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}

const ORDER: readonly CheckReport["verdict"][] = ["fail", "invalid", "inconclusive", "not_run", "pass"];
