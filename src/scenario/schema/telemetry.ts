import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import { text } from "../../quantities/schema.js";

const label = z.string().regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, {
  error: "a label of Prometheus: letters, digits and _, not beginning with a digit or __",
});

const remoteWrite = z.strictObject(
  {
    url: text("a URL").meta({
      description: "Where samples are posted.",
      samples: ["http://127.0.0.1:9090/api/v1/write"],
    }),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "Bearer ${env.PROMETHEUS_TOKEN}" }],
      })
      .optional(),
    labels: z
      .record(label, text("a text"), { error: "a map of labels to texts" })
      .meta({
        description: "Labels of all series, beside `scenario` and the like.",
        samples: [{ team: "shop" }],
      })
      .optional(),
  },
  { error: "a map with `url`" },
);

const otlp = z.strictObject(
  {
    endpoint: text("a URL").meta({
      description: "The collector; /v1/metrics and /v1/traces are below it.",
      samples: ["http://127.0.0.1:4318"],
    }),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "Bearer ${env.OTLP_TOKEN}" }],
      })
      .optional(),
  },
  { error: "a map with `endpoint`" },
);

/** Where a run tells of itself while it goes on. One key for each exporter. */
export const telemetry = z.strictObject(
  {
    remoteWrite: z
      .union([text("a URL"), remoteWrite], { error: "a URL, or a map with `url`, `headers` and `labels`" })
      .meta({
        description: "A server that takes Prometheus' remote write gets what was counted, every second.",
        samples: ["http://127.0.0.1:9090/api/v1/write"],
      })
      .optional(),
    otlp: z
      .union([text("a URL"), otlp], { error: "a URL, or a map with `endpoint` and `headers`" })
      .meta({
        description:
          "A collector of OpenTelemetry gets metrics every second, and the run as a trace when it is over: OTLP over HTTP, in JSON.",
        samples: ["http://127.0.0.1:4318"],
      })
      .optional(),
  },
  { error: "a map with `remoteWrite` or `otlp`" },
);

export type TelemetryInput = z.output<typeof telemetry>;
