import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import { nameKey, positiveDuration, text, textMap, wholeNumber } from "../../quantities/schema.js";
import { VALUE_FORMS } from "../../quantities/value-form.js";
import { degradation, expectation, repetition } from "../answers/expectation-schema.js";
import { authentication } from "../authentication/auth-schema.js";
import { body, multipart } from "./bodies/body-schema.js";

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
    .register(VALUE_FORMS, { form: "path" })
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
  body: body.optional(),
  form: textMap()
    .meta({ description: "A form body (application/x-www-form-urlencoded).", samples: [{ user: "ann" }] })
    .optional(),
  multipart: multipart.optional(),
  auth: authentication()
    .meta({
      description: "Who sends it. none: what `load.auth` says does not count here.",
      samples: [{ basic: { username: "ann", password: "${env.PASSWORD}" } }],
    })
    .optional(),
  expect: expectation.optional(),
  degraded: degradation.optional(),
  stream: z
    .strictObject(
      {
        events: wholeNumber(1, 100_000)
          .meta({
            description: "When so many have come, the request is answered, and its connection closed.",
            default: 1,
            samples: [5],
          })
          .prefault(1),
        firstEvent: positiveDuration()
          .meta({
            description:
              "From when the request was due to its first event. One that is later makes an http_error.",
            samples: ["500ms"],
          })
          .optional(),
        within: positiveDuration()
          .meta({
            description:
              "From when the request was due to its last event; `load.timeout` does not count. Default: that timeout.",
            samples: ["3s"],
          })
          .optional(),
      },
      { error: "a map with `events`, `firstEvent` or `within`" },
    )
    .meta({
      description:
        "The answer is a stream of server-sent events, each of which is timed. An open stream is no timeout.",
      samples: [{ firstEvent: "500ms", events: 5, within: "3s" }],
    })
    .optional(),
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
  until: repetition.optional(),
};

/** A request of the mix, or a step of a journey. */
export type HttpRequestInput = z.output<z.ZodObject<typeof httpKeys>> &
  Partial<z.output<z.ZodObject<typeof httpStepKeys>>>;
