/** The shape of record.json. Keys that a later version adds are kept and ignored. */

import { z } from "zod";
import type { FaultAction } from "../faults/fault-action.js";
import { proofSchema } from "../faults/proof.js";
import { metricProblem } from "../slo/metrics/index.js";
import { JUDGED_PHASES } from "../slo/slo.js";
import { messageOf } from "../support/errors.js";
import { injectionOfFormat1 } from "./injections-of-format-1.js";
import { perOutcome } from "./outcome.js";
import { RecordedTimes } from "./recorded-times.js";
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
  nullableNumber,
  nullableText,
  number,
  phaseKind,
  scenario,
  search,
  services,
  sloUnit,
  text,
  tool,
} from "./run-schema.js";

/** A column of thousands of numbers: checked by hand, as a schema for each of them would take most of the time. */
function column<T>(isValue: (value: unknown) => boolean, expected: string) {
  return z
    .custom<readonly T[]>(() => true)
    .superRefine((values: unknown, context) => {
      if (!Array.isArray(values)) {
        context.addIssue({ code: "custom", message: "expected a list of numbers" });
        return;
      }
      const at = values.findIndex((value) => !isValue(value));
      if (at >= 0) context.addIssue({ code: "custom", message: expected, path: [at] });
    });
}

const counts = column<number>(
  (value) => Number.isInteger(value) && Number(value) >= 0,
  "expected a whole number of 0 or more",
);
const times = column<number | null>(
  (value) => value === null || (typeof value === "number" && value >= 0),
  "expected null or a number of 0 or more",
);

const eachOutcome = <T extends z.ZodType>(value: T) => z.looseObject(perOutcome(() => value));

const recordedTimes = text.transform((encoded, context) => {
  try {
    return RecordedTimes.decode(encoded);
  } catch (error) {
    context.addIssue({ code: "custom", message: `expected an HdrHistogram (${messageOf(error)})` });
    return z.NEVER;
  }
});

const requestSeries = z.looseObject({
  request: nullableText,
  scheduled: counts,
  offered: counts.optional(),
  outcomes: eachOutcome(counts),
  unsentByGenerator: counts,
  slow: list(
    z.looseObject({ limitUs: number.positive("expected a number above 0"), due: counts, dispatch: counts }),
  ),
  latencyMs: z.looseObject({ p50: times, p90: times, p99: times, max: times }),
  lagP99Ms: times,
  reasons: z.record(z.string(), count).optional(),
  statuses: z.record(z.string(), z.looseObject({ answers: count, ok: count })).optional(),
  histograms: z.looseObject({ latency: recordedTimes, dispatchLatency: recordedTimes, lag: recordedTimes }),
});

const shares = column<number>(
  (value) => typeof value === "number" && value >= 0,
  "expected a number of 0 or more",
);

const machineUse = z.looseObject({
  busy: amount,
  stolen: nullableNumber,
  seconds: z
    .looseObject({
      system: shares,
      strangers: shares,
      own: shares,
      stolen: shares,
      throttled: shares,
      waited: shares.optional(),
      waitedAtOnce: shares.optional(),
      systemAtMost: shares,
    })
    .optional(),
});

const phase = z.looseObject({
  id: text,
  kind: phaseKind,
  fault: nullableText,
  startS: number,
  durationS: amount,
  startedAt: text,
  requests: list(requestSeries),
  all: requestSeries,
  connectionsOpened: count,
  bytesSent: amount,
  bytesReceived: amount,
  lost: nullableText,
  reasons: z.record(z.string(), count),
  samples: list(z.looseObject({ reason: text, request: text, status: count, body: text })).optional(),
  upstreams: list(
    z.looseObject({
      proxy: text,
      listen: text,
      upstream: text,
      dials: count,
      refused: count,
      isOurs: flag.optional(),
    }),
  ).optional(),
  proxyLateMs: shares.optional(),
  machine: z.union([z.null(), machineUse]).default(null),
});

const slo = z.looseObject({
  text,
  metric: z
    .object({ kind: text }, "expected a metric")
    .catchall(z.union([text, number], "expected a text or a number"))
    .superRefine((spec, context) => {
      const problem = metricProblem(spec);
      if (problem) context.addIssue({ code: "custom", message: problem.expected, path: [problem.key] });
    }),
  request: nullableText,
  operator: z.enum(["<", "<=", ">", ">="], "expected a comparison"),
  target: z.discriminatedUnion(
    "kind",
    [
      z.looseObject({ kind: z.literal("absolute"), value: amount, unit: sloUnit }),
      z.looseObject({
        kind: z.literal("baseline_factor"),
        factor: number.positive("expected a number above 0"),
      }),
      z.looseObject({ kind: z.literal("baseline_offset"), offset: number, unit: sloUnit }),
    ],
    "expected a target",
  ),
  windowS: z.union([number.int().positive(), z.null()], "expected a number of seconds or null"),
  phases: list(z.enum(JUDGED_PHASES, "expected a phase")),
  fault: nullableText,
  exceptFaults: list(text),
});

const action = z.looseObject({
  kind: text,
  driver: text,
  target: text,
  spec: z.record(z.string(), z.json()),
});

/** What is done from some time on; in records of format 1 it is called `injections`. */
const deeds = { actions: list(action).optional(), injections: list(injectionOfFormat1).optional() };

function given(
  actions: readonly FaultAction[] | undefined,
  context: z.RefinementCtx,
): readonly FaultAction[] {
  if (!actions) context.addIssue({ code: "custom", message: "expected a list", path: ["actions"] });
  return actions ?? [];
}

const stage = z
  .looseObject({ atMs: amount, ...deeds })
  .transform(({ injections, actions, ...rest }, context) => ({
    ...rest,
    actions: given(actions ?? injections, context),
  }));

const fault = z
  .looseObject({
    name: text,
    ...deeds,
    stages: list(stage).optional(),
    injectedAtS: nullableNumber,
    removedAtS: nullableNumber,
    notRun: nullableText,
    notRunBrief: text.optional(),
    proof: z.union([z.null(), proofSchema], "expected a proof or null"),
    search: z.union([z.null(), search], "expected a search or null"),
  })
  .transform(({ injections, actions, ...rest }, context) => ({
    ...rest,
    actions: given(actions ?? injections, context),
  }));

export const recordSchema = z.looseObject({
  format: z.literal("faultline-record"),
  formatVersion: z.number("expected a number"),
  tool,
  scenario,
  seed: number,
  startedAt: text,
  durationS: amount,
  environment,
  evidence,
  slos: list(slo),
  load,
  plannedPhases: list(
    z.looseObject({
      id: text,
      kind: phaseKind,
      fault: nullableText,
      startMs: amount,
      durationMs: amount,
      expectedRequests: nullableNumber,
    }),
  ),
  phases: list(phase),
  unjudged: z.looseObject({
    scheduled: count,
    outcomes: eachOutcome(count),
    unfinished: count.optional(),
  }),
  faults: list(fault),
  events,
  services,
  ending,
});
