import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { messageOf } from "../../../../support/errors.js";
import type { ToxicProxy } from "../stream/proxy.js";
import type { ToxicEntry } from "../stream/toxic-entry.js";
import { type AccessRules, checkAccess } from "./access.js";
import { populatedJson, proxyIndexJson, proxyJson, toxicJson, toxicsJson } from "./answers.js";
import { ApiError } from "./api-error.js";
import { InTurn } from "./in-turn.js";
import { countersJson, METRICS_CONTENT_TYPE, proxyMetricsText } from "./metrics.js";
import { PopulateError, type Proxies } from "./proxies.js";
import { requestId } from "./request-id.js";
import { type Operation, type Route, route } from "./routes.js";
import { createToxic, updateToxic } from "./toxic-requests.js";

/** What the embedded server says it is compatible with. */
const TOXIPROXY_VERSION = "2.13.0";

/** Enough for some thousand proxies in one body. Nobody means to send more. */
const LARGEST_BODY_BYTES = 8 * 1024 * 1024;
/** As much as the real server takes: names of proxies and toxics are in the path, and may be long. */
const LARGEST_HEADER_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 60_000;

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const NO_SNIFFING = { "x-content-type-options": "nosniff" };

interface Answer {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiOptions extends AccessRules {
  /** Whether GET /metrics answers. */
  readonly metrics: boolean;
}

/** Toxiproxy's HTTP API over these proxies. It does not listen yet. */
export function createApi(proxies: Proxies, options: ApiOptions): Server {
  const inTurn = new InTurn();
  const server = createServer({ maxHeaderSize: LARGEST_HEADER_BYTES }, (request, response) => {
    inTurn
      .run(request.socket, () => answer(request, response, proxies, options))
      .then(
        (result) => send(response, result),
        (error) => send(response, errorAnswer(error)),
      );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  // The run's own client uses one connection again and again. It must not be closed just then.
  server.keepAliveTimeout = options.token === null ? IDLE_TIMEOUT_MS : 0;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  proxies: Proxies,
  options: ApiOptions,
): Promise<Answer> {
  checkAccess(request, options);
  const found = route(request.method ?? "", request.url ?? "");
  if (found.kind !== "operation") return refusal(found);
  if (found.operation === "metrics" && !options.metrics) return refusal({ kind: "not_found" });
  response.setHeader("x-toxiproxy-request-id", requestId());
  if (request.headers["user-agent"]?.startsWith("Mozilla/")) {
    return { status: 403, contentType: TEXT_TYPE, body: "User agent not allowed\n", headers: NO_SNIFFING };
  }
  const body = await readAll(request);
  return OPERATIONS[found.operation]({ proxies, body, proxyName: found.proxy, toxicName: found.toxic });
}

function refusal(found: Exclude<Route, { kind: "operation" }>): Answer {
  switch (found.kind) {
    case "redirect":
      return { status: 301, headers: { location: found.location } };
    case "method_not_allowed":
      return { status: 405 };
    case "not_found":
      return { status: 404, contentType: TEXT_TYPE, body: "404 page not found\n", headers: NO_SNIFFING };
    case "malformed":
      return { status: 400, contentType: TEXT_TYPE, body: "400 Bad Request" };
  }
}

interface Call {
  readonly proxies: Proxies;
  readonly body: string;
  readonly proxyName: string;
  readonly toxicName: string;
}

const OPERATIONS: Readonly<Record<Operation, (call: Call) => Answer | Promise<Answer>>> = {
  "proxy.index": ({ proxies }) => json(200, proxyIndexJson(proxies.all())),
  "proxy.create": async ({ proxies, body }) => json(201, proxyJson(await proxies.create(body))),
  "proxy.show": (call) => json(200, proxyJson(proxyOf(call))),
  "proxy.update": async (call) => {
    const { name } = proxyOf(call);
    return json(200, proxyJson(await call.proxies.update(name, call.body)));
  },
  "proxy.remove": async ({ proxies, proxyName }) => {
    await proxies.remove(proxyName);
    return { status: 204 };
  },
  "toxic.index": (call) => json(200, toxicsJson(proxyOf(call).toxics)),
  "toxic.create": (call) => json(200, toxicJson(createToxic(proxyOf(call), call.body))),
  "toxic.show": (call) => json(200, toxicJson(toxicOf(call))),
  "toxic.update": (call) => {
    const entry = toxicOf(call);
    updateToxic(proxyOf(call), entry, call.body);
    return json(200, toxicJson(entry));
  },
  "toxic.remove": (call) => {
    proxyOf(call).removeToxic(toxicOf(call));
    return { status: 204 };
  },
  populate: ({ proxies, body }) => populate(proxies, body),
  reset: async ({ proxies }) => {
    await proxies.reset();
    return { status: 204 };
  },
  version: () => ({
    status: 200,
    contentType: "application/json;charset=utf-8",
    body: `{"version": "${TOXIPROXY_VERSION}"}\n`,
  }),
  metrics: ({ proxies }) => ({
    status: 200,
    contentType: METRICS_CONTENT_TYPE,
    body: proxyMetricsText(proxies.all()),
  }),
  counters: ({ proxies }) => json(200, countersJson(proxies.all())),
};

async function populate(proxies: Proxies, body: string): Promise<Answer> {
  try {
    return json(201, `{"proxies":${populatedJson(await proxies.populate(body))}}`);
  } catch (error) {
    if (!(error instanceof PopulateError)) throw error;
    const { status, text } = describe(error.cause);
    return json(status, `${text.slice(0, -1)},"proxies":${populatedJson(error.made)}}`);
  }
}

function proxyOf({ proxies, proxyName }: Call): ToxicProxy {
  return proxies.get(proxyName);
}

function toxicOf(call: Call): ToxicEntry {
  const entry = proxyOf(call).toxic(call.toxicName);
  if (!entry) throw new ApiError(404, "toxic not found");
  return entry;
}

function json(status: number, body: string): Answer {
  return { status, contentType: JSON_TYPE, body };
}

/** Errors come as JSON, but labelled as text, as on the real server. */
function errorAnswer(error: unknown): Answer {
  const { status, text } = describe(error);
  return {
    status,
    contentType: TEXT_TYPE,
    body: `${text}\n`,
    headers: NO_SNIFFING,
  };
}

function describe(error: unknown): { readonly status: number; readonly text: string } {
  const status = error instanceof ApiError ? error.status : 500;
  return { status, text: JSON.stringify({ error: messageOf(error), status }) };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    // A request without an encoding yields buffers.
    const bytes = part as Buffer;
    length += bytes.length;
    // A body that is too large is still read to its end: a client that still sends would not see the answer.
    if (length <= LARGEST_BODY_BYTES) parts.push(bytes);
  }
  if (length > LARGEST_BODY_BYTES) {
    throw new ApiError(413, `request body is larger than ${LARGEST_BODY_BYTES} bytes`);
  }
  return Buffer.concat(parts).toString("utf8");
}

function send(response: ServerResponse, { status, contentType, body = "", headers }: Answer): void {
  const type = contentType === undefined ? {} : { "content-type": contentType };
  const length = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...type, ...length });
  response.end(body);
}
