import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import { positiveDuration, text } from "../../quantities/schema.js";
import { tlsSchema } from "./tls.js";

/** Where the alerts are watched that SLOs name. */
export const alerts = z.strictObject(
  {
    prometheus: text("a URL")
      .meta({ description: "A Prometheus whose rules make the alerts.", samples: ["http://127.0.0.1:9090"] })
      .optional(),
    alertmanager: text("a URL")
      .meta({
        description: "An Alertmanager: an alert fires when it is there, and not silenced or inhibited.",
        samples: ["http://127.0.0.1:9093"],
      })
      .optional(),
    every: positiveDuration()
      .meta({ description: "How often they are asked.", samples: ["2s"] })
      .prefault("1s"),
    timeout: positiveDuration()
      .meta({ description: "How long one answer may take.", samples: ["2s"] })
      .prefault("5s"),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "Bearer ${env.PROMETHEUS_TOKEN}" }],
      })
      .optional(),
    tls: tlsSchema.meta({ description: "For https:// addresses." }).optional(),
  },
  { error: "a map with `prometheus` or `alertmanager`" },
);
