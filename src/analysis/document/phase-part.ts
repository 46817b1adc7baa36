/** What report.json holds of one phase. */

import { z } from "zod";
import { perOutcome } from "../../measure/outcome.js";
import {
  amount,
  anyText,
  count,
  type Described,
  listOf,
  metricValue,
  nullableText,
  number,
  orNull,
} from "../../measure/schema-parts.js";
import { answerSamples, machineUse, phaseKind, reasons } from "../../measure/shared-fields.js";
import { tracedRequest } from "../../measure/tracing/traced-request.js";
import { reasonParts } from "./reason-part.js";

const latencyMs = z
  .looseObject({
    p50: metricValue,
    p90: metricValue,
    p95: metricValue,
    p99: metricValue,
    p999: metricValue,
    max: metricValue,
  })
  .describe("Milliseconds from when a request was due; failures count as longer than anything.");

export interface LatencySummary extends Described<typeof latencyMs> {}

const requests = z
  .looseObject({
    scheduled: count,
    ...perOutcome(() => count),
  })
  .describe("What became of the requests that were due; the outcomes add up to scheduled.");

const timesOfOutcome = z.looseObject({ requests: count, p50: amount, p99: amount, max: amount });

const degraded = z.looseObject({
  answers: count.describe("They are counted as ok, too."),
  share: orNull(number).describe("Of the requests that were due, 0 to 1; null when none was."),
  latencyMs: latencyMs.describe("Of the degraded answers alone."),
});

/** Answers that were a fallback. */
export interface DegradedAnswers extends Described<typeof degraded> {}

const timeToFailure = z.looseObject({
  requests: count.describe("Those that were sent and failed."),
  ms: latencyMs.describe(
    "Milliseconds from when a request was due to its failure; a timeout takes as long as it is set to.",
  ),
  byOutcome: z
    .looseObject({
      http_error: timesOfOutcome.optional(),
      timeout: timesOfOutcome.optional(),
      refused: timesOfOutcome.optional(),
      reset: timesOfOutcome.optional(),
    })
    .describe("Only outcomes that came."),
});

/** How long requests took to fail. */
export interface TimeToFailurePart extends Described<typeof timeToFailure> {}

const measured = {
  requests,
  latencyMs,
  availability: orNull(number).describe("Share of requests that were ok, 0 to 1; null when none was due."),
  throughputPerS: amount.describe("Good answers a second."),
  degraded: degraded
    .optional()
    .describe("Answers that `degraded:` of their request calls a fallback. Not there: no request says so."),
  redirects: count
    .optional()
    .describe(
      "Redirects that were followed, and challenges of Digest that were answered, each a request more to the system. Not there: the load does neither.",
    ),
  timeToFailure: timeToFailure
    .optional()
    .describe("Not there: no request that was sent failed, or nobody counted how long it took."),
};

const signalPart = z.looseObject({
  name: anyText,
  everyS: amount.describe("Seconds between two samples; 0: not known."),
  samples: count,
  counts: orNull(z.looseObject({ bad: count, total: count })).describe(
    "What was counted, rounded; null: the signal has values, or nothing is known.",
  ),
  values: orNull(z.looseObject({ min: number, max: number, mean: number, last: number })).describe(
    "Of its samples; null: the signal counts, or nothing is known.",
  ),
  alert: z
    .looseObject({
      name: anyText,
      firedS: orNull(number).describe(
        "Seconds of the phase until it was first seen to fire; null: it did not.",
      ),
      last: anyText.describe("State at the end: quiet, pending, firing, silenced or inhibited."),
    })
    .optional()
    .describe("Set where it is an alert."),
  restarts: count.optional().describe("How often a counter began anew. Not there: never."),
  trouble: nullableText.describe("Why it says nothing of this phase, as a sentence. null: it does."),
  troubleId: anyText
    .optional()
    .describe(
      "no_answer, refused_query, no_interval, no_series, no_rule, several_series, not_a_number, series_gone, gap or clock.",
    ),
});

export const phasePart = z.looseObject({
  id: anyText,
  name: anyText,
  kind: phaseKind,
  fault: nullableText.describe("The fault's name in fault and recovery phases."),
  startS: number.describe("Seconds since load began."),
  durationS: amount,
  late: z.looseObject({ p99Ms: orNull(number).describe("The generator's own lateness.") }),
  ...measured,
  perRequest: listOf(
    z.looseObject({
      name: anyText,
      ...measured,
      reasons: reasons.optional().describe("The same of this request name; older reports lack it."),
    }),
  ),
  timed: listOf(z.looseObject({ name: anyText, ...measured, reasons: reasons.optional() }))
    .optional()
    .describe(
      "Journeys, and waits of `until`: `requests` counts how often they came to an end, latency is that of the whole. Not there: nothing is timed beside requests.",
    ),
  reasons: reasons.describe("Why requests failed, and how many."),
  samples: answerSamples
    .optional()
    .describe(
      "One example of a bad answer for each reason, the beginning of its body without secrets. Older reports lack it.",
    ),
  traces: listOf(
    tracedRequest.extend({ link: nullableText.describe("Where the trace is shown. null: not known.") }),
  )
    .optional()
    .describe(
      "Sampled requests that failed, the first of each reason, and the slowest. Not there: no request carried a trace id.",
    ),
  signals: listOf(signalPart)
    .optional()
    .describe(
      "What others knew of the system in this phase. Not there without signals, and in older reports.",
    ),
  machine: orNull(machineUse(listOf(number)))
    .optional()
    .describe("Of the machine on which faultline ran; null: not known. Older reports lack it."),
  invalid: nullableText.describe("Set when the measurement of this phase cannot be trusted."),
  because: reasonParts.optional(),
});

export type TracePart = NonNullable<PhaseReport["traces"]>[number];

export interface PhaseReport extends Described<typeof phasePart> {}
