/** What record.json holds of one check: when it was asked, and what came of it. */

import { z } from "zod";
import { amount, anyText, count, type Described, listOf, nullableText, number } from "../schema-parts.js";
import { laterRoundSchema } from "../shared-fields.js";
import { idsRecord } from "./ids-record.js";
import { looksRecord } from "./looks-record.js";

export const checkTime = z.enum(["baseline", "fault", "recovery", "end"], "expected when a check is asked");

const brokenAsk = z.looseObject({
  atS: number.describe("Seconds since load began."),
  reason: anyText.describe("What was expected, and what was found."),
});

const unasked = z.looseObject({
  atS: number.describe("Seconds since load began."),
  why: anyText.describe(
    "not_started, exit_code, late, too_much, no_answer, status, nothing_printed, not_a_number, not_json, not_ids, ids_reused, ids_lost or nothing_acknowledged.",
  ),
  reason: anyText,
  output: anyText.describe(
    "The end of what a command printed, or how an answer began, without secrets; at most 2,000 characters.",
  ),
});

/** All asks of one phase. A check at the end has one, which may have taken several attempts. */
export const checkAsks = z.looseObject({
  when: checkTime,
  phase: nullableText.describe("Id of the phase; null: at the end."),
  fault: nullableText.describe("The fault's label."),
  round: laterRoundSchema.optional(),
  asked: count,
  held: count,
  broken: count,
  unasked: count,
  attempts: count.describe("More than `asked` where `within` had it asked again."),
  heldAfterS: amount
    .optional()
    .describe("At the end: from the end of the load to the first answer with which it held."),
  firstBroken: brokenAsk.optional(),
  firstUnasked: unasked.optional(),
});

export interface CheckAsks extends Described<typeof checkAsks> {}

export const checkRecord = z.looseObject({
  name: anyText,
  /** Its command or URL, without secrets. */
  asks: anyText,
  /** "number >= 0" */
  expect: anyText,
  when: listOf(checkTime),
  withinS: amount,
  asked: listOf(checkAsks),
  /** Of a check on ids, what the last answer came to. Missing when there was none, and for others. */
  ids: idsRecord.optional(),
  /** Of a check on ids that looks again and again. */
  looks: looksRecord.optional(),
});

export interface CheckRecord extends Described<typeof checkRecord> {}
