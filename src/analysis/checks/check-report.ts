/** The verdict on one check. */

import type { CheckAsks, CheckRecord } from "../../measure/checks/check-record.js";
import type { CompletionReport } from "../document/completion-part.js";
import type { CheckReport } from "../document/report.js";
import type { Verdict } from "../document/verdict.js";
import type { PhaseView } from "../measurement/phase-view.js";
import {
  brokenSentence,
  heldSentence,
  neverAskedSentence,
  unaskedSentence,
} from "../wording/check-sentences.js";
import { completedSentence } from "../wording/completion-sentences.js";
import { idsBrokenSentence, idsHeldSentence, recoveredSentence } from "../wording/id-sentences.js";
import { completionReport } from "./completion-report.js";

/** A check that did not hold once does not hold. One that once could not be asked says nothing, unless it also broke. */
export function checkReport(check: CheckRecord, views: readonly PhaseView[]): CheckReport {
  const { name, asks, expect, withinS, asked, ids } = check;
  const completion = completionReport(check, views);
  return {
    name,
    ...decide(check, completion),
    asks,
    expect,
    withinS,
    asked: [...asked],
    ...(ids ? { ids } : {}),
    ...(completion === null ? {} : { completion }),
  };
}

function decide(
  { asked, withinS, ids }: CheckRecord,
  completion: CompletionReport | null,
): {
  readonly verdict: Verdict;
  readonly reason: string;
} {
  const [broken, ...others] = asked.filter((each) => each.broken > 0);
  const brokenIds = ids === undefined ? "" : idsBrokenSentence(ids);
  if (broken && ids && brokenIds !== "") {
    return { verdict: "fail", reason: `${brokenIds}${recoveredSentence(ids)}` };
  }
  if (broken) return { verdict: "fail", reason: brokenSentence(broken, others, withinS) };
  const unasked = asked.find((each) => each.unasked > 0);
  if (unasked) return { verdict: "invalid", reason: unaskedSentence(unasked) };
  if (asked.every(isEmpty)) return { verdict: "not_run", reason: neverAskedSentence() };
  if (ids === undefined) return { verdict: "pass", reason: heldSentence(asked) };
  return {
    verdict: "pass",
    reason: `${idsHeldSentence(ids)}${completion === null ? "" : completedSentence(completion.phases)}`,
  };
}

function isEmpty({ asked }: CheckAsks): boolean {
  return asked === 0;
}
