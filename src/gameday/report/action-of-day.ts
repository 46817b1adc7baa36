import { z } from "zod";
import { anyText, type Described, flag, orNull } from "../../measure/schema-parts.js";

const status = z.enum(["open", "mended", "closed"]);

/** An item of the team's actions file that was not closed when the day began, in day.json. */
export const actionOfDay = z.looseObject({
  id: anyText,
  what: anyText,
  owner: orNull(anyText),
  due: orNull(anyText).describe("A day such as 2026-12-31."),
  ticket: orNull(anyText),
  isOverdue: flag.describe("Its day was over when the game day began."),
  scenario: orNull(anyText).describe("As the game day names it; null: nothing shows whether it is done."),
  fault: orNull(anyText).describe("null: the whole scenario counts."),
  before: status.describe("When the day began."),
  status: status.describe("After it: one that was mended is closed or open again, or was not decided."),
});

export interface ActionOfDay extends Described<typeof actionOfDay> {}
