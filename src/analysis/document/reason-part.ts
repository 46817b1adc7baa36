/** What report.json holds of a reason, beside its sentence. */

import { z } from "zod";
import { anyText, type Described, json, listOf } from "../../measure/schema-parts.js";

const reasonPart = z.looseObject({
  id: anyText.describe("What it is about: docs/reasons.md lists them. An id stays what it is."),
  facts: z.record(z.string(), json).describe("What it says, with units in the names."),
});

export interface Reason extends Described<typeof reasonPart> {}

export const reasonParts = listOf(reasonPart).describe(
  "What the sentences beside it say, as data, in their order: the first says most. Older reports lack it.",
);
