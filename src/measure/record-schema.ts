/** The shape of record.json. Keys that a later version adds are kept and ignored. */

import { z } from "zod";
import { JUDGED_PHASES } from "../scenario/slo.js";
import { OUTCOMES } from "./outcome.js";

const text = z.string("expected a text");
const nullableText = z.union([text, z.null()], "expected a text or null");
const flag = z.boolean("expected true or false");
const number = z.number("expected a number");
const amount = number.min(0, "expected a number of 0 or more");
const count = number.int("expected a whole number").min(0, "expected a number of 0 or more");
const nullableNumber = z.union([number, z.null()], "expected a number or null");

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

const perOutcome = <T extends z.ZodType>(value: T) =>
  // Object.fromEntries cannot know that every outcome is there.
  z.looseObject(
    Object.fromEntries(OUTCOMES.map((name) => [name, value])) as Record<(typeof OUTCOMES)[number], T>,
  );

const requestSeries = z.looseObject({
  request: nullableText,
  scheduled: counts,
  outcomes: perOutcome(counts),
  unsentByGenerator: counts,
  slow: z.array(
    z.looseObject({ limitUs: number.positive("expected a number above 0"), due: counts, dispatch: counts }),
    "expected a list",
  ),
  latencyMs: z.looseObject({ p50: times, p90: times, p99: times, max: times }),
  lagP99Ms: times,
  histograms: z.looseObject({ latency: text, dispatchLatency: text, lag: text }),
});

const phaseKind = z.enum(["warmup", "baseline", "fault", "recovery"], "expected a kind of phase");

const phase = z.looseObject({
  id: text,
  kind: phaseKind,
  fault: nullableText,
  startS: number,
  durationS: amount,
  startedAt: text,
  requests: z.array(requestSeries, "expected a list"),
  all: requestSeries,
  connectionsOpened: count,
  bytesSent: amount,
  bytesReceived: amount,
  lost: nullableText,
  reasons: z.record(z.string(), count),
});

const sloUnit = z.enum(["ratio", "ms", "per_s", "s"], "expected a unit of an SLO");

const slo = z.looseObject({
  text,
  metric: z.discriminatedUnion(
    "kind",
    [
      z.looseObject({
        kind: z.literal(["availability", "error_rate", "max", "throughput", "recovery", "detection"]),
      }),
      z.looseObject({
        kind: z.literal("quantile"),
        q: number.gt(0, "expected a number above 0").lt(1, "expected a number below 1"),
      }),
    ],
    "expected a metric",
  ),
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
  phases: z.array(z.enum(JUDGED_PHASES, "expected a phase"), "expected a list"),
  fault: nullableText,
  exceptFaults: z.array(text, "expected a list"),
});

const profile = z.looseObject({
  startValue: amount,
  stages: z.array(
    z.looseObject({ kind: z.enum(["ramp", "step"]), durationMs: amount, to: amount }),
    "expected a list",
  ),
});

const load = z.looseObject({
  targetUrl: text,
  model: z.discriminatedUnion(
    "kind",
    [
      z.looseObject({
        kind: z.literal("open"),
        arrivals: z.enum(["even", "poisson"]),
        profile,
        maxConnections: amount,
      }),
      z.looseObject({ kind: z.literal("closed"), profile, thinkTimeMs: amount }),
    ],
    "expected a load model",
  ),
  timeoutMs: amount,
  workers: count,
  keepAlive: flag,
  requestNames: z.array(text, "expected a list"),
});

const injection = z.discriminatedUnion(
  "kind",
  [
    z.looseObject({
      kind: z.literal("toxic"),
      proxy: text,
      toxic: z.looseObject({
        type: text,
        stream: z.enum(["upstream", "downstream"]),
        toxicity: amount,
        attributes: z.record(z.string(), number),
      }),
    }),
    z.looseObject({ kind: z.literal("down"), proxy: text }),
  ],
  "expected an injection",
);

const traffic = z.union([z.looseObject({ connections: count, bytes: amount }), z.null()]);

const fault = z.looseObject({
  name: text,
  injections: z.array(injection, "expected a list"),
  injectedAtS: nullableNumber,
  removedAtS: nullableNumber,
  notRun: nullableText,
  proof: z.union(
    [
      z.null(),
      z.looseObject({
        strength: z.enum(["observed", "probed", "listed", "none"]),
        proven: flag,
        explanation: text,
        proxies: z.array(
          z.looseObject({
            proxy: text,
            listen: text,
            upstream: text,
            toxics: z.array(text),
            enabled: flag,
            baseline: traffic,
            fault: traffic,
          }),
        ),
      }),
    ],
    "expected a proof or null",
  ),
  search: z.union(
    [
      z.null(),
      z.looseObject({
        proxy: text,
        attribute: text,
        unit: text,
        until: text,
        holdsUpTo: nullableNumber,
        breaksAt: nullableNumber,
        trials: z.array(z.looseObject({ value: number, phase: text, verdict: text })),
        endedEarly: nullableText.optional(),
      }),
    ],
    "expected a search or null",
  ),
});

const endingAt = { reason: text, atS: number };

export const recordSchema = z.looseObject({
  format: z.literal("faultline-record"),
  formatVersion: z.number("expected a number"),
  tool: z.looseObject({ name: z.literal("faultline"), version: text }),
  scenario: z.looseObject({ name: text, hypothesis: nullableText, file: text, sha256: text }),
  seed: number,
  startedAt: text,
  durationS: amount,
  environment: z.looseObject({
    node: text,
    platform: text,
    cpus: count,
    toxiproxy: z.looseObject({ kind: z.enum(["embedded", "external"]), version: text, url: nullableText }),
  }),
  evidence: z.enum(["interval", "observed"], 'expected "interval" or "observed"'),
  slos: z.array(slo, "expected a list"),
  load,
  plannedPhases: z.array(
    z.looseObject({
      id: text,
      kind: phaseKind,
      fault: nullableText,
      startMs: amount,
      durationMs: amount,
      expectedRequests: nullableNumber,
    }),
    "expected a list",
  ),
  phases: z.array(phase, "expected a list"),
  unjudged: z.looseObject({ scheduled: count, outcomes: perOutcome(count) }),
  faults: z.array(fault, "expected a list"),
  events: z.array(
    z.looseObject({
      atS: number,
      kind: z.enum(["service", "phase", "inject", "remove", "wait", "abort", "warning"]),
      text,
    }),
    "expected a list",
  ),
  services: z.array(z.looseObject({ name: text, exit: nullableText, outputTail: text }), "expected a list"),
  ending: z.discriminatedUnion(
    "kind",
    [
      z.looseObject({ kind: z.literal("completed") }),
      z.looseObject({ kind: z.literal("aborted"), ...endingAt }),
      z.looseObject({ kind: z.literal("interrupted"), ...endingAt }),
      z.looseObject({ kind: z.literal("failed"), code: text, ...endingAt }),
    ],
    "expected how the run ended",
  ),
});
