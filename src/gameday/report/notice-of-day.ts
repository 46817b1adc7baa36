import { z } from "zod";
import { amount, anyText, type Described, flag, listOf, orNull } from "../../measure/schema-parts.js";

/** What became of one notice to one receiver, in day.json. */
export const noticeOfDay = z.looseObject({
  event: anyText,
  to: anyText.describe("Its place under `notify`, and its kind. A webhook's URL is never told."),
  delivered: flag,
  attempts: listOf(
    z.looseObject({
      at: anyText.describe("ISO 8601, UTC."),
      durationMs: amount,
      reason: orNull(anyText).describe("What went wrong; null: it was delivered."),
    }),
  ).describe("None: it was given up before its turn came."),
});

export interface NoticeOfDay extends Described<typeof noticeOfDay> {}
