import { z } from "zod";
import { FAULT_KEYS, SEARCH_KEYS } from "../../faults/kinds/index.js";
import { MODIFIERS } from "../../faults/modifiers.js";
import type { TargetKey } from "../../faults/target-key.js";
import { duration, list, phaseDuration, shownName, text, wholeNumber } from "../../quantities/schema.js";
import { slo } from "./slo.js";

/** What can be done to one target. Several keys together are done at once. */
const deedKeys = { ...FAULT_KEYS, ...MODIFIERS };

/** What it is done to. */
const targetKeys = {
  proxy: text("the name of a proxy")
    .meta({ description: "A name from proxies:.", samples: ["cache"] })
    .optional(),
  service: text("the name of a service")
    .meta({
      description: "A name from services:, for what is done to its processes.",
      samples: ["worker"],
    })
    .optional(),
} satisfies Readonly<Record<TargetKey, z.ZodType>>;

const injection = z.strictObject(
  { ...targetKeys, ...deedKeys },
  { error: "a map with `proxy` or `service` and what is done to it" },
);
export type InjectionInput = z.output<typeof injection>;

const stage = z.strictObject(
  {
    at: duration().meta({
      description: "When it begins, counted from the fault's begin.",
      samples: ["10s"],
    }),
    ...targetKeys,
    ...deedKeys,
    inject: list(injection, "a list of injections").optional(),
  },
  { error: "a map with `at` and what holds from then on" },
);

const find = z
  .strictObject(
    {
      ...SEARCH_KEYS,
      until: slo().meta({ description: "The SLO that is to hold.", samples: ["p99 < 500ms"] }),
      precision: text()
        .meta({
          description:
            "Stop when the answer is known this narrowly, in the unit that is searched. Default: a fiftieth of the range.",
          samples: ["20ms"],
        })
        .optional(),
      trial: phaseDuration()
        .meta({
          description: "How long each try lasts. Default: the fault phase's duration.",
          samples: ["30s"],
        })
        .optional(),
      maxTrials: wholeNumber(2, 30).meta({ description: "At most this many tries.", default: 8 }).prefault(8),
    },
    { error: "a map with a range, such as latency: 0ms..2s, and `until`" },
  )
  .meta({
    description:
      "Searches for the largest fault that an SLO still holds under. One range, from the mild end to the severe one.",
  });

export const fault = z.strictObject(
  {
    name: shownName(100).meta({
      description: "Names the fault in the report and for --only. Each name once.",
      samples: ["slow cache"],
    }),
    ...targetKeys,
    ...deedKeys,
    inject: list(injection, "a list of injections")
      .meta({
        description: "Several injections at once, on one target or on several (a compound fault).",
        samples: [
          [
            { proxy: "cache", latency: "300ms" },
            { proxy: "database", down: true },
          ],
        ],
      })
      .optional(),
    stages: list(stage, "a list of stages")
      .min(1, { error: "at least one stage" })
      .meta({
        description:
          "Changes the fault over time: from `at` on, what the stage says holds instead of what held before. A stage with nothing but `at` is a pause.",
        samples: [
          [
            { at: "0s", latency: "50ms" },
            { at: "10s", latency: "200ms" },
          ],
        ],
      })
      .optional(),
    find: find.optional(),
    duration: phaseDuration()
      .meta({ description: "How long it lasts, instead of phases.fault.", samples: ["1m"] })
      .optional(),
    recovery: phaseDuration()
      .meta({
        description: "How long its recovery is watched, instead of phases.recovery.",
        samples: ["1m"],
      })
      .optional(),
    repeat: wholeNumber(1, 100)
      .meta({ description: "Runs this fault so many times, with a recovery after each.", default: 1 })
      .prefault(1),
    slos: list(slo(), "a list of SLOs")
      .meta({
        description:
          "SLOs for this fault only. Each takes the place of the scenario's SLOs on the same metric and request.",
        samples: [["availability >= 99%"]],
      })
      .optional(),
  },
  { error: "a map with `name`, `proxy` or `service`, and what is done to it" },
);
export type FaultInput = z.output<typeof fault>;
