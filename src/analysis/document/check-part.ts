/** What report.json holds of one check. */

import { z } from "zod";
import { checkAsks } from "../../measure/checks/check-record.js";
import { idsRecord } from "../../measure/checks/ids-record.js";
import { amount, anyText, type Described, listOf } from "../../measure/schema-parts.js";
import { completionPart } from "./completion-part.js";
import { reasonParts } from "./reason-part.js";
import { verdict } from "./verdict.js";

export const checkPart = z.looseObject({
  name: anyText,
  verdict: verdict.describe(
    "fail: it did not hold. invalid: it could not be asked. not_run: the run ended before.",
  ),
  reason: anyText.describe("One sentence."),
  because: reasonParts.optional(),
  asks: anyText.describe("Its command or URL."),
  expect: anyText.describe("What its answer had to be."),
  withinS: amount.describe("For so long it was asked again at the end, until it held."),
  ids: idsRecord
    .optional()
    .describe("Of a check on ids: what was lost, duplicated, unexpected and recovered, with examples."),
  completion: completionPart
    .optional()
    .describe("Of a check on ids that looks again and again: how long it took until they were there."),
  asked: listOf(checkAsks).describe("By phase, in the order of the run."),
});

export interface CheckReport extends Described<typeof checkPart> {}
