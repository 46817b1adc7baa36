import { z } from "zod";
import {
  choice,
  duration,
  list,
  nameKey,
  phaseDuration,
  positiveDuration,
  rate,
  text,
  textMap,
  wholeNumber,
  yesNo,
} from "./quantities.js";

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "a header name" });

const headers = () => textMap(headerName);

const STATUS = "a status from 100 to 599 or a class such as 2xx, or a list of them";
const status = z.union(
  [
    z.number().int().min(100, { error: STATUS }).max(599, { error: STATUS }),
    z.templateLiteral([z.enum(["1", "2", "3", "4", "5"]), "xx"], { error: STATUS }),
  ],
  { error: STATUS },
);

const expectation = z
  .strictObject(
    {
      status: z
        .union([status, z.array(status).min(1, { error: STATUS })], { error: STATUS })
        .meta({
          description: "Statuses that count as good. Default: 2xx and 3xx.",
          samples: [201, "2xx", [200, 404]],
        })
        .optional(),
      headers: headers()
        .meta({
          description: "Text that a header's value must contain.",
          samples: [{ "content-type": "json" }],
        })
        .optional(),
      body: text()
        .meta({ description: "Text that the body must contain.", samples: ["in stock"] })
        .optional(),
      json: z
        .record(
          z.string(),
          z.union([z.string(), z.number(), z.boolean(), z.null()], {
            error: "text, a number, true, false or null",
          }),
          {
            error: "a map of JSON paths to values",
          },
        )
        .meta({ description: "JSON path → the value it must have.", samples: [{ "$.items[0].sku": "A1" }] })
        .optional(),
    },
    { error: "a map with `status`, `headers`, `body` or `json`" },
  )
  .meta({ description: "What a good answer looks like; any other counts as http_error." });

/** Data of the user's own; its texts may hold slots. */
const anyJson = z.json({ error: "data that can be written as JSON" });

const requestKeys = {
  method: z
    .string({ error: "an HTTP method" })
    .regex(/^[A-Za-z]{1,20}$/, { error: "an HTTP method, such as GET or POST" })
    .meta({ description: "HTTP method.", samples: ["POST"], default: "GET" })
    .prefault("GET"),
  path: z
    .string({ error: "a path that begins with /" })
    .regex(/^\/[^\s#]*$/, { error: "a path that begins with /, without blanks or #" })
    .meta({ description: "Path, with the query if you like.", samples: ["/products?page=1"] }),
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

const weightedRequest = z.strictObject(
  { name: requestName().optional(), weight: weight(), ...requestKeys },
  { error: "a map with `path`" },
);

const capture = z.strictObject(
  {
    json: text("a JSON path")
      .meta({ description: "JSON path in the body.", samples: ["$.access_token"] })
      .optional(),
    header: text("a header name")
      .meta({ description: "A header's value.", samples: ["location"] })
      .optional(),
    regex: text("a regular expression")
      .meta({ description: "First group, or the whole match, in the body.", samples: ["id=(\\d+)"] })
      .optional(),
  },
  { error: "a map with one of `json`, `header` and `regex`" },
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
      .meta({ description: "Wait before the next step.", samples: ["500ms"] })
      .prefault("0ms"),
  },
  { error: "a map with `path`" },
);

const journey = z.strictObject(
  {
    name: requestName().meta({ description: "Names the journey.", samples: ["buy"] }),
    weight: weight(),
    steps: list(step, "a list of steps").min(1, { error: "at least one step" }).meta({
      description: "Requests in their order, by one virtual user. A step that fails ends the journey.",
    }),
  },
  { error: "a map with `name` and `steps`" },
);

const feed = z.strictObject(
  {
    file: text("a file's path")
      .meta({
        description: "CSV with a header line, or a JSON list of maps; relative to the scenario.",
        samples: ["users.csv"],
      })
      .optional(),
    rows: list(textMap(), "a list of maps")
      .min(1, { error: "at least one row" })
      .meta({ description: "The rows themselves." })
      .optional(),
    pick: choice(["round-robin", "random"])
      .meta({
        description: "In their order, again from the start after the last; or at random, seeded.",
        default: "round-robin",
      })
      .prefault("round-robin"),
  },
  { error: "a map with `file` or `rows`" },
);

const stage = z.strictObject(
  {
    ramp: phaseDuration()
      .meta({ description: "Go from the last value to this stage's over so long.", samples: ["30s"] })
      .optional(),
    hold: phaseDuration()
      .meta({ description: "Be at this stage's value (or stay as it is) for so long.", samples: ["1m"] })
      .optional(),
    rate: rate()
      .meta({ description: "For the open model.", samples: ["500/s"] })
      .optional(),
    connections: wholeNumber(1, 100_000).meta({ description: "For the closed model." }).optional(),
  },
  { error: "a map with `ramp` or `hold`, and `rate` or `connections`" },
);

const tls = z.strictObject(
  {
    ca: text("a file's path")
      .meta({ description: "PEM file of the authority to trust.", samples: ["ca.pem"] })
      .optional(),
    cert: text("a file's path")
      .meta({ description: "PEM file of the client's certificate (mutual TLS)." })
      .optional(),
    key: text("a file's path").meta({ description: "PEM file of the client's private key." }).optional(),
    servername: text("a host name")
      .meta({ description: "Name for SNI and for the check of the certificate." })
      .optional(),
    verify: yesNo()
      .meta({ description: "Whether the server's certificate is checked.", default: true })
      .prefault(true),
  },
  { error: "a map with `ca`, `cert`, `key`, `servername` or `verify`" },
);

export const load = z.strictObject(
  {
    target: text("a URL such as http://127.0.0.1:3000").meta({
      description:
        "http:// or https:// URL of the system under test. A path in it is put before each request's path.",
      samples: ["http://127.0.0.1:3000"],
    }),
    socket: text("a unix socket's path")
      .meta({
        description: "Connect to this unix socket; the target then only names the host.",
        samples: ["/run/shop.sock"],
      })
      .optional(),
    rate: rate()
      .meta({
        description:
          "Open model: requests (or journeys) are due at this rate whatever the system does. The right one for SLOs.",
        samples: ["200/s"],
      })
      .optional(),
    connections: wholeNumber(1, 100_000)
      .meta({ description: "Closed model: each connection sends when its last answer came.", samples: [50] })
      .optional(),
    stages: list(stage, "a list of stages")
      .meta({
        description:
          "Changes `rate` (or `connections`) over time, counted from the begin of the load; the last value stays.",
        samples: [[{ ramp: "30s", rate: "500/s" }, { hold: "1m" }]],
      })
      .optional(),
    arrivals: choice(["even", "poisson"])
      .meta({
        description: "Open model: evenly spaced, or at random like independent users.",
        default: "even",
      })
      .optional(),
    maxConnections: wholeNumber(1, 100_000)
      .meta({
        description:
          "Open model: connections that may be open at once. Default: as many as the highest rate can need within the timeout, 10 to 10000.",
      })
      .optional(),
    thinkTime: duration()
      .meta({ description: "Closed model: wait after each answer.", samples: ["100ms"] })
      .optional(),
    timeout: positiveDuration()
      .meta({
        description: "From when a request was due to when its whole answer must be there.",
        samples: ["2s"],
      })
      .prefault("10s"),
    workers: z
      .union([wholeNumber(1, 64), z.literal("auto")], { error: "a whole number from 1 to 64, or auto" })
      .meta({ description: "Load threads; auto chooses by rate and processors.", default: "auto" })
      .prefault("auto"),
    keepAlive: yesNo()
      .meta({ description: "false: a new connection for each request.", default: true })
      .prefault(true),
    headers: headers()
      .meta({ description: "Headers of all requests.", samples: [{ authorization: "Bearer ${env.TOKEN}" }] })
      .optional(),
    tls: tls.meta({ description: "For https:// targets." }).optional(),
    requests: list(weightedRequest, "a list of requests")
      .min(1, { error: "at least one request" })
      .meta({ description: "The mix of requests. Neither requests nor journeys: GET of the target itself." })
      .optional(),
    journeys: list(journey, "a list of journeys")
      .min(1, { error: "at least one journey" })
      .meta({ description: "What virtual users do, step by step." })
      .optional(),
    data: z
      .record(nameKey(), feed, { error: "a map of names to data feeds" })
      .meta({
        description: "Rows for ${data.FEED.COLUMN}; one request or journey uses one row of each feed.",
      })
      .optional(),
  },
  { error: "a map with `target` and `rate` or `connections`" },
);
export type LoadInput = z.output<typeof load>;
export type RequestInput = z.output<typeof weightedRequest>;
export type StepInput = z.output<typeof step>;
