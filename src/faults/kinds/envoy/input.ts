import { z } from "zod";
import { choice, percentage, positiveDuration, text, wholeNumber } from "../../../quantities/schema.js";
import { GRPC_STATUSES } from "../../../support/names/grpc-status.js";

const share = () =>
  percentage().meta({
    description: "Of the requests that get to the filter. Default: all.",
    samples: ["30%"],
  });

const abort = z.strictObject(
  {
    status: wholeNumber(200, 599)
      .meta({
        description: "The status of an answer in place of the upstream's. Default: 503.",
        samples: [503],
      })
      .optional(),
    grpc: choice(GRPC_STATUSES)
      .meta({ description: "The same for calls of gRPC: their status.", samples: ["UNAVAILABLE"] })
      .optional(),
    share: share().optional(),
  },
  { error: "a map with `status` or `grpc`, and `share`" },
);

const delay = z.strictObject(
  {
    fixed: positiveDuration().meta({
      description: "How long a request is held before it goes on.",
      samples: ["800ms"],
    }),
    share: share().optional(),
  },
  { error: "a map with `fixed` and `share`" },
);

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
      abort: abort.meta({ description: "Answers requests without asking the upstream." }).optional(),
      delay: delay.meta({ description: "Holds requests before they go on." }).optional(),
    },
    { error: "a map with `admin`, and `abort` or `delay`" },
  )
  .refine((input) => input.abort !== undefined || input.delay !== undefined, {
    error: "one or both of abort, delay: what is done to requests",
  });

export type EnvoyInput = z.output<typeof envoyInput>;
