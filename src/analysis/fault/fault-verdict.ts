/** The verdict on one fault, made from the verdicts on its SLOs, and the sentence that says why. */

import type { FindingId, SloResult, Verdict } from "../document/report.js";
import { tellingResult } from "../document/telling-result.js";
import { worst } from "../document/verdict.js";
import { loadShiftSentence } from "../measurement/load-shift.js";
import { whatBroke } from "../wording/what-became.js";

export interface FaultVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Findings that the reason already says. */
  readonly inReason: readonly FindingId[];
}

/** @param shift how the load itself differed from the baseline's. null: it did not differ. */
export function verdictOfRows(
  slos: readonly SloResult[],
  timeoutMs: number,
  shift: string | null,
): FaultVerdict {
  const verdict = worst(slos.map((slo) => slo.verdict));
  const decisive = slos.filter((slo) => slo.verdict === verdict);
  const first = tellingResult(decisive, verdict);
  if (first === undefined)
    return { verdict: "inconclusive", reason: "No SLO says anything about this fault.", inReason: [] };
  const rest = decisive.filter((slo) => slo !== first);
  switch (verdict) {
    case "pass":
      return {
        verdict,
        reason: slos.length === 1 ? "Its SLO held." : `All ${slos.length} SLOs held.`,
        inReason: [],
      };
    case "fail":
      return {
        verdict,
        reason: `${whatBroke(first, timeoutMs)}${alsoBroken(rest)}${shift === null ? "" : ` ${loadShiftSentence(shift)}`}`,
        inReason: shift === null ? [] : ["load_differed"],
      };
    case "invalid":
      // The phase cannot be trusted, whichever SLO judges it.
      return {
        verdict,
        reason: `${first.phase === "recovery" ? "In its recovery: " : ""}${first.reason}`,
        inReason: [],
      };
    case "inconclusive":
    case "not_run": {
      const how = verdict === "inconclusive" ? "is undecided" : "was not judged";
      const more = rest.length > 0 ? ` (and ${rest.length} more)` : "";
      return { verdict, reason: `"${first.expect}" ${how}${more}: ${first.reason}`, inReason: [] };
    }
  }
}

/** A sentence names at most this many SLOs. With more it gives their number. */
const MOST_NAMED = 2;

function alsoBroken(rest: readonly SloResult[]): string {
  if (rest.length === 0) return "";
  const named = rest.map(({ expect }) => `"${expect}"`).join(" and ");
  return ` Also broken: ${rest.length <= MOST_NAMED ? named : `${rest.length} more SLOs`}.`;
}

/** @param mostly what most answers were, where the baseline never showed it. null: nothing. */
export function withNewStatus(decided: FaultVerdict, mostly: string | null): FaultVerdict {
  return mostly === null
    ? decided
    : { ...decided, reason: `${decided.reason} ${mostly}`, inReason: [...decided.inReason, "new_status"] };
}
