/** What record.json and report.json say of a run in the same words: how it was set up, what happened, how it ended. */

import { z } from "zod";

export const text = z.string("expected a text");
export const flag = z.boolean("expected true or false");
export const number = z.number("expected a number");
export const amount = number.min(0, "expected a number of 0 or more");
export const count = number.int("expected a whole number").min(0, "expected a number of 0 or more");
export const nullableText = z.union([text, z.null()], "expected a text or null");
export const nullableNumber = z.union([number, z.null()], "expected a number or null");
export const list = <T extends z.ZodType>(value: T) => z.array(value, "expected a list");

export const phaseKind = z.enum(["warmup", "baseline", "fault", "recovery"], "expected a kind of phase");
export const sloUnit = z.enum(["ratio", "ms", "per_s", "s"], "expected a unit of an SLO");
export const evidence = z.enum(["interval", "observed"], 'expected "interval" or "observed"');
export const proofStrength = z.enum(["observed", "probed", "listed", "none"]);

export const tool = z.looseObject({ name: z.literal("faultline"), version: text });

export const scenario = z.looseObject({ name: text, hypothesis: nullableText, file: text, sha256: text });

export const environment = z.looseObject({
  node: text,
  platform: text,
  cpus: count,
  toxiproxy: z.looseObject({ kind: z.enum(["embedded", "external"]), version: text, url: nullableText }),
});

const profile = z.looseObject({
  startValue: amount,
  stages: list(z.looseObject({ kind: z.enum(["ramp", "step"]), durationMs: amount, to: amount })),
});

export const load = z.looseObject({
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
  pipelining: count.default(1),
  unit: z
    .enum(["requests", "journeys"])
    .optional()
    .describe("What the rate counts; a journey is several requests. Not there: requests."),
  requestNames: list(text),
});

export const search = z.looseObject({
  proxy: text,
  attribute: text,
  unit: text,
  until: text,
  holdsUpTo: nullableNumber,
  breaksAt: nullableNumber,
  trials: list(z.looseObject({ value: number, phase: text, verdict: text })),
  endedEarly: nullableText.optional().describe("Why trials that the search would have made were not."),
});

export const events = list(
  z.looseObject({
    atS: number,
    kind: z.enum(["service", "phase", "inject", "remove", "wait", "abort", "warning"]),
    text,
  }),
);

export const services = list(z.looseObject({ name: text, exit: nullableText, outputTail: text }));

const endingAt = { reason: text, atS: number };

export const ending = z.discriminatedUnion(
  "kind",
  [
    z.looseObject({ kind: z.literal("completed") }),
    z.looseObject({ kind: z.literal("aborted"), ...endingAt }),
    z.looseObject({ kind: z.literal("interrupted"), ...endingAt }),
    z.looseObject({ kind: z.literal("failed"), code: text, ...endingAt }),
  ],
  "expected how the run ended",
);
