import { z } from "zod";
import { type Described, flag, orNull, text } from "../../measure/schema-parts.js";

const status = z.enum(["open", "mended", "closed"]);

/** An item of the team's actions file that was not closed when the day began, in day.json. */
export const actionOfDay = z.looseObject({
  id: text,
  what: text,
  owner: orNull(text),
  due: orNull(text).describe("A day such as 2026-12-31."),
  ticket: orNull(text),
  isOverdue: flag.describe("Its day was over when the game day began."),
  scenario: orNull(text).describe("As the game day names it; null: nothing shows whether it is done."),
  fault: orNull(text).describe("null: the whole scenario counts."),
  before: status.describe("When the day began."),
  status: status.describe("After it: one that was mended is closed or open again, or was not decided."),
});

export interface ActionOfDay extends Described<typeof actionOfDay> {}
