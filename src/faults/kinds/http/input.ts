import { z } from "zod";
import { headerName } from "../../../quantities/headers.js";
import {
  choice,
  duration,
  percentage,
  positiveDuration,
  rate,
  textMap,
  wholeNumber,
} from "../../../quantities/schema.js";

const yes = () => z.literal(true, { error: "true" });

const match = z.strictObject(
  {
    method: z
      .string({ error: "a method" })
      .meta({ description: "As it is sent.", samples: ["POST"] })
      .optional(),
    path: z
      .string({ error: "a path" })
      .meta({
        description: "The path without its query, as it is sent; `*` stands for any text, slashes included.",
        samples: ["/charges*"],
      })
      .optional(),
    query: textMap()
      .meta({
        description: "Parameters of the query, each with its value; `*` as above.",
        samples: [{ dry: "*" }],
      })
      .optional(),
    header: textMap(headerName)
      .meta({
        description: "Headers, each with its value; `*` as above.",
        samples: [{ "x-tenant": "acme-*" }],
      })
      .optional(),
  },
  { error: "a map with method, path, query, header" },
);

const DEEDS = ["status", "body", "delay", "cut", "slowHeaders", "close", "reset"] as const;

/** What a user writes under `http:`. */
export const httpInput = z
  .strictObject(
    {
      status: wholeNumber(200, 599)
        .meta({
          description: "An answer in place of the dependency's, which does not see the request.",
          samples: [503],
        })
        .optional(),
      headers: textMap(headerName)
        .meta({
          description: "Headers of that answer. Its length is added.",
          samples: [{ "retry-after": "1" }],
        })
        .optional(),
      body: z
        .string({ error: "text" })
        .meta({
          description:
            "The body of that answer. Without `status`: a body in place of the one in the dependency's answer.",
          samples: ['{"items": ['],
        })
        .optional(),
      delay: duration()
        .meta({ description: "Holds the request for so long before it goes on.", samples: ["800ms"] })
        .optional(),
      jitter: duration()
        .meta({ description: "Makes `delay` vary by up to this much, up and down.", samples: ["200ms"] })
        .optional(),
      before: choice(["request", "answer"])
        .meta({
          description:
            "What `delay` holds. request (the default): before the dependency sees it. answer: after the dependency has done its work.",
          samples: ["answer"],
        })
        .optional(),
      cut: percentage()
        .meta({
          description:
            "The connection is closed after this share of the answer's body; over HTTP/2 the stream is.",
          samples: ["50%"],
        })
        .optional(),
      slowHeaders: positiveDuration()
        .meta({
          description: "The head of the answer comes piece by piece over so long. Over HTTP/1.1 alone.",
          samples: ["5s"],
        })
        .optional(),
      close: yes()
        .meta({ description: "The connection is closed in place of an answer; over HTTP/2 the stream." })
        .optional(),
      reset: yes()
        .meta({ description: "The connection is reset in place of an answer; over HTTP/2 the stream." })
        .optional(),
      share: percentage()
        .meta({
          description: "Acts on this share of requests, drawn with the scenario's `seed`.",
          samples: ["30%"],
        })
        .optional(),
      first: wholeNumber(1, 1_000_000)
        .meta({ description: "Acts on the first so many requests.", samples: [3] })
        .optional(),
      every: wholeNumber(2, 1_000_000)
        .meta({
          description: "Acts on each request of that number: of 10 on the 10th, the 20th …",
          samples: [10],
        })
        .optional(),
      above: rate()
        .meta({
          description: "Lets so many requests through in any second, and acts on the others.",
          samples: ["50/s"],
        })
        .optional(),
      match: match
        .meta({ description: "Which requests; all that is given has to fit. Default: all." })
        .optional(),
    },
    { error: "a map with what is done to requests, such as status: 503" },
  )
  .refine((input) => DEEDS.some((key) => input[key] !== undefined), {
    error: `one or more of ${DEEDS.join(", ")}: what is done to the requests`,
  });

export type HttpInput = z.output<typeof httpInput>;
