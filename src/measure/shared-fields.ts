/** What record.json and report.json say of a run in the same words: how it was set up, what happened, how it ended. */

import { z } from "zod";
import type { FaultAction } from "../faults/fault-action.js";
import type { LaterRound } from "../plan/fault-round.js";
import type { PhaseKind } from "../plan/timeline.js";
import type { SloUnit } from "../slo/slo.js";
import { STREAM_PARTS } from "../slo/timed-name.js";
import { perOutcome } from "./outcome.js";
import {
  amount,
  anyText,
  count,
  type Described,
  flag,
  json,
  listOf,
  nullableNumber,
  nullableText,
  number,
} from "./schema-parts.js";

export const phaseKind = z.enum(
  ["warmup", "baseline", "fault", "recovery"] as const satisfies readonly PhaseKind[],
  "expected a kind of phase",
);
/** The fault of which this is a later round. Older records tell it in the fault's name alone. */
export const laterRoundSchema: z.ZodType<LaterRound> = z.looseObject({ of: anyText, number: count });

export const timedWhat = z.enum(["journey", "until", "stream"], "expected journey, until or stream");

export const sloUnit = z.enum(
  ["ratio", "ms", "per_s", "s", "number"] as const satisfies readonly SloUnit[],
  "expected a unit of an SLO",
);
export const evidence = z.enum(["interval", "observed"], 'expected "interval" or "observed"');

export const tool = z.looseObject({ name: z.literal("faultline"), version: anyText });

export const scenario = z.looseObject({
  name: anyText,
  hypothesis: nullableText,
  file: anyText,
  /** Of the scenario's bytes. */
  sha256: anyText,
});

export const environment = z.looseObject({
  node: anyText,
  platform: anyText,
  cpus: count,
  toxiproxy: z.looseObject({ kind: z.enum(["embedded", "external"]), version: anyText, url: nullableText }),
});

const profile = z.looseObject({
  startValue: amount,
  stages: listOf(z.looseObject({ kind: z.enum(["ramp", "step"]), durationMs: amount, to: amount })),
});

export const recordedLoad = z.looseObject({
  targetUrl: anyText,
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
  pipelining: count.default(1),
  protocol: anyText
    .optional()
    .describe('"h2" for HTTP/2. Not there: HTTP/1.1, or what the target\'s scheme says.'),
  unit: z
    .enum(["requests", "journeys"])
    .optional()
    .describe("What the rate counts; a journey is several requests. Not there: requests."),
  answersChallenges: flag
    .optional()
    .describe(
      "true: requests answer challenges of Digest authentication, and these are counted with redirects. Not there: none does.",
    ),
  tracing: z
    .looseObject({
      sampling: number.describe("The share of requests that was marked as sampled, above 0 and at most 1."),
      traceLink: nullableText.describe(
        "Where a trace is shown: a template with ${traceId}. null: not known.",
      ),
    })
    .optional()
    .describe("Requests carried trace ids. Not there: they did not."),
  forward: z
    .looseObject({
      connections: count.describe("Connections that pods took."),
      pods: count.describe("How many pods took some, one after the other or at once."),
    })
    .optional()
    .describe(
      "The load went to pods of a service in a cluster, by port-forwards through its API server. Not there: it went to its target.",
    ),
  /** In the order of the mix. */
  requestNames: listOf(anyText),
  /** What is timed beside single requests. Missing where nothing is, and in older records. */
  timed: listOf(
    z.looseObject({
      name: anyText,
      what: timedWhat,
      of: anyText,
      part: z.enum(STREAM_PARTS, "expected a part of a stream").optional(),
    }),
  ).optional(),
});

/** The load plan without secrets: header values, bodies, feeds and keys are left out. */
export interface RecordedLoad extends Described<typeof recordedLoad> {}

/** Requests by what became of them. */
export const outcomeCounts = z.looseObject(perOutcome(() => count));

/**
 * Requests that were due around a change of a fault. They are in the counts of no phase. What a fault broke of them is kept with
 * the fault, too.
 */
export const unjudged = z.looseObject({
  scheduled: count,
  outcomes: outcomeCounts,
  /** Redirects of these requests that were followed. Missing where the load follows none, and in older records. */
  redirects: count.optional(),
  /**
   * Requests in flight when the run was stopped. They have no outcome and are not in `scheduled`. Older records lack
   * it.
   */
  unfinished: count.optional(),
});

/** Why requests failed ("status 503" → 12), and how many. */
export const reasons = z.record(z.string(), count);

const answerSample = z.looseObject({
  /** As in `reasons`. */
  reason: anyText,
  request: anyText,
  status: count,
  /** At most 200 characters, without secrets and control characters. "" when nothing is readable. */
  body: anyText,
});

export const answerSamples = listOf(answerSample);

/** How a bad answer began. */
export interface AnswerSample extends Described<typeof answerSample> {}

/**
 * Shares (0 to 1) of the time of all CPUs.
 * @param column CPU seconds, one entry per second of a phase.
 */
export function machineUse<Column extends z.ZodType<readonly number[]>>(column: Column) {
  return z.looseObject({
    busy: number.describe("Share of the time of all CPUs that was used, by whatever ran there; 0 to 1."),
    stolen: nullableNumber.describe(
      "Share that the host of a virtual machine gave to others; null: the system does not say.",
    ),
    seconds: z
      .looseObject({
        // Where other programs serve the target on this machine: everything but faultline.
        system: column.describe("What `services:` started."),
        strangers: column.describe("Other programs on this machine."),
        own: column.describe("faultline itself."),
        stolen: column.describe("Given to others by the host of a virtual machine."),
        throttled: column.describe("Taken by a CPU quota."),
        // For each program that `services:` started: its thread that waited most. This is their sum. Older records lack
        // it.
        waited: column
          .optional()
          .describe("How long a request may have waited for a CPU in these services while others had them."),
        waitedAtOnce: column.optional().describe("The most of it within about a tenth of a second."),
        // Below one quarter the load generator's lateness is not the system's doing.
        systemAtMost: column.describe(
          "0 to 1: of what kept others from running, the system's part, where in the second it was greatest.",
        ),
      })
      .optional()
      .describe("Who had the CPUs, in CPU seconds, for each second of the phase."),
  });
}

/** One action on one target. */
export const faultAction: z.ZodType<FaultAction> = z.looseObject({
  kind: anyText,
  driver: anyText,
  target: anyText,
  spec: z.record(z.string(), json),
});

/** How many of the connections that met the fault it acted on. With the unit `request` they are requests. */
export const acted = z.union(
  [z.looseObject({ connections: count, of: count, unit: z.literal("request").optional() }), z.null()],
  "expected counts or null",
);

/** The largest fault under which the SLO still held. Values are in the attribute's own unit. */
export const search = z.looseObject({
  proxy: anyText,
  attribute: anyText,
  unit: anyText,
  until: anyText,
  holdsUpTo: nullableNumber,
  breaksAt: nullableNumber,
  trials: listOf(z.looseObject({ value: number, phase: anyText, verdict: anyText })),
  /** For example: the system did not recover. Older records lack it. */
  endedEarly: nullableText.optional().describe("Why trials that the search would have made were not."),
});

/** What a `find:` search found. */
export interface FaultSearch extends Described<typeof search> {}

const event = z.looseObject({
  /** Seconds since load began. Negative before. */
  atS: number,
  kind: z.enum(["service", "phase", "inject", "remove", "wait", "abort", "warning", "note", "pod"]),
  text: anyText,
});

export const events = listOf(event);

export interface RunEvent extends Described<typeof event> {}

const service = z.looseObject({
  name: anyText,
  /** null: it ran until faultline stopped it. */
  exit: nullableText,
  /** Older records lack it. */
  exitAtS: number.optional().describe("When it ended by itself, in seconds since load began."),
  outputTail: anyText,
});

export const services = listOf(service);

export interface ServiceRecord extends Described<typeof service> {}

const endingAt = { reason: anyText, atS: number };

export const ending = z.discriminatedUnion(
  "kind",
  [
    z.looseObject({ kind: z.literal("completed") }),
    /** An abort condition became true. */
    z.looseObject({ kind: z.literal("aborted"), ...endingAt }),
    z.looseObject({ kind: z.literal("interrupted"), ...endingAt }),
    /**
     * The environment failed while the run went on (a service died, Toxiproxy was lost), or a fault could not be taken
     * out (ROLLBACK_FAILED). `code` is an ErrorCode.
     */
    z.looseObject({ kind: z.literal("failed"), code: anyText, ...endingAt }),
  ],
  "expected how the run ended",
);

export type RunEnding = Described<typeof ending>;
