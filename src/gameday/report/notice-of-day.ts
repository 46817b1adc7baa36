import { z } from "zod";
import { amount, type Described, flag, list, orNull, text } from "../../measure/schema-parts.js";

/** What became of one notice to one receiver, in day.json. */
export const noticeOfDay = z.looseObject({
  event: text,
  to: text.describe("Its place under `notify`, and its kind. A webhook's URL is never told."),
  delivered: flag,
  attempts: list(
    z.looseObject({
      at: text.describe("ISO 8601, UTC."),
      durationMs: amount,
      reason: orNull(text).describe("What went wrong; null: it was delivered."),
    }),
  ).describe("None: it was given up before its turn came."),
});

export interface NoticeOfDay extends Described<typeof noticeOfDay> {}
