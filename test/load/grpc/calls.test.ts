import { expect, test } from "vitest";
import type { LoginPlan } from "../../../src/plan/load-plan.js";
import type { GrpcRequest } from "../../../src/requests/grpc/grpc-request.js";
import { messageJson } from "../../../src/requests/grpc/proto/message-json.js";
import { parseProtos } from "../../../src/requests/grpc/proto/parse-protos.js";
import { answer, framed, type ReceivedCall, startGrpcServer } from "../../helpers/grpc-server.js";
import {
  closedModel,
  feedOf,
  loadPlan,
  openModel,
  request,
  runLoad,
  runLoadUntil,
  totals,
} from "../../helpers/load-plans.js";
import { quoteCall, quotesMethod, SHOP_PROTOS } from "../../helpers/protos.js";

/** What goes out with a call, and what is taken from its answer. */

const root = parseProtos(SHOP_PROTOS);
const REQUEST = root.lookupType("shop.QuoteRequest");
const QUOTE = root.lookupType("shop.Quote");
const quote = (fields: object) => framed(QUOTE.encode(QUOTE.create(fields)).finish());

/** The messages that a call brought. */
function messagesOf({ body }: ReceivedCall): readonly Readonly<Record<string, unknown>>[] {
  const messages: Readonly<Record<string, unknown>>[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 1);
    messages.push(messageJson(REQUEST, REQUEST.decode(body.subarray(at + 5, at + 5 + length))));
    at += 5 + length;
  }
  return messages;
}

async function received(
  call: Partial<GrpcRequest>,
  {
    changes = {},
    reply = (one: ReceivedCall) => answer(one, quote({ id: "q1" })),
  }: {
    changes?: Partial<Parameters<typeof loadPlan>[2]>;
    reply?: (call: ReceivedCall) => void;
  } = {},
) {
  const calls: ReceivedCall[] = [];
  const server = await startGrpcServer((one) => {
    calls.push(one);
    reply(one);
  });
  try {
    const mix = { kind: "requests", requests: [{ ...quoteCall(call), weight: 1 }] } as const;
    const measured = await runLoad(
      loadPlan(server.url, openModel(100, 5), { mix, pipelining: 100, ...changes }),
      400,
    );
    const counts = totals(measured.all);
    expect(counts.ok, JSON.stringify(measured.reasons)).toBe(counts.scheduled);
    expect(calls).toHaveLength(counts.scheduled);
    return { calls, measured };
  } finally {
    await server.down();
  }
}

test("a call has its method, its metadata and the time that is left", async () => {
  const { calls } = await received(
    { metadata: { authorization: "Bearer t", "x-number": "n-${seq}" } },
    { changes: { timeoutMs: 3_000 } },
  );
  for (const { headers } of calls) {
    expect(headers).toMatchObject({
      ":method": "POST",
      ":path": "/shop.Quotes/Get",
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-accept-encoding": "identity,gzip",
      authorization: "Bearer t",
    });
    const [, ms] = /^(\d+)m$/.exec(String(headers["grpc-timeout"])) ?? [];
    expect(Number(ms)).toBeGreaterThan(0);
    expect(Number(ms)).toBeLessThanOrEqual(3_000);
  }
  const numbers = calls.map(({ headers }) => String(headers["x-number"]));
  expect(new Set(numbers).size).toBe(calls.length);
});

test("each call has a trace id of its own where the load traces", async () => {
  const tracing = { sampling: 1, traceLink: null, runKey: "ab".repeat(16) };
  const { calls } = await received({}, { changes: { tracing } });
  const ids = calls.map(({ headers }) => String(headers.traceparent));
  for (const id of ids) expect(id).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(new Set(ids).size).toBe(calls.length);
});

test("messages hold values of each request", async () => {
  const { calls } = await received(
    { messages: [{ sku: "${data.products.sku}", quantity: "${seq}" }] },
    { changes: { feeds: [feedOf("products", "round-robin", [{ sku: "A1" }, { sku: "B2" }])] } },
  );
  const messages = calls.flatMap(messagesOf);
  expect(messages.slice(0, 2)).toMatchObject([
    { sku: "A1", quantity: 1 },
    { sku: "B2", quantity: 2 },
  ]);
});

test("a method that takes a stream gets all messages, and one that gives a stream is judged by its list", async () => {
  const { calls } = await received(
    {
      method: quotesMethod("Chat"),
      messages: [{ sku: "A1" }, { sku: "n-${seq}" }],
      expect: { statuses: [0], message: { "$.length": { equals: 3 }, "$[2].id": "q3" }, metadata: {} },
    },
    {
      reply: (call) => answer(call, Buffer.concat(["q1", "q2", "q3"].map((id) => quote({ id })))),
    },
  );
  expect(messagesOf(calls[0]!)).toMatchObject([{ sku: "A1" }, { sku: "n-1" }]);
});

test("metadata is looked into, of the head and of the trailers, and a fallback is told from a good answer", async () => {
  const { measured } = await received(
    {
      expect: { statuses: [0], message: {}, metadata: { "x-first": "one", "x-last": "two" } },
      tellsDegraded: true,
      degraded: { statuses: [0], message: { "$.isEstimate": true }, metadata: {} },
    },
    {
      reply: (call) => {
        if (call.nth % 2 === 0) answer(call, quote({ is_estimate: true }));
        else answer(call, quote({}), { "grpc-status": "0", "x-last": "two" }, { "x-first": "one" });
      },
    },
  );
  const degraded = measured.all.degraded?.reduce((total, one) => total + one, 0) ?? 0;
  expect(degraded).toBe(Math.floor(totals(measured.all).ok / 2));
});

test("requests of HTTP in the same load go over HTTP/2, beside the calls", async () => {
  const paths: string[] = [];
  const server = await startGrpcServer((call) => {
    paths.push(String(call.headers[":path"]));
    if (call.headers[":path"] === "/stock") call.stream.respond({ ":status": 204 }, { endStream: true });
    else answer(call, quote({ id: "q1" }));
  });
  const requests = [{ ...quoteCall(), weight: 1 }, request({ name: "stock", path: "/stock" })];
  const mix = { kind: "requests", requests } as const;
  try {
    const plan = loadPlan(server.url, openModel(100, 5), { mix, pipelining: 100, protocol: "h2" });
    const measured = await runLoad(plan, 400);
    const { scheduled, ok } = totals(measured.all);
    expect(ok, JSON.stringify(measured.reasons)).toBe(scheduled);
    const [calls, stock] = measured.requests.map((series) => totals(series).scheduled);
    expect(paths.filter((path) => path === "/shop.Quotes/Get")).toHaveLength(calls ?? 0);
    expect(paths.filter((path) => path === "/stock")).toHaveLength(stock ?? 0);
  } finally {
    await server.down();
  }
});

test("what a step captures is sent by the next one, also in fields that are no text", async () => {
  const seen: ReceivedCall[] = [];
  const server = await startGrpcServer((call) => {
    seen.push(call);
    answer(call, quote({ id: "q7", price: 12 }), { "grpc-status": "0", "x-trace": "t9" });
  });
  const first = quoteCall({
    name: "first",
    capture: [
      { name: "price", from: { kind: "message", path: "$.price" } },
      { name: "id", from: { kind: "message", path: "$.id" } },
      { name: "trace", from: { kind: "metadata", name: "x-trace" } },
    ],
  });
  const second = quoteCall({
    name: "second",
    messages: [{ sku: "${capture.id}", quantity: "${capture.price}" }],
    captured: [{ capture: "price", wanted: { kind: "scalar", type: "int32" } }],
    metadata: { "x-trace": "${capture.trace}" },
  });
  const steps = [first, second].map((call) => ({ ...call, thinkTimeMs: 0 }));
  const mix = { kind: "journeys", journeys: [{ name: "buy", weight: 1, steps }] } as const;
  try {
    const measured = await runLoad(loadPlan(server.url, closedModel(2, 20), { mix }), 400);
    expect(totals(measured.all).ok, JSON.stringify(measured.reasons)).toBe(totals(measured.all).scheduled);
    const seconds = seen.filter(({ headers }) => headers["x-trace"] !== undefined);
    expect(seconds.length).toBeGreaterThan(0);
    for (const call of seconds) {
      expect(messagesOf(call)).toMatchObject([{ sku: "q7", quantity: 12 }]);
      expect(call.headers["x-trace"]).toBe("t9");
    }
  } finally {
    await server.down();
  }
});

test("a captured value that its field cannot hold ends the journey with a reason", async () => {
  const server = await startGrpcServer((call) => answer(call, quote({ id: "many" })));
  const first = quoteCall({
    name: "first",
    capture: [{ name: "id", from: { kind: "message", path: "$.id" } }],
  });
  const second = quoteCall({
    name: "second",
    messages: [{ quantity: "${capture.id}" }],
    captured: [{ capture: "id", wanted: { kind: "scalar", type: "int32" } }],
  });
  const steps = [first, second].map((call) => ({ ...call, thinkTimeMs: 0 }));
  const mix = { kind: "journeys", journeys: [{ name: "buy", weight: 1, steps }] } as const;
  try {
    const measured = await runLoad(loadPlan(server.url, closedModel(2, 20), { mix }), 300);
    const { scheduled, http_error } = totals(measured.all);
    expect(http_error).toBe(scheduled);
    expect(Object.keys(measured.reasons)).toEqual([
      "capture id is not a whole number from -2147483648 to 2147483647 (int32)",
    ]);
  } finally {
    await server.down();
  }
});

test("UNAUTHENTICATED ends a login", async () => {
  const tokens: string[] = [];
  let refused = 0;
  const server = await startGrpcServer((call) => {
    if (call.headers[":path"] === "/shop.Quotes/Add") {
      tokens.push(`t${tokens.length + 1}`);
      return answer(call, quote({ id: tokens.at(-1) }));
    }
    const isFirst = call.headers.authorization === "t1";
    if (isFirst) refused += 1;
    return answer(call, quote({ id: "q" }), { "grpc-status": isFirst ? "16" : "0" });
  });
  const login: LoginPlan & GrpcRequest = {
    ...quoteCall({ name: "token", method: quotesMethod("Add") }),
    isLogin: true,
    once: "run",
    refreshBeforeMs: 0,
    lifetimeMs: null,
    capture: [{ name: "token", from: { kind: "message", path: "$.id" } }],
  };
  const call = { ...quoteCall({ metadata: { authorization: "${capture.token}" } }), weight: 1 };
  const mix = { kind: "requests", requests: [call], login } as const;
  try {
    const plan = loadPlan(server.url, closedModel(1, 1), { mix });
    const measured = await runLoadUntil(plan, () => server.calls >= 50);
    expect(tokens).toEqual(["t1", "t2"]);
    expect(refused).toBe(1);
    expect(totals(measured.all).http_error).toBe(1);
  } finally {
    await server.down();
  }
});
