import { z } from "zod";
import { headerName } from "../../../quantities/headers.js";
import { choice, percentage, text, textMap, wholeNumber } from "../../../quantities/schema.js";
import { ROUTE_GROUPS } from "./linkerd-action.js";

const port = (description: string) =>
  wholeNumber(1, 65_535)
    .meta({ description, samples: [8080] })
    .optional();

const backend = z.strictObject(
  {
    service: text("the name of a Service").meta({
      description: "The name of the Service, in the same namespace.",
      samples: ["error-injector"],
    }),
    port: port("Its port. Default: its only one."),
  },
  { error: "a map with `service` and `port`" },
);

/** What a user writes under `linkerd:`. */
export const linkerdInput = z.strictObject(
  {
    namespace: text("a namespace").meta({
      description: "Where the Service and its HTTPRoute are.",
      samples: ["shop"],
    }),
    service: text("the name of a Service").meta({
      description: "The Service that is called.",
      samples: ["payments"],
    }),
    port: port("Its port. Default: its only one."),
    backend: backend
      .meta({
        description:
          "A Service that answers wrong, or late: the share goes there. Default: none, and Linkerd's proxies answer with status 500 themselves.",
        samples: [{ service: "error-injector", port: 8080 }],
      })
      .optional(),
    share: percentage()
      .meta({ description: "Of the requests. Default: all.", samples: ["30%"] })
      .optional(),
    path: text("a path")
      .meta({ description: "Only requests to this path, and below it.", samples: ["/charges"] })
      .optional(),
    headers: textMap(headerName)
      .meta({
        description: "Only requests with all of these headers, in full.",
        samples: [{ "x-tenant": "acme" }],
      })
      .optional(),
    route: text("the name of an HTTPRoute")
      .meta({
        description: "The HTTPRoute that is changed, where the Service has several.",
        samples: ["payments"],
      })
      .optional(),
    group: choice(ROUTE_GROUPS)
      .meta({
        description: "The API group of the HTTPRoute. Default: gateway.networking.k8s.io.",
        samples: ["policy.linkerd.io"],
      })
      .optional(),
    clients: textMap()
      .meta({
        description:
          "Labels of the pods whose proxies send the requests: their counters are the proof. Without it nothing shows that a request met the fault.",
        samples: [{ app: "cart" }],
      })
      .optional(),
  },
  { error: "a map with `namespace` and `service`" },
);

export type LinkerdInput = z.output<typeof linkerdInput>;
