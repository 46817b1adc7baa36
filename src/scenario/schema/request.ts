import { z } from "zod";
import { headerName } from "../../quantities/header-name.js";
import { duration, list, nameKey, text, textMap } from "../../quantities/schema.js";
import { degradation, expectation } from "./expectation.js";

/** What is sent and what a good answer is: requests, and journeys of them. */

export const headers = () => textMap(headerName);

/** "$${", slots (which may hold blanks), and characters of a path. Each text can be read in one way only. */
const PATH = /^(?=\/|\$\{)(?:\$\$\{|\$\{[^}]*\}|(?!\$?\$\{)[^\s#])+$/;

/** Data of the user's own. Its texts may hold slots. */
const anyJson = z.json({ error: "data that can be written as JSON" });

const requestKeys = {
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

const requestName = () =>
  text("a name")
    .max(100, { error: "a name of at most 100 characters" })
    .regex(/^[^()\r\n]+$/, { error: "a name without brackets" })
    .meta({
      description: "Name in the report and in SLOs: p99(checkout). Default: method and path.",
      samples: ["checkout"],
    });

const weight = () =>
  z
    .number({ error: "a number of at least 0" })
    .min(0, { error: "a number of at least 0" })
    .max(1e9, { error: "a number of at most 1000000000" })
    .meta({ description: "Share of the mix, relative to the others; 0 never sends it.", default: 1 })
    .prefault(1);

/** An entry of `load.requests`. */
export const weightedRequest = z.strictObject(
  { name: requestName().optional(), weight: weight(), ...requestKeys },
  { error: "a map with `path`" },
);

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

const step = z.strictObject(
  {
    name: requestName().optional(),
    ...requestKeys,
    capture: z
      .record(nameKey(), capture, { error: "a map of names to where the value is found" })
      .meta({
        description: "Values taken from the answer, for ${capture.NAME} in later steps.",
        samples: [{ token: { json: "$.access_token" } }],
      })
      .optional(),
    thinkTime: duration()
      .meta({ description: "Wait before the next step; none after the last one.", samples: ["500ms"] })
      .prefault("0ms"),
  },
  { error: "a map with `path`" },
);

/** An entry of `load.journeys`. */
export const journey = z.strictObject(
  {
    name: requestName().meta({ description: "Names the journey.", samples: ["buy"] }),
    weight: weight(),
    steps: list(step, "a list of steps").min(1, { error: "at least one step" }).meta({
      description: "Requests in their order, by one virtual user. A step that fails ends the journey.",
    }),
  },
  { error: "a map with `name` and `steps`" },
);

export type RequestInput = z.output<typeof weightedRequest>;
export type StepInput = z.output<typeof step>;
