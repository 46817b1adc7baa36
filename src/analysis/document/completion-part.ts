/** What report.json holds of how long acknowledged work took until it was stored. */

import { z } from "zod";
import { looksRecord } from "../../measure/checks/looks-record.js";
import {
  anyText,
  count,
  type Described,
  listOf,
  metricValue,
  nullableText,
} from "../../measure/schema-parts.js";
import { laterRoundSchema } from "../../measure/shared-fields.js";

const range = z.looseObject({
  atLeast: metricValue,
  atMost: metricValue,
});

/** Looks at a store tell two bounds of each time. In ms; "inf": never. */
export interface CompletionRange extends Described<typeof range> {}

const completionPhase = z.looseObject({
  phase: anyText.describe("Id of the phase in which the requests were due."),
  when: z.enum(["baseline", "fault", "recovery"], "expected a phase"),
  fault: nullableText.describe("The fault's label."),
  round: laterRoundSchema.optional(),
  acknowledged: count,
  never: count.describe("Acknowledged requests whose id no look had."),
  p50: range.describe("From the acknowledgement until it was seen, in ms; inf: never."),
  p95: range,
  p99: range,
  max: range,
});

export interface CompletionPhase extends Described<typeof completionPhase> {}

export const completionPart = z.looseObject({
  looks: looksRecord,
  phases: listOf(completionPhase).describe("Empty when there was no answer that ids could be held against."),
});

export interface CompletionReport extends Described<typeof completionPart> {}
