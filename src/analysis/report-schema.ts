/**
 * The shape of report.json, for whoever reads one: `compare` and `history` here, and everyone else through
 * schema/report.schema.json, which is made from this. Keys that a later version adds are kept and ignored.
 */

import { z } from "zod";
import { OUTCOMES } from "../measure/outcome.js";
import { JUDGED_PHASES } from "../scenario/slo.js";

const text = z.string("expected a text");
const number = z.number("expected a number");
const amount = number.min(0, "expected a number of 0 or more");
const count = number.int("expected a whole number").min(0, "expected a number of 0 or more");
const flag = z.boolean("expected true or false");
const orNull = <T extends z.ZodType>(value: T) => z.union([value, z.null()]);
const list = <T extends z.ZodType>(value: T) => z.array(value, "expected a list");

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
    // Object.fromEntries cannot know that every outcome is there.
    ...(Object.fromEntries(OUTCOMES.map((name) => [name, count])) as Record<
      (typeof OUTCOMES)[number],
      typeof count
    >),
  })
  .describe("What became of the requests that were due; the outcomes add up to scheduled.");

const measured = {
  requests,
  latencyMs,
  availability: orNull(number).describe("Share of requests that were ok, 0 to 1; null when none was due."),
  throughputPerS: amount.describe("Good answers a second."),
};

const phase = z.looseObject({
  id: text,
  name: text,
  kind: z.enum(["warmup", "baseline", "fault", "recovery"], "expected a kind of phase"),
  fault: orNull(text).describe("The fault's name in fault and recovery phases."),
  startS: number.describe("Seconds since load began."),
  durationS: amount,
  late: z.looseObject({ p99Ms: orNull(number).describe("The generator's own lateness.") }),
  ...measured,
  perRequest: list(z.looseObject({ name: text, ...measured })),
  reasons: z.record(z.string(), count).describe("Why requests failed, and how many."),
  invalid: orNull(text).describe("Set when the measurement of this phase cannot be trusted."),
});

const share = z.looseObject({
  value: number,
  lower95: number,
  upper95: number,
  seconds: count,
  badSeconds: count,
  episodes: count,
});

const slo = z.looseObject({
  expect: text.describe("The SLO as the scenario has it."),
  phase: z.enum(JUDGED_PHASES, "expected a phase"),
  verdict,
  unit: z
    .enum(["ratio", "ms", "per_s", "s"], "expected a unit of an SLO")
    .describe("Of baseline, observed, after, interval and target. ratio: 0 to 1."),
  baseline: value,
  observed: value,
  after: value.describe("The same metric after the fault was removed."),
  interval: orNull(z.tuple([value, value])).describe("98 % interval, lower then upper."),
  target: value,
  reason: text,
  counts: orNull(z.looseObject({ bad: count, total: count, budget: number })).describe(
    "Bad requests against the share that may be bad.",
  ),
  censored: flag.describe("observed is only a lower bound."),
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

const search = z.looseObject({
  proxy: text,
  attribute: text,
  unit: text,
  until: text,
  holdsUpTo: orNull(number),
  breaksAt: orNull(number),
  trials: list(z.looseObject({ value: number, phase: text, verdict: text })),
  endedEarly: orNull(text).optional().describe("Why trials that the search would have made were not."),
});

const fault = z.looseObject({
  name: text,
  verdict,
  reason: text,
  injection: z.looseObject({
    proven: flag.describe("Without proof that the fault touched something there is no pass."),
    strength: z.enum(["observed", "probed", "listed", "none"]),
    explanation: text,
    description: text,
    toxics: list(text),
    connections: orNull(count),
    bytes: orNull(amount),
  }),
  injectedAtS: orNull(number).describe("Seconds since load began; null when it was not run."),
  removedAtS: orNull(number),
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
});

const profile = z.looseObject({
  startValue: amount,
  stages: list(z.looseObject({ kind: z.enum(["ramp", "step"]), durationMs: amount, to: amount })),
});

const load = z.looseObject({
  targetUrl: text,
  model: z.discriminatedUnion("kind", [
    z.looseObject({
      kind: z.literal("open"),
      arrivals: z.enum(["even", "poisson"]),
      profile,
      maxConnections: amount,
    }),
    z.looseObject({ kind: z.literal("closed"), profile, thinkTimeMs: amount }),
  ]),
  timeoutMs: amount,
  workers: count,
  keepAlive: flag,
  requestNames: list(text),
});

const ending = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("completed") }),
  z.looseObject({ kind: z.literal("aborted"), reason: text, atS: number }),
  z.looseObject({ kind: z.literal("interrupted"), reason: text, atS: number }),
  z.looseObject({ kind: z.literal("failed"), code: text, reason: text, atS: number }),
]);

export const reportSchema = z.looseObject({
  formatVersion: count,
  tool: z.looseObject({ name: z.literal("faultline"), version: text }),
  scenario: z.looseObject({ name: text, hypothesis: orNull(text), file: text, sha256: text }),
  verdict: z.enum(["pass", "fail", "inconclusive", "invalid", "aborted"], "expected a verdict"),
  exitCode: count,
  reason: text.describe("One sentence: why this verdict."),
  evidence: z.enum(["interval", "observed"]),
  otherSlos: list(text)
    .optional()
    .describe("SLOs that it was judged by instead of the run's own; not there when those were used."),
  startedAt: text.describe("ISO 8601, UTC."),
  durationS: amount,
  seed: number,
  score: orNull(z.looseObject({ value: number, explanation: text })).describe(
    "0 to 100; null when the baseline did not pass, the run is invalid or it ended early.",
  ),
  phases: list(phase),
  baseline: z.looseObject({ verdict, slos: list(slo) }).describe("The SLOs before any fault."),
  faults: list(fault),
  environment: z.looseObject({
    node: text,
    platform: text,
    cpus: count,
    toxiproxy: z.looseObject({ kind: z.enum(["embedded", "external"]), version: text, url: orNull(text) }),
  }),
  load,
  events: list(
    z.looseObject({
      atS: number,
      kind: z.enum(["service", "phase", "inject", "remove", "wait", "abort", "warning"]),
      text,
    }),
  ),
  services: list(z.looseObject({ name: text, exit: orNull(text), outputTail: text })),
  ending,
  limits: list(text).describe("What the verdicts do not say, one sentence each."),
});
