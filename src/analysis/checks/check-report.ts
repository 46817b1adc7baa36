/** The verdict on one check. */

import type { CheckAsks, CheckRecord } from "../../measure/checks/check-record.js";
import type { IdsRecord } from "../../measure/checks/ids-record.js";
import type { CompletionReport } from "../document/completion-part.js";
import type { CheckReport, Reason } from "../document/report.js";
import type { Verdict } from "../document/verdict.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { because, reason } from "../reasons/reasons.js";
import type { CheckMoment } from "../wording/check-sentences.js";
import { completedFacts } from "../wording/completion-sentences.js";
import { brokenIds } from "../wording/id-sentences.js";
import { completionReport } from "./completion-report.js";

/** A check that did not hold once does not hold. One that once could not be asked says nothing, unless it also broke. */
export function checkReport(check: CheckRecord, views: readonly PhaseView[]): CheckReport {
  const { name, asks, expect, withinS, asked, ids } = check;
  const completion = completionReport(check, views);
  const { verdict, why } = decide(check, completion);
  return {
    name,
    verdict,
    ...because(...why),
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
  readonly why: readonly Reason[];
} {
  const [first, ...others] = asked.filter((each) => each.broken > 0);
  const broken = ids === undefined ? null : brokenIds(ids);
  if (first && ids && broken) {
    return { verdict: "fail", why: [reason("ids_broken", broken), ...recovered(ids)] };
  }
  if (first) {
    const facts = { broken: first.broken, asked: first.asked, what: first.firstBroken?.reason ?? null };
    const why = { ...momentOf(first), ...facts, withinS, others: others.map(momentOf) };
    return { verdict: "fail", why: [reason("check_broken", why)] };
  }
  const unasked = asked.find((each) => each.unasked > 0);
  if (unasked) {
    const facts = { unasked: unasked.unasked, asked: unasked.asked };
    const what = unasked.firstUnasked?.reason ?? null;
    return { verdict: "invalid", why: [reason("check_unasked", { ...momentOf(unasked), ...facts, what })] };
  }
  if (asked.every(isEmpty)) return { verdict: "not_run", why: [reason("check_never_asked", {})] };
  if (ids === undefined) return { verdict: "pass", why: [held(asked)] };
  const { request, acknowledged, lost, duplicated, unexpected } = ids;
  const counts = { lost: lost.count, duplicated: duplicated.count, unexpected: unexpected.count };
  const completed = completion && completedFacts(completion.phases);
  return {
    verdict: "pass",
    why: [
      reason("ids_held", { request, acknowledged, ...counts }),
      ...recovered(ids),
      ...(completed === null ? [] : [reason("ids_completed", completed)]),
    ],
  };
}

function held(asked: readonly CheckAsks[]): Reason {
  const times = asked.reduce((sum, each) => sum + each.asked, 0);
  const late = asked.find(({ attempts, asked: answers }) => attempts > answers)?.heldAfterS;
  const [only] = asked;
  const at = times === 1 && only ? momentOf(only) : null;
  return reason("check_held", { times, at, heldAfterS: late ?? null });
}

/** Ids of which nobody knew whether they would be there. */
function recovered({ unknown, recovered: found }: IdsRecord): readonly Reason[] {
  return unknown === 0 ? [] : [reason("ids_recovered", { unknown, recovered: found.count })];
}

function momentOf({ when, fault }: CheckAsks): CheckMoment {
  return { when, fault };
}

function isEmpty({ asked }: CheckAsks): boolean {
  return asked === 0;
}
