/**
 * The shape of report.json, for whoever reads one: `compare` and `history` here, and everyone else through
 * schema/report.schema.json, which is made from this. Keys that a later version adds are kept and ignored.
 */

import { z } from "zod";
import { perOutcome } from "../../measure/outcome.js";
import {
  amount,
  count,
  ending,
  environment,
  events,
  evidence,
  flag,
  list,
  load,
  nullableText,
  number,
  phaseKind,
  proofStrength,
  scenario,
  search,
  services,
  sloUnit,
  text,
  tool,
} from "../../measure/run-schema.js";
import { JUDGED_PHASES } from "../../slo/slo.js";
import { SHARED_REASON_IDS } from "./report.js";

const orNull = <T extends z.ZodType>(value: T) => z.union([value, z.null()]);
const verdict = z
  .enum(["pass", "not_run", "inconclusive", "invalid", "fail"], "expected a verdict")
  .describe("From best to worst; the worst one wins.");

/** Of a metric; its unit stands beside it. */
const value = z
  .union([number, z.literal("inf"), z.null()], 'expected a number, "inf" or null')
  .describe(
    '"inf": too many requests failed for the quantile to exist ("> timeout"). null: nothing was measured.',
  );

const latencyMs = z
  .looseObject({ p50: value, p90: value, p95: value, p99: value, p999: value, max: value })
  .describe("Milliseconds from when a request was due; failures count as longer than anything.");

const requests = z
  .looseObject({
    scheduled: count,
    ...perOutcome(() => count),
  })
  .describe("What became of the requests that were due; the outcomes add up to scheduled.");

const measured = {
  requests,
  latencyMs,
  availability: orNull(number).describe("Share of requests that were ok, 0 to 1; null when none was due."),
  throughputPerS: amount.describe("Good answers a second."),
};

const reasons = z.record(z.string(), count);

const phase = z.looseObject({
  id: text,
  name: text,
  kind: phaseKind,
  fault: nullableText.describe("The fault's name in fault and recovery phases."),
  startS: number.describe("Seconds since load began."),
  durationS: amount,
  late: z.looseObject({ p99Ms: orNull(number).describe("The generator's own lateness.") }),
  ...measured,
  perRequest: list(
    z.looseObject({
      name: text,
      ...measured,
      reasons: reasons.optional().describe("The same of this request name; older reports lack it."),
    }),
  ),
  reasons: reasons.describe("Why requests failed, and how many."),
  samples: list(z.looseObject({ reason: text, request: text, status: count, body: text }))
    .optional()
    .describe(
      "One example of a bad answer for each reason, the beginning of its body without secrets. Older reports lack it.",
    ),
  machine: orNull(
    z.looseObject({
      busy: number.describe("Share of the time of all CPUs that was used, by whatever ran there; 0 to 1."),
      stolen: orNull(number).describe(
        "Share that the host of a virtual machine gave to others; null: the system does not say.",
      ),
      seconds: z
        .looseObject({
          system: list(number).describe("What `services:` started."),
          strangers: list(number).describe("Other programs on this machine."),
          own: list(number).describe("faultline itself."),
          stolen: list(number).describe("Given to others by the host of a virtual machine."),
          throttled: list(number).describe("Taken by a CPU quota."),
          waited: list(number)
            .optional()
            .describe(
              "How long a request may have waited for a CPU in these services while others had them.",
            ),
          waitedAtOnce: list(number).optional().describe("The most of it within about a tenth of a second."),
          systemAtMost: list(number).describe(
            "0 to 1: of what kept others from running, the system's part, where in the second it was greatest.",
          ),
        })
        .optional()
        .describe("Who had the CPUs, in CPU seconds, for each second of the phase."),
    }),
  )
    .optional()
    .describe("Of the machine on which faultline ran; null: not known. Older reports lack it."),
  invalid: nullableText.describe("Set when the measurement of this phase cannot be trusted."),
});

const share = z.looseObject({
  value: number,
  lower95: number,
  upper95: number,
  seconds: count,
  badSeconds: count,
  episodes: count,
  quantile98: orNull(z.tuple([value, value]))
    .optional()
    .describe(
      "98 % interval of a quantile itself, also where verdicts are by what was observed; for comparisons.",
    ),
});

const slo = z.looseObject({
  expect: text.describe("The SLO as the scenario has it."),
  phase: z.enum(JUDGED_PHASES, "expected a phase"),
  verdict,
  unit: sloUnit.describe("Of baseline, observed, after, interval and target. ratio: 0 to 1."),
  baseline: value,
  observed: value,
  after: value.describe("The same metric after the fault was removed."),
  interval: orNull(z.tuple([value, value])).describe("98 % interval, lower then upper."),
  target: value,
  reason: text,
  shared: z
    .looseObject({
      id: z.enum(SHARED_REASON_IDS).describe("What the sentence is about."),
      of: text.describe("The phase or fault that it is true of."),
      own: text.describe("What reason says of this SLO alone."),
    })
    .optional()
    .describe(
      "Set where reason has a sentence that other SLOs have as well: the same id and of, the same sentence.",
    ),
  counts: orNull(z.looseObject({ bad: count, total: count, budget: number })).describe(
    "Bad requests against the share that may be bad.",
  ),
  censored: flag.describe("observed is only a lower bound."),
  lateness: z
    .looseObject({
      decides: flag.describe("Nothing was decided because of it: measuring once more may tell."),
      judgedFrom: z.enum(["due", "dispatch"]).describe("From when latency counts: due, or left."),
    })
    .optional()
    .describe("What the load generator's own lateness had to do with the verdict; not there: nothing."),
  mostly: nullableText
    .optional()
    .describe(
      "Of a broken promise on all requests: which request name most bad ones were of; reason ends with it. Older reports lack it.",
    ),
  share: orNull(share).describe("Share of bad requests with its 95 % interval."),
});

const timing = z.looseObject({
  seconds: orNull(number).describe("null: does not apply."),
  censored: flag.describe("seconds is only a lower bound: it was not seen."),
  holdS: number.describe("Seconds that had to stay good."),
  explanation: text,
});

const interval = z.tuple([number, number]);

const comparison = z.looseObject({
  slo: text,
  difference: number.describe("Share of bad requests in the fault less that in the baseline."),
  interval,
  degraded: flag,
  smallestVisible: orNull(number),
  ratio: orNull(z.looseObject({ value: number, interval, smallestVisible: number })),
  sentence: text,
});

const fault = z.looseObject({
  name: text,
  verdict,
  reason: text,
  briefly: text
    .optional()
    .describe("Of a fault that was not run: the reason without its details. Older reports lack it."),
  injection: z.looseObject({
    proven: flag.describe("Without proof that the fault touched something there is no pass."),
    strength: proofStrength,
    asked: flag.optional().describe("false: the run ended before the proof was asked for."),
    explanation: text,
    description: text,
    toxics: list(text),
    acted: orNull(z.looseObject({ connections: count, of: count }))
      .optional()
      .describe(
        "On how many of the connections that it met the fault acted, of several toxics the one with the smallest share.",
      ),
    connections: orNull(count),
    bytes: orNull(amount),
  }),
  injectedAtS: orNull(number).describe("Seconds since load began; null when it was not run."),
  removedAtS: orNull(number),
  heldLonger: z
    .looseObject({ plannedS: amount, heldS: amount })
    .optional()
    .describe(
      "Seconds, where the fault was in place for at least one more than planned. Older reports lack it.",
    ),
  slos: list(slo),
  recovery: timing,
  detection: timing,
  comparison: list(comparison),
  errorBudget: orNull(
    z.looseObject({
      slo: text,
      burnRate: number,
      consumed: number.describe("Share of a 30-day error budget."),
      interval,
      sentence: text,
    }),
  ),
  search: orNull(search).describe("Result of a search for the breaking point."),
  findings: list(text).describe("In plain language, most important first."),
  findingIds: list(text)
    .optional()
    .describe("What each of the findings is about, in their order; older reports lack it."),
  inReason: list(text)
    .optional()
    .describe("Those findings that `reason` says as well; older reports lack it."),
  newStatuses: list(z.looseObject({ status: count, answers: count, ok: count, of: count }))
    .optional()
    .describe(
      "Statuses that the baseline never showed: how many of all whole answers, and how many of those count as good. Older reports lack it.",
    ),
});

export const reportSchema = z.looseObject({
  formatVersion: count,
  tool,
  scenario,
  verdict: z.enum(["pass", "fail", "inconclusive", "invalid", "aborted"], "expected a verdict"),
  exitCode: count,
  reason: text.describe("One sentence: why this verdict."),
  reasonFaults: list(text)
    .optional()
    .describe("Faults whose own reasons `reason` says; older reports lack it."),
  evidence,
  otherSlos: list(text)
    .optional()
    .describe("SLOs that it was judged by instead of the run's own; not there when those were used."),
  startedAt: text.describe("ISO 8601, UTC."),
  durationS: amount,
  seed: number,
  score: orNull(z.looseObject({ value: number, explanation: text })).describe(
    "0 to 100; null when the baseline did not pass, most SLOs of the faults are undecided, the run is invalid or it ended early.",
  ),
  unjudged: z
    .looseObject({
      scheduled: count,
      outcomes: z.looseObject(perOutcome(() => count)),
      unfinished: count.optional(),
    })
    .optional()
    .describe("Requests that were due between phases, around a change of a fault. Older reports lack it."),
  phases: list(phase),
  baseline: z.looseObject({ verdict, slos: list(slo) }).describe("The SLOs before any fault."),
  faults: list(fault),
  environment,
  load,
  events,
  services,
  ending,
  limits: list(text).describe("What the verdicts do not say, one sentence each."),
});
