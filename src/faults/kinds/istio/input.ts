import { z } from "zod";
import { headerName } from "../../../quantities/headers.js";
import { text, textMap } from "../../../quantities/schema.js";
import { abortAndDelay, abortsOrDelays, WHAT_IS_DONE } from "../requests/abort-and-delay.js";

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
      ...abortAndDelay({ shareOf: "the requests that take the route", server: "the service" }),
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
  .refine(abortsOrDelays, WHAT_IS_DONE);

export type IstioInput = z.output<typeof istioInput>;
