import { z } from "zod";
import {
  type Described,
  flag,
  json,
  list,
  metricValue,
  number,
  orNull,
  text,
} from "../../measure/schema-parts.js";
import { sloUnit } from "../../measure/shared-fields.js";

const timing = z.looseObject({
  seconds: orNull(number).describe("null: does not apply, or was not observed."),
  censored: flag.describe("seconds is only a lower bound: it was not seen."),
  explanation: text,
});

const tellingSlo = z.looseObject({
  expect: text.describe("The SLO as the scenario has it."),
  unit: sloUnit,
  baseline: metricValue,
  observed: metricValue,
  censored: flag.describe("observed is only a lower bound."),
});

/** What became of one fault, in day.json: what the debrief tells of it, today and against a later day. */
export const faultOfDay = z.looseObject({
  name: text.describe("As in its report.json."),
  of: text.describe("Its name in the scenario; of a later round of `repeat` that of the first."),
  verdict: text.describe("As in its report.json."),
  reason: text,
  slo: orNull(tellingSlo).describe("The one that decided it most clearly; null: none did."),
  description: text.describe("What was done: latency 300 ms on cache."),
  injectedAt: orNull(text).describe("ISO 8601, UTC; null when it was not run."),
  removedAt: orNull(text),
  detection: timing.describe("Until an SLO was visibly broken."),
  recovery: timing.describe("From its removal until all SLOs held again."),
  exempt: z
    .looseObject({ reason: text, owner: text, expires: text })
    .optional()
    .describe("Its failure was accepted under `exempt` on that day; not there: it was not."),
  findings: list(z.looseObject({ id: text, facts: z.record(z.string(), json), text })),
});

export interface FaultOfDay extends Described<typeof faultOfDay> {}
