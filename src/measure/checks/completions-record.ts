/** What record.json holds of one phase about how long acknowledged work took until it was stored. */

import { z } from "zod";
import { amounts, anyText, count, counts, type Described, listOf } from "../schema-parts.js";

const completedSecond = z.looseObject({
  fromMs: amounts.describe(
    "From the acknowledgement to the last look without the id, rounded down. One entry for each group.",
  ),
  toMs: amounts.describe("From the acknowledgement to the first look with it, rounded up."),
  count: counts.describe("Ids of each group."),
  underWayMs: amounts
    .optional()
    .describe("Of ids that were under way when the next fault went in: so long they had not been there."),
  underWayToMs: amounts
    .optional()
    .describe(
      "Of each of these groups: from the acknowledgement to the first look with it, whatever the next fault did. Older records lack it.",
    ),
  underWay: counts.optional().describe("Ids of each of these groups."),
  never: count.optional().describe("Ids that no look had."),
});

/** Acknowledged requests that were due in one second of a phase. */
export interface CompletedSecond extends Described<typeof completedSecond> {}

export const completionsRecord = z.looseObject({
  check: anyText.describe("Name of the check whose looks these are."),
  request: anyText.describe("Name of the requests."),
  seconds: listOf(completedSecond).describe(
    "One for each second of due time, counted from the phase's start.",
  ),
});

export interface CompletionsRecord extends Described<typeof completionsRecord> {}
