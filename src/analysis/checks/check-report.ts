/** The verdict on one check. */

import type { CheckAsks, CheckRecord } from "../../measure/checks/check-record.js";
import type { CheckReport } from "../document/report.js";
import type { Verdict } from "../document/verdict.js";
import {
  brokenSentence,
  heldSentence,
  neverAskedSentence,
  unaskedSentence,
} from "../wording/check-sentences.js";
import { idsBrokenSentence, idsHeldSentence, recoveredSentence } from "../wording/id-sentences.js";

/** A check that did not hold once does not hold. One that once could not be asked says nothing, unless it also broke. */
export function checkReport(check: CheckRecord): CheckReport {
  const { name, asks, expect, withinS, asked, ids } = check;
  return { name, ...decide(check), asks, expect, withinS, asked: [...asked], ...(ids ? { ids } : {}) };
}

function decide({ asked, withinS, ids }: CheckRecord): {
  readonly verdict: Verdict;
  readonly reason: string;
} {
  const [broken, ...others] = asked.filter((each) => each.broken > 0);
  if (broken && ids) return { verdict: "fail", reason: `${idsBrokenSentence(ids)}${recoveredSentence(ids)}` };
  if (broken) return { verdict: "fail", reason: brokenSentence(broken, others, withinS) };
  const unasked = asked.find((each) => each.unasked > 0);
  if (unasked) return { verdict: "invalid", reason: unaskedSentence(unasked) };
  if (asked.every(isEmpty)) return { verdict: "not_run", reason: neverAskedSentence() };
  return { verdict: "pass", reason: ids ? idsHeldSentence(ids) : heldSentence(asked) };
}

function isEmpty({ asked }: CheckAsks): boolean {
  return asked === 0;
}
