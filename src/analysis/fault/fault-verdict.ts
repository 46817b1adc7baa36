/** The verdict on one fault, made from the verdicts on its SLOs, and the sentence that says why. */

import type { FindingId, Reason, SloResult, Verdict } from "../document/report.js";
import { tellingResult } from "../document/telling-result.js";
import { worst } from "../document/verdict.js";
import { reason } from "../reasons/reasons.js";
import { whyBroken } from "../reasons/why-broken.js";
import type { LoadShift } from "../wording/load-shift-words.js";

export interface FaultVerdict {
  readonly verdict: Verdict;
  readonly because: readonly Reason[];
  /** Findings that the reason already says. */
  readonly inReason: readonly FindingId[];
}

/** @param shift how the load itself differed from the baseline's. null: it did not differ. */
export function verdictOfRows(
  slos: readonly SloResult[],
  timeoutMs: number,
  shift: LoadShift | null,
): FaultVerdict {
  const verdict = worst(slos.map((slo) => slo.verdict));
  const decisive = slos.filter((slo) => slo.verdict === verdict);
  const first = tellingResult(decisive, verdict);
  if (first === undefined)
    return { verdict: "inconclusive", because: [reason("nothing_promised", {})], inReason: [] };
  const ofSlo = first.because ?? [];
  const rest = decisive.filter((slo) => slo !== first);
  switch (verdict) {
    case "pass":
      return { verdict, because: [reason("slos_held", { slos: slos.length })], inReason: [] };
    case "fail":
      return {
        verdict,
        because: [
          ...whyBroken(first, timeoutMs),
          ...(rest.length === 0 ? [] : [reason("also_broken", { slos: rest.map(({ expect }) => expect) })]),
          ...(shift === null ? [] : [reason("load_differed", shift)]),
        ],
        inReason: shift === null ? [] : ["load_differed"],
      };
    case "invalid":
      // The phase cannot be trusted, whichever SLO judges it.
      return {
        verdict,
        because: [...(first.phase === "recovery" ? [reason("in_its_recovery", {})] : []), ...ofSlo],
        inReason: [],
      };
    case "inconclusive":
    case "not_run": {
      const how = verdict === "inconclusive" ? "undecided" : "not_judged";
      const open = reason("slo_open", { slo: first.expect, how, more: rest.length });
      return { verdict, because: [open, ...ofSlo], inReason: [] };
    }
  }
}

/** @param mostly what most answers were, where the baseline never showed it. null: nothing. */
export function withNewStatus(decided: FaultVerdict, mostly: Reason | null): FaultVerdict {
  return mostly === null
    ? decided
    : { ...decided, because: [...decided.because, mostly], inReason: [...decided.inReason, "new_status"] };
}
