import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import {
  choice,
  duration,
  list,
  nameKey,
  percentage,
  phaseDuration,
  positiveDuration,
  rate,
  rateOrZero,
  text,
  textMap,
  wholeNumber,
  yesNo,
} from "../../quantities/schema.js";
import { authentication } from "../../requests/authentication/auth-schema.js";
import { journey, login, weightedRequest } from "./request.js";
import { tlsSchema } from "./tls.js";

/** How much is sent, over which connections and to where. */

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
      .meta({
        description: "Go from the last value to this stage's over so long; at least 1s.",
        samples: ["30s"],
      })
      .optional(),
    hold: phaseDuration()
      .meta({
        description: "Be at this stage's value (or stay as it is) for so long; at least 1s.",
        samples: ["1m"],
      })
      .optional(),
    rate: rateOrZero()
      .meta({ description: "For the open model; 0/s sends nothing.", samples: ["500/s"] })
      .optional(),
    connections: wholeNumber(0, 100_000)
      .meta({ description: "For the closed model; 0 sends nothing." })
      .optional(),
  },
  { error: "a map with `ramp` or `hold`, and `rate` or `connections`" },
);

const tracing = z.strictObject(
  {
    sampling: percentage()
      .meta({
        description:
          "Share of the requests that is marked as sampled; services that go by it record only these.",
        samples: ["10%"],
        default: "100%",
      })
      .optional(),
    traceLink: text("a URL with ${traceId}")
      .meta({
        description: "Where a trace is shown; reports link there.",
        samples: ["http://127.0.0.1:16686/trace/${traceId}"],
      })
      .optional(),
  },
  { error: "true, or a map with `sampling` or `traceLink`" },
);

export const load = z.strictObject(
  {
    target: text("a URL such as http://127.0.0.1:3000").meta({
      description:
        "http:// or https:// URL of the system under test, or ws:// or wss:// for WebSocket alone; k8s://NAMESPACE/SERVICE for a service in a cluster (docs/kubernetes.md). A path in it is put before each request's path.",
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
      .meta({
        description: "Closed model: wait after each answer, or after each journey.",
        samples: ["100ms"],
      })
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
    protocol: choice(["http1", "h2", "auto"])
      .meta({
        description:
          "The version of HTTP. h2: HTTP/2, over TLS or, for http:// targets, without (prior knowledge). auto: HTTP/2 where the TLS handshake agrees on it, else HTTP/1.1.",
        default: "http1",
      })
      .prefault("http1"),
    streams: wholeNumber(1, 1000)
      .meta({
        description:
          "HTTP/2: requests that may be under way on a connection at once, if the server allows as many. Default: 100 in the open model, 1 in the closed one.",
        samples: [10],
      })
      .optional(),
    keepAlive: yesNo()
      .meta({ description: "false: a new connection for each request.", default: true })
      .prefault(true),
    pipelining: wholeNumber(1, 1000)
      .meta({
        description:
          "HTTP/1.1: requests that may be sent on a connection before the first one is answered. More than 1 is for servers that are driven that way: an answer holds up those behind it.",
        default: 1,
      })
      .prefault(1),
    cookies: yesNo()
      .meta({
        description:
          "true: each virtual user keeps the cookies that it gets and sends them, as a browser does. A journey is one user, and so is a request of the mix.",
        default: false,
      })
      .prefault(false),
    follow: wholeNumber(0, 20)
      .meta({
        description:
          "Redirects that are followed for one request, at most. Each is counted. None leads to another scheme, host or port than the target's.",
        default: 0,
      })
      .prefault(0),
    headers: headers()
      .meta({ description: "Headers of all requests.", samples: [{ authorization: "Bearer ${env.TOKEN}" }] })
      .optional(),
    auth: authentication()
      .meta({
        description:
          "Who sends requests of HTTP and handshakes of WebSocket. A request's own `auth` counts before it.",
        samples: [{ basic: { username: "ann", password: "${env.PASSWORD}" } }],
      })
      .optional(),
    tls: tlsSchema.meta({ description: "For https:// targets." }).optional(),
    tracing: z
      .union([yesNo(), tracing], { error: "true, or a map with `sampling` or `traceLink`" })
      .meta({
        description:
          "Requests carry a trace id in the header `traceparent` (W3C Trace Context); reports name the traces of failed and slow ones.",
        samples: [true, { traceLink: "http://127.0.0.1:16686/trace/${traceId}" }],
      })
      .optional(),
    requests: list(weightedRequest, "a list of requests")
      .min(1, { error: "at least one request" })
      .meta({ description: "The mix of requests. Neither requests nor journeys: GET of the target itself." })
      .optional(),
    journeys: list(journey, "a list of journeys")
      .min(1, { error: "at least one journey" })
      .meta({ description: "What virtual users do, step by step." })
      .optional(),
    login: login
      .meta({
        description:
          "A request that comes before a user's first one, unless an earlier login is still good. What it captures is there for all requests.",
      })
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
