import { z } from "zod";
import { text } from "../../../quantities/schema.js";
import { abortAndDelay, abortsOrDelays, WHAT_IS_DONE } from "../requests/abort-and-delay.js";

/** What a user writes under `envoy:`. */
export const envoyInput = z
  .strictObject(
    {
      admin: text("a URL").meta({
        description: "Where Envoy's admin interface answers: http://HOST:PORT.",
        samples: ["http://127.0.0.1:9901"],
      }),
      statPrefix: text("the `stat_prefix` of a connection manager")
        .meta({
          description:
            "Acts at this connection manager alone, by its `stat_prefix`. Its fault filter needs runtime keys of its own. Default: at all that have the filter.",
          samples: ["ingress_http"],
        })
        .optional(),
      ...abortAndDelay({ shareOf: "the requests that get to the filter", server: "the upstream" }),
    },
    { error: "a map with `admin`, and `abort` or `delay`" },
  )
  .refine(abortsOrDelays, WHAT_IS_DONE);

export type EnvoyInput = z.output<typeof envoyInput>;
