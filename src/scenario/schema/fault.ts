import { z } from "zod";
import {
  bandwidth,
  bandwidthRange,
  choice,
  duration,
  durationRange,
  list,
  percentage,
  phaseDuration,
  positiveDuration,
  size,
  sizeRange,
  slo,
  text,
  wholeNumber,
} from "../../quantities/schema.js";

const stream = () =>
  choice(["upstream", "downstream"]).meta({
    description:
      "Which way the effect works: upstream is from the service to the dependency (requests), downstream is what comes back (answers).",
  });

const toxicity = () =>
  percentage().meta({
    description:
      "Share of connections (not of requests) that are hit. With pooled connections 30% of connections is not 30% of requests.",
    samples: ["30%"],
  });

/** What can be done to one proxy; several keys together are several toxics at once. */
const injectionKeys = {
  latency: duration()
    .meta({ description: "Delays everything by this much.", samples: ["300ms"] })
    .optional(),
  jitter: duration()
    .meta({ description: "Makes `latency` vary by up to this much, up and down.", samples: ["50ms"] })
    .optional(),
  bandwidth: bandwidth()
    .meta({ description: "Limits the speed of each connection. 1KB is 1,000 bytes.", samples: ["100KB/s"] })
    .optional(),
  partition: choice(["both", "upstream", "downstream"])
    .meta({
      description:
        "Packets vanish: connections stay open and nothing comes through, both ways or one. When it ends, the connections are closed, or as `heal` says.",
      samples: ["both"],
    })
    .optional(),
  heal: choice(["close", "resume"])
    .meta({
      description:
        "How a `partition` ends. close (the default): its connections are closed. resume: they stay, and what was sent meanwhile comes through late and in order, as TCP does it after a short cut of the network.",
      samples: ["resume"],
    })
    .optional(),
  down: z
    .literal(true, { error: "true (leave the key out otherwise)" })
    .meta({ description: "Connections are refused, those that are open are closed." })
    .optional(),
  reset: duration()
    .meta({
      description:
        "Resets both sides of a connection (TCP RST) this long after data (or a close) first comes through it; 0ms: at once.",
      samples: ["0ms"],
    })
    .optional(),
  timeout: positiveDuration()
    .meta({
      description: "Nothing comes through, and each connection is closed after this long.",
      samples: ["5s"],
    })
    .optional(),
  slow_close: duration()
    .meta({ description: "Connections close this much later.", samples: ["2s"] })
    .optional(),
  slicer: z
    .strictObject(
      {
        size: size().meta({ description: "Average size of a piece.", samples: ["64B"] }),
        variation: size()
          .meta({ description: "How much the size varies; less than `size`.", samples: ["16B"] })
          .optional(),
        delay: duration()
          .meta({ description: "Wait after each piece.", samples: ["10ms"] })
          .prefault("0ms"),
      },
      { error: "a map with `size`, and `variation` and `delay` if wanted" },
    )
    .meta({ description: "Cuts the data into small pieces." })
    .optional(),
  limit_data: size()
    .meta({ description: "Closes each connection after this much data.", samples: ["10KB"] })
    .optional(),
  toxic: z
    .strictObject(
      {
        type: text().meta({ description: "The toxic's type as Toxiproxy calls it.", samples: ["latency"] }),
        attributes: z
          .record(z.string(), z.number({ error: "a number" }), {
            error: "a map of attribute names to numbers",
          })
          .meta({ description: "Its attributes, in Toxiproxy's own units.", samples: [{ latency: 100 }] })
          .prefault({}),
      },
      { error: "a map with `type` and `attributes`" },
    )
    .meta({ description: "Any toxic, passed through as it is: for servers with toxics of their own." })
    .optional(),
  stream: stream().optional(),
  toxicity: toxicity().optional(),
};

export const INJECTION_KEYS = [
  "latency",
  "jitter",
  "bandwidth",
  "partition",
  "down",
  "reset",
  "timeout",
  "slow_close",
  "slicer",
  "limit_data",
  "toxic",
] as const satisfies readonly (keyof typeof injectionKeys)[];

const proxyName = () =>
  text("the name of a proxy").meta({ description: "A name from proxies:.", samples: ["cache"] });

const injection = z.strictObject(
  { proxy: proxyName().optional(), ...injectionKeys },
  { error: "a map with `proxy` and what is done to it" },
);
export type InjectionInput = z.output<typeof injection>;

const stage = z.strictObject(
  {
    at: duration().meta({
      description: "When it begins, counted from the fault's begin.",
      samples: ["10s"],
    }),
    proxy: proxyName().optional(),
    ...injectionKeys,
    inject: list(injection, "a list of injections").optional(),
  },
  { error: "a map with `at` and what holds from then on" },
);

const find = z
  .strictObject(
    {
      latency: durationRange()
        .meta({ samples: ["0ms..2s"] })
        .optional(),
      jitter: durationRange()
        .meta({ samples: ["0ms..500ms"] })
        .optional(),
      bandwidth: bandwidthRange()
        .meta({ samples: ["10MB/s..10KB/s"] })
        .optional(),
      limit_data: sizeRange()
        .meta({ samples: ["1MB..1KB"] })
        .optional(),
      slow_close: durationRange()
        .meta({ samples: ["0ms..5s"] })
        .optional(),
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

export const FIND_KEYS = ["latency", "jitter", "bandwidth", "limit_data", "slow_close"] as const;

export const fault = z.strictObject(
  {
    name: text("a name")
      .max(100, { error: "a name of at most 100 characters" })
      .meta({
        description: "Names the fault in the report and for --only. Each name once.",
        samples: ["slow cache"],
      }),
    proxy: proxyName().optional(),
    ...injectionKeys,
    inject: list(injection, "a list of injections")
      .meta({
        description: "Several injections at once, on one proxy or on several (a compound fault).",
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
  { error: "a map with `name`, `proxy` and what is done to it" },
);
export type FaultInput = z.output<typeof fault>;
