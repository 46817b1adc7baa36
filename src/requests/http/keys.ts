import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import { nameKey, text, textMap } from "../../quantities/schema.js";
import { degradation, expectation } from "../answers/expectation-schema.js";

/** What is sent and what a good answer is. */

/** "$${", slots (which may hold blanks), and characters of a path. Each text can be read in one way only. */
const PATH = /^(?=\/|\$\{)(?:\$\$\{|\$\{[^}]*\}|(?!\$?\$\{)[^\s#])+$/;

/** Data of the user's own. Its texts may hold slots. */
const anyJson = z.json({ error: "data that can be written as JSON" });

export const httpKeys = {
  method: z
    .string({ error: "an HTTP method" })
    .regex(/^[A-Za-z]{1,20}$/, { error: "an HTTP method, such as GET or POST" })
    .meta({ description: "HTTP method.", samples: ["POST"], default: "GET" })
    .prefault("GET"),
  path: z
    .string({ error: "a path that begins with /" })
    .regex(PATH, { error: "a path that begins with /, without blanks or #" })
    .meta({
      description:
        "Path, with the query if you like. One that begins with a captured or fed value is that value: a path, or a URL of the target.",
      samples: ["/products?page=1", "${capture.location}"],
    }),
  query: textMap()
    .meta({ description: "Query parameters; they are encoded for you.", samples: [{ page: "1" }] })
    .optional(),
  headers: headers()
    .meta({ description: "Headers of this request.", samples: [{ accept: "application/json" }] })
    .optional(),
  json: anyJson
    .meta({
      description:
        'A JSON body; sets content-type. `"${seq}"` and `"${random.int(1,9)}"` as a whole value become numbers.',
      samples: [{ sku: "A1" }],
    })
    .optional(),
  body: z
    .string({ error: "text" })
    .meta({ description: "A body as it is.", samples: ["<order/>"] })
    .optional(),
  form: textMap()
    .meta({ description: "A form body (application/x-www-form-urlencoded).", samples: [{ user: "ann" }] })
    .optional(),
  expect: expectation.optional(),
  degraded: degradation.optional(),
};

const capture = z.strictObject(
  {
    json: text("a JSON path")
      .meta({
        description: "JSON path in the body: $, names and positions; no wildcards.",
        samples: ["$.access_token"],
      })
      .optional(),
    header: text("a header name")
      .meta({
        description: 'A header\'s value; several of one name are joined by ", ".',
        samples: ["location"],
      })
      .optional(),
    regex: text("a regular expression")
      .meta({
        description:
          "JavaScript regular expression: first group, or the whole match, in the body or, beside `header`, in its value.",
        samples: ["id=(\\d+)"],
      })
      .optional(),
  },
  { error: "a map with one of `json`, `header` and `regex`, or `header` with `regex`" },
);

/** What a step of a journey has beside them. */
export const httpStepKeys = {
  capture: z
    .record(nameKey(), capture, { error: "a map of names to where the value is found" })
    .meta({
      description: "Values taken from the answer, for ${capture.NAME} in later steps.",
      samples: [{ token: { json: "$.access_token" } }],
    })
    .optional(),
};

/** A request of the mix, or a step of a journey. */
export type HttpRequestInput = z.output<z.ZodObject<typeof httpKeys>> &
  Partial<z.output<z.ZodObject<typeof httpStepKeys>>>;
