import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import { text, yesNo } from "../../quantities/schema.js";
import { tlsSchema } from "./tls.js";

const label = z.string().regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, {
  error: "a label of Prometheus: letters, digits and _, not beginning with a digit or __",
});

const tls = tlsSchema.meta({ description: "For an https:// URL." }).optional();

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
    tls,
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
    metrics: yesNo()
      .meta({
        description: "false: traces alone, for a store such as Jaeger that takes no metrics.",
        default: true,
      })
      .optional(),
    tls,
  },
  { error: "a map with `endpoint`" },
);

const pushgateway = z.strictObject(
  {
    url: text("a URL").meta({ description: "The Pushgateway itself.", samples: ["http://127.0.0.1:9091"] }),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "Basic ${env.PUSHGATEWAY_USER}" }],
      })
      .optional(),
    labels: z
      .record(label, text("a text"), { error: "a map of labels to texts" })
      .meta({
        description: "Of the grouping key, beside `job` and `scenario`.",
        samples: [{ team: "shop" }],
      })
      .optional(),
    tls,
  },
  { error: "a map with `url`" },
);

const grafana = z.strictObject(
  {
    url: text("a URL").meta({ description: "Grafana itself.", samples: ["http://127.0.0.1:3000"] }),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "Bearer ${env.GRAFANA_TOKEN}" }],
      })
      .optional(),
    tls,
  },
  { error: "a map with `url`" },
);

/** As Elasticsearch takes names: in lower case, without what is special in paths. */
const INDEX = /^[a-z0-9][a-z0-9._-]*$/;

const elasticsearch = z.strictObject(
  {
    url: text("a URL").meta({
      description: "The server; /_bulk is below it.",
      samples: ["http://127.0.0.1:9200"],
    }),
    index: text("an index")
      .max(200, { error: "an index of at most 200 characters" })
      .regex(INDEX, { error: "an index in lower-case letters, digits, ., _ and -" })
      .meta({ description: "Index or data stream.", samples: ["chaos"], default: "faultline" })
      .optional(),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "ApiKey ${env.ELASTIC_KEY}" }],
      })
      .optional(),
    tls,
  },
  { error: "a map with `url`" },
);

/** Where a run tells of itself while it goes on. One key for each exporter. */
export const telemetry = z.strictObject(
  {
    remoteWrite: z
      .union([text("a URL"), remoteWrite], {
        error: "a URL, or a map with `url`, `headers`, `labels` and `tls`",
      })
      .meta({
        description: "A server that takes Prometheus' remote write gets what was counted, every second.",
        samples: ["http://127.0.0.1:9090/api/v1/write"],
      })
      .optional(),
    otlp: z
      .union([text("a URL"), otlp], {
        error: "a URL, or a map with `endpoint`, `headers`, `metrics` and `tls`",
      })
      .meta({
        description:
          "A collector of OpenTelemetry gets metrics every second, and the run as a trace when it is over: OTLP over HTTP, in JSON.",
        samples: ["http://127.0.0.1:4318"],
      })
      .optional(),
    pushgateway: z
      .union([text("a URL"), pushgateway], {
        error: "a URL, or a map with `url`, `headers`, `labels` and `tls`",
      })
      .meta({
        description:
          "Prometheus' Pushgateway keeps the results of the last run of each scenario, for Prometheus to fetch.",
        samples: ["http://127.0.0.1:9091"],
      })
      .optional(),
    grafana: z
      .union([text("a URL"), grafana], { error: "a URL, or a map with `url`, `headers` and `tls`" })
      .meta({
        description: "Grafana gets an annotation for each phase while it goes on, and one with the verdict.",
        samples: ["http://127.0.0.1:3000"],
      })
      .optional(),
    elasticsearch: z
      .union([text("a URL"), elasticsearch], {
        error: "a URL, or a map with `url`, `index`, `headers` and `tls`",
      })
      .meta({
        description:
          "A server that takes Elasticsearch's bulk API gets a document for each event, second and verdict.",
        samples: ["http://127.0.0.1:9200"],
      })
      .optional(),
    jsonLines: yesNo()
      .meta({
        description: "Write the same documents to telemetry.jsonl in the run's folder, line by line.",
        default: false,
      })
      .optional(),
  },
  { error: "a map with `remoteWrite`, `otlp`, `pushgateway`, `grafana`, `elasticsearch` or `jsonLines`" },
);

export type TelemetryInput = z.output<typeof telemetry>;
