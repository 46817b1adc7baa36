import { z } from "zod";
import { headerName } from "../../../quantities/headers.js";
import {
  choice,
  percentage,
  positiveDuration,
  text,
  textMap,
  wholeNumber,
} from "../../../quantities/schema.js";
import { GRPC_STATUSES } from "../../../support/names/grpc-status.js";

const share = () =>
  percentage().meta({ description: "Of the requests that take the route. Default: all.", samples: ["30%"] });

const abort = z.strictObject(
  {
    status: wholeNumber(200, 599)
      .meta({
        description: "The status of an answer in place of the service's. Default: 503.",
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

/** What a user writes under `istio:`. */
export const istioInput = z
  .strictObject(
    {
      namespace: text("a namespace").meta({
        description: "Where the VirtualService of the host is, or is made.",
        samples: ["shop"],
      }),
      host: text("a host").meta({
        description: "The host that is called, as it stands in `hosts` of a VirtualService.",
        samples: ["payments"],
      }),
      route: text("the name of a route")
        .meta({ description: "The name of one HTTP route. Default: all of them.", samples: ["charges"] })
        .optional(),
      headers: textMap(headerName)
        .meta({
          description: "Only requests with all of these headers, in full.",
          samples: [{ "x-tenant": "acme" }],
        })
        .optional(),
      abort: abort.meta({ description: "Answers requests without asking the service." }).optional(),
      delay: delay.meta({ description: "Holds requests before they go on." }).optional(),
      clients: textMap()
        .meta({
          description:
            "Labels of the pods whose sidecars send the requests: their counters are the proof. Without it nothing shows that a request met the fault.",
          samples: [{ app: "cart" }],
        })
        .optional(),
    },
    { error: "a map with `namespace`, `host`, and `abort` or `delay`" },
  )
  .refine((input) => input.abort !== undefined || input.delay !== undefined, {
    error: "one or both of abort, delay: what is done to requests",
  });

export type IstioInput = z.output<typeof istioInput>;
