/** What became of checks. */

import type { CheckAsks } from "../../measure/checks/check-record.js";
import { formatCount } from "../../support/format.js";
import {
  brokenInFault,
  brokenSentence,
  type CheckMoment,
  heldSentence,
  idsOfFault,
  NEVER_ASKED,
  unaskedSentence,
} from "../wording/check-sentences.js";
import { type CompletedFacts, completedSentence } from "../wording/completion-sentences.js";
import {
  type BriefIds,
  type BrokenIds,
  type HeldIds,
  idsBrokenBriefly,
  idsBrokenSentence,
  idsHeldSentence,
  recoveredSentence,
} from "../wording/id-sentences.js";
import { type NoFacts, says, saysAsIs } from "./reason-kind.js";

const IN_FAULT: CheckMoment = { when: "fault", fault: "slow cache" };
const EXPECTED = "expected number 0, got 12";

export const checkReasons = {
  check: saysAsIs<{ readonly check: string }>({ check: "orders" }, ({ check }) => `Check "${check}":`),
  check_broken: saysAsIs<
    CheckMoment & {
      readonly broken: number;
      readonly asked: number;
      /** For so long it was asked again at the end. 0: it was not. */
      readonly withinS: number;
      /** What was expected, and what was found. null: not known. */
      readonly what: string | null;
      /** When else it did not hold. */
      readonly others: readonly CheckMoment[];
    }
  >({ ...IN_FAULT, broken: 2, asked: 5, withinS: 0, what: EXPECTED, others: [] }, brokenSentence),
  check_broken_in_fault: saysAsIs<{
    readonly check: string;
    readonly when: CheckAsks["when"];
    readonly what: string | null;
  }>({ check: "orders", when: "fault", what: EXPECTED }, brokenInFault),
  check_unasked: saysAsIs<
    CheckMoment & {
      readonly unasked: number;
      readonly asked: number;
      readonly what: string | null;
    }
  >({ ...IN_FAULT, unasked: 1, asked: 5, what: "it was still running after 5 s" }, unaskedSentence),
  check_never_asked: saysAsIs<NoFacts>({}, () => NEVER_ASKED),
  check_held: saysAsIs<{
    readonly times: number;
    /** The only time. null: there were several, or none. */
    readonly at: CheckMoment | null;
    /** After the end of the load. null: at the first answer. */
    readonly heldAfterS: number | null;
  }>({ times: 4, at: null, heldAfterS: null }, heldSentence),
  ids_broken: saysAsIs<BrokenIds>(
    {
      ...{ request: "checkout", acknowledged: 3000 },
      broken: [
        {
          ...{ kind: "lost", count: 12, sent: [{ when: "fault", fault: "cache cut off", count: 12 }] },
          example: { id: "a1b2", sentAtS: 42 },
        },
      ],
    },
    idsBrokenSentence,
  ),
  ids_broken_briefly: saysAsIs<BriefIds>(
    {
      ...{ request: "checkout", acknowledged: 3000 },
      broken: [{ kind: "lost", count: 12 }],
      mostSent: { when: "fault", fault: "cache cut off", count: 12 },
    },
    idsBrokenBriefly,
  ),
  ids_of_fault: saysAsIs<{
    readonly check: string;
    readonly request: string;
    readonly lost: number;
    readonly duplicated: number;
    readonly unexpected: number;
  }>({ check: "orders", request: "checkout", lost: 12, duplicated: 0, unexpected: 0 }, idsOfFault),
  ids_lost_around: saysAsIs<{
    readonly check: string;
    readonly request: string;
    /** Sent before the fault. */
    readonly before: number;
    /** Sent after it, and before the next one. */
    readonly after: number;
  }>({ check: "orders", request: "checkout", before: 39, after: 0 }, ({ check, request, before, after }) => {
    const when = [
      ...(before > 0 ? [`${formatCount(before)} sent before this fault`] : []),
      ...(after > 0 ? [`${formatCount(after)} sent after it and before the next one`] : []),
    ].join(" and ");
    return `Check "${check}": of the acknowledged "${request}" requests, ${when} ${before + after === 1 ? "is" : "are"} lost. When is not known, so this fault may have lost them.`;
  }),
  ids_held: saysAsIs<HeldIds>(
    { request: "checkout", acknowledged: 3000, lost: 0, duplicated: 0, unexpected: 0 },
    idsHeldSentence,
  ),
  ids_recovered: saysAsIs<{ readonly unknown: number; readonly recovered: number }>(
    { unknown: 14, recovered: 9 },
    recoveredSentence,
  ),
  ids_completed: saysAsIs<CompletedFacts>(
    {
      baseline: { atLeast: 800, atMost: 1100 },
      slowest: { fault: "slow cache", atLeast: 3200, atMost: 4100 },
    },
    completedSentence,
  ),
  checks_broken: says<{ readonly broken: number; readonly of: number }>(
    { broken: 2, of: 3 },
    ({ broken, of }) => `${broken} of ${of} checks do not hold`,
  ),
  checks_held: says<{ readonly checks: number }>({ checks: 2 }, ({ checks }) =>
    checks === 1 ? "Its check held" : `All ${checks} checks held`,
  ),
  slos_beside: says<{ readonly verdict: "fail" | "inconclusive" }>({ verdict: "fail" }, ({ verdict }) =>
    verdict === "fail" ? "SLOs are broken, too" : "The SLOs are inconclusive",
  ),
};
