import { z } from "zod";
import {
  anyText,
  type Described,
  flag,
  json,
  listOf,
  metricValue,
  number,
  orNull,
} from "../../measure/schema-parts.js";
import { sloUnit } from "../../measure/shared-fields.js";

const timing = z.looseObject({
  seconds: orNull(number).describe("null: does not apply, or was not observed."),
  censored: flag.describe("seconds is only a lower bound: it was not seen."),
  explanation: anyText,
});

const tellingSlo = z.looseObject({
  expect: anyText.describe("The SLO as the scenario has it."),
  unit: sloUnit,
  baseline: metricValue,
  observed: metricValue,
  censored: flag.describe("observed is only a lower bound."),
});

/** What became of one fault, in day.json: what the debrief tells of it, today and against a later day. */
export const faultOfDay = z.looseObject({
  name: anyText.describe("As in its report.json."),
  of: anyText.describe("Its name in the scenario; of a later round of `repeat` that of the first."),
  verdict: anyText.describe("As in its report.json."),
  reason: anyText,
  slo: orNull(tellingSlo).describe("The one that decided it most clearly; null: none did."),
  description: anyText.describe("What was done: latency 300 ms on cache."),
  injectedAt: orNull(anyText).describe("ISO 8601, UTC; null when it was not run."),
  removedAt: orNull(anyText),
  detection: timing.describe("Until an SLO was visibly broken."),
  recovery: timing.describe("From its removal until all SLOs held again."),
  exempt: z
    .looseObject({ reason: anyText, owner: anyText, expires: anyText })
    .optional()
    .describe("Its failure was accepted under `exempt` on that day; not there: it was not."),
  findings: listOf(z.looseObject({ id: anyText, facts: z.record(z.string(), json), text: anyText })),
});

export interface FaultOfDay extends Described<typeof faultOfDay> {}
