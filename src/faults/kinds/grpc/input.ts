import { z } from "zod";
import { headerName } from "../../../quantities/headers.js";
import { choice, duration, percentage, rate, textMap, wholeNumber } from "../../../quantities/schema.js";
import { GRPC_STATUSES } from "../../../support/names/grpc-status.js";

const [, ...FAILURES] = GRPC_STATUSES;

const match = z.strictObject(
  {
    method: z
      .string({ error: "a method" })
      .meta({
        description: "Package, service and method, as in `load`; `*` stands for any text, slashes included.",
        samples: ["shop.Quotes/Get", "shop.Quotes/*"],
      })
      .optional(),
    metadata: textMap(headerName)
      .meta({
        description:
          "Metadata of the call, each with its value; `*` as above. Values of `-bin` are as they are sent.",
        samples: [{ "x-tenant": "acme-*" }],
      })
      .optional(),
  },
  { error: "a map with method, metadata" },
);

const CUT = "true, or a whole number of messages from 0 to 1000000";
const DEEDS = ["status", "delay", "cut"] as const;

/** What a user writes under `grpc:` of a fault. */
export const grpcInput = z
  .strictObject(
    {
      status: choice(FAILURES)
        .meta({
          description: "The status of an answer in place of the dependency's, which does not see the call.",
          samples: ["UNAVAILABLE"],
        })
        .optional(),
      message: z
        .string({ error: "text" })
        .meta({ description: "The message that goes with that status.", samples: ["try again"] })
        .optional(),
      trailers: textMap(headerName)
        .meta({
          description: "Metadata that goes with that status.",
          samples: [{ "grpc-retry-pushback-ms": "500" }],
        })
        .optional(),
      delay: duration()
        .meta({ description: "Holds the call for so long before it goes on.", samples: ["800ms"] })
        .optional(),
      jitter: duration()
        .meta({ description: "Makes `delay` vary by up to this much, up and down.", samples: ["200ms"] })
        .optional(),
      before: choice(["request", "answer"])
        .meta({
          description:
            "What `delay` holds. request (the default): before the dependency sees it. answer: after the dependency has begun to answer.",
          samples: ["answer"],
        })
        .optional(),
      cut: z
        .union([z.literal(true, { error: CUT }), wholeNumber(0, 1_000_000)], { error: CUT })
        .meta({
          description:
            "The stream is reset in the middle of the answer: after so many of its messages, within the next one. true: within the first.",
          samples: [true, 3],
        })
        .optional(),
      share: percentage()
        .meta({
          description: "Acts on this share of calls, drawn with the scenario's `seed`.",
          samples: ["30%"],
        })
        .optional(),
      first: wholeNumber(1, 1_000_000)
        .meta({ description: "Acts on the first so many calls.", samples: [3] })
        .optional(),
      every: wholeNumber(2, 1_000_000)
        .meta({
          description: "Acts on each call of that number: of 10 on the 10th, the 20th …",
          samples: [10],
        })
        .optional(),
      above: rate()
        .meta({
          description: "Lets so many calls through in any second, and acts on the others.",
          samples: ["50/s"],
        })
        .optional(),
      match: match
        .meta({ description: "Which calls; all that is given has to fit. Default: all." })
        .optional(),
    },
    { error: "a map with what is done to calls, such as status: UNAVAILABLE" },
  )
  .refine((input) => DEEDS.some((key) => input[key] !== undefined), {
    error: `one or more of ${DEEDS.join(", ")}: what is done to the calls`,
  });

export type GrpcInput = z.output<typeof grpcInput>;
