import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { startLoad } from "../../../src/load/start-load.js";
import type { Outcome } from "../../../src/measure/outcome.js";
import type { SegmentMeasurement } from "../../../src/measure/segment-accumulator.js";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import { parseProtos } from "../../../src/requests/grpc/proto/parse-protos.js";
import {
  answer,
  answerWithHead,
  framed,
  type GrpcServer,
  type ReceivedCall,
  startGrpcServer,
} from "../../helpers/grpc-server.js";
import { closedModel, loadPlan, openModel, sum, totals } from "../../helpers/load-plans.js";
import { quoteCall, SHOP_PROTOS } from "../../helpers/protos.js";

/**
 * Servers that answer calls in a known wrong way, each under both load models. The outcomes must be what the server itself
 * knows to have done, to the last call.
 */

/** Long, because only what is about timeouts should meet one on a busy machine. */
const TIMEOUT_MS = 5_000;
const SHORT_TIMEOUT_MS = 1_000;

const QUOTE = parseProtos(SHOP_PROTOS).lookupType("shop.Quote");
const quote = (fields: object = { id: "q1", price: 5 }) => QUOTE.encode(QUOTE.create(fields)).finish();

interface Case {
  readonly name: string;
  readonly onCall: (call: ReceivedCall) => void;
  readonly outcome: Outcome;
  /** Why each call ends badly. Not there: none does. */
  readonly reason?: string;
  readonly call?: Parameters<typeof quoteCall>[0];
  /** An example of a bad answer. */
  readonly sample?: { readonly status: number; readonly body: string };
}

/** A case that disturbs the calls beside its own. */
interface LonelyCase extends Case {
  readonly timeoutMs?: number;
  /** Other calls on the connection are lost with it: they are a reset, or never left. */
  readonly isCutOff?: true;
  /** So many calls are enough. */
  readonly calls?: number;
  readonly holds?: (server: GrpcServer) => void;
}

/** Looks into the message. */
const PRICED = { expect: { statuses: [0], message: { "$.price": { ">": 0 } }, metadata: {} } };

const CASES: readonly Case[] = [
  { name: "answers", onCall: (call) => answer(call, framed(quote())), outcome: "ok", call: PRICED },
  {
    name: "answers in pieces of one byte",
    onCall: (call) => {
      call.stream.respond(
        { ":status": 200, "content-type": "application/grpc+proto" },
        { waitForTrailers: true },
      );
      call.stream.on("wantTrailers", () => call.stream.sendTrailers({ "grpc-status": "0" }));
      for (const byte of framed(quote())) call.stream.write(Buffer.of(byte));
      call.stream.end();
    },
    outcome: "ok",
    call: PRICED,
  },
  {
    name: "sends no trailers",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.end(framed(quote()));
    },
    outcome: "http_error",
    reason: "no grpc-status",
  },
  {
    name: "has its status in the head, and messages behind it",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "0" });
      stream.end(framed(quote()));
    },
    outcome: "http_error",
    reason: "no grpc-status",
  },
  {
    name: "answers with trailers alone",
    onCall: (call) => answerWithHead(call, { "grpc-status": "14", "grpc-message": "out%20of%20stock" }),
    outcome: "http_error",
    reason: "UNAVAILABLE",
    sample: { status: 14, body: "out of stock" },
  },
  {
    name: "says OK with trailers alone",
    onCall: (call) => answerWithHead(call, { "grpc-status": "0" }),
    outcome: "http_error",
    reason: "OK without a message",
  },
  {
    name: "says a status that there is not",
    onCall: (call) => answer(call, framed(quote()), { "grpc-status": "42" }),
    outcome: "http_error",
    reason: "unknown grpc-status 42",
  },
  ...["abc", "-1", "0x0", "1e0", "99999999999"].map((status) => ({
    name: `says the status "${status}"`,
    onCall: (call: ReceivedCall) => answer(call, framed(quote()), { "grpc-status": status }),
    outcome: "http_error" as const,
    reason: "grpc-status is no number",
  })),
  {
    name: "answers as a page of a gateway",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 503, "content-type": "text/html" });
      stream.end("<h1>no healthy upstream</h1>");
    },
    outcome: "http_error",
    reason: "HTTP status 503",
    sample: { status: 503, body: "<h1>no healthy upstream</h1>" },
  },
  {
    name: "answers as a page with status 200",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end("<h1>welcome</h1>");
    },
    outcome: "http_error",
    reason: "content-type is not that of gRPC",
  },
  {
    name: "has garbage before its message",
    onCall: (call) => answer(call, Buffer.from("HTTP/1.1 200 OK\r\n\r\n")),
    outcome: "http_error",
    reason: "malformed message: its first byte is neither 0 nor 1",
  },
  {
    name: "announces a message of 4 GB",
    onCall: (call) => answer(call, framed(quote(), { length: 0xffff_ffff })),
    outcome: "http_error",
    reason: "message longer than 4 MB",
  },
  {
    name: "announces a longer message than it sends",
    onCall: (call) => answer(call, framed(quote(), { length: 1_000 })),
    outcome: "http_error",
    reason: "OK within a message",
  },
  {
    name: "sends half of the bytes before a message",
    onCall: (call) => answer(call, Buffer.from([0, 0, 0])),
    outcome: "http_error",
    reason: "OK within a message",
  },
  {
    name: "sends two messages for one",
    onCall: (call) => answer(call, Buffer.concat([framed(quote()), framed(quote())])),
    outcome: "http_error",
    reason: "more than one message",
  },
  {
    name: "sends no message",
    onCall: (call) => answer(call, Buffer.alloc(0)),
    outcome: "http_error",
    reason: "OK without a message",
  },
  {
    name: "marks a message as compressed and names no encoding",
    onCall: (call) => answer(call, framed(gzipSync(quote()), { flag: 1 })),
    outcome: "http_error",
    reason: "compressed message without an encoding",
    call: PRICED,
  },
  {
    name: "compresses as nobody asked for",
    onCall: (call) =>
      answer(call, framed(quote(), { flag: 1 }), { "grpc-status": "0" }, { "grpc-encoding": "zstd" }),
    outcome: "http_error",
    reason: "message in an encoding that was not asked for",
  },
  {
    name: "compresses as was asked for",
    onCall: (call) =>
      answer(
        call,
        framed(gzipSync(quote()), { flag: 1 }),
        { "grpc-status": "0" },
        { "grpc-encoding": "gzip" },
      ),
    outcome: "ok",
    call: PRICED,
  },
  {
    name: "compresses what unpacks to more than a message may have",
    onCall: (call) =>
      answer(
        call,
        framed(gzipSync(Buffer.alloc(5_000_000)), { flag: 1 }),
        { "grpc-status": "0" },
        { "grpc-encoding": "gzip" },
      ),
    outcome: "http_error",
    reason: "message that cannot be read as shop.Quote",
    call: PRICED,
  },
  {
    name: "sends bytes that are no message",
    onCall: (call) => answer(call, framed(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]))),
    outcome: "http_error",
    reason: "message that cannot be read as shop.Quote",
    call: PRICED,
  },
  {
    name: "sends another price than is expected",
    onCall: (call) => answer(call, framed(quote({ id: "q1" }))),
    outcome: "http_error",
    reason: "message $.price: expected > 0, found 0",
    call: PRICED,
  },
  {
    name: "resets the stream within a message",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(framed(quote(), { length: 1_000 }), () => stream.destroy(new Error("bug")));
    },
    outcome: "reset",
    reason: "RST_STREAM INTERNAL_ERROR",
  },
];

const LONELY: readonly LonelyCase[] = [
  {
    name: "never answers",
    onCall: () => {},
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "no whole answer in time",
  },
  {
    name: "answers after the deadline",
    // By far more than the generator may be late itself on a busy machine.
    onCall: (call) => setTimeout(() => answer(call, framed(quote())), SHORT_TIMEOUT_MS + 3_000),
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "no whole answer in time",
  },
  {
    name: "begins an answer that has no end",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(framed(quote()));
    },
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "no whole answer in time",
  },
  {
    name: "closes its connection within a message",
    onCall: ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(framed(quote(), { length: 1_000 }), () => stream.session?.destroy());
    },
    outcome: "reset",
    isCutOff: true,
  },
  {
    name: "says goodbye and answers what it has begun",
    onCall: (call) => {
      if (call.nth % 30 === 0) call.stream.session?.close();
      answer(call, framed(quote()));
    },
    outcome: "ok",
    calls: 70,
    holds: (server) => expect(server.connections).toBeGreaterThan(1),
  },
];

const MODELS: readonly (readonly [string, LoadModel])[] = [
  ["open model", openModel(60, 4)],
  ["closed model", closedModel(2, 20)],
];

/** Runs the load until the server has had enough of it. */
async function runUntil(plan: LoadPlan, isEnough: () => boolean): Promise<SegmentMeasurement> {
  const session = await startLoad({ plan });
  try {
    await session.begin({ id: "all", limits: [] });
    await expect.poll(isEnough, { timeout: 30_000, interval: 20 }).toBe(true);
    await session.end();
    return await session.drain("all");
  } finally {
    await session.stop();
  }
}

describe.each(MODELS)("%s", (_, model) => {
  const atOnce = model.kind === "open" ? 50 : 4;

  test("each wrong answer is what the server knows to have sent, beside all others", async () => {
    const seen = new Map<string, number>();
    const server = await startGrpcServer((call) => {
      const name = String(call.headers["x-case"]);
      seen.set(name, (seen.get(name) ?? 0) + 1);
      CASES.find((one) => one.name === name)?.onCall(call);
    });
    const requests = CASES.map(({ name, call }) => ({
      ...quoteCall({ ...call, name, metadata: { "x-case": name } }),
      weight: 1,
    }));
    const mix = { kind: "requests", requests } as const;
    const plan = loadPlan(server.url, model, { mix, timeoutMs: TIMEOUT_MS, pipelining: atOnce });
    const measured = await runUntil(plan, () =>
      CASES.every(({ name }) => (seen.get(name) ?? 0) >= 2),
    ).finally(() => server.down());
    expect(totals(measured.all).scheduled).toBe(server.calls);
    for (const { name, outcome, reason, sample } of CASES) {
      const series = measured.requests.find(({ request }) => request === name);
      if (series === undefined) throw new Error(`"${name}" was never sent`);
      const counts = totals(series);
      expect(counts.scheduled, name).toBe(seen.get(name));
      expect(counts[outcome], `${name}: ${JSON.stringify(series.reasons)}`).toBe(counts.scheduled);
      if (reason !== undefined) expect(series.reasons, name).toEqual({ [reason]: counts.scheduled });
      if (sample === undefined) continue;
      expect(measured.samples).toContainEqual({ request: name, reason, ...sample });
      expect(Object.keys(series.statuses ?? {})).toEqual([String(sample.status)]);
    }
  });

  test.each(LONELY)(
    "a server that $name",
    async ({ onCall, outcome, reason, timeoutMs = TIMEOUT_MS, isCutOff = false, calls = 12, holds }) => {
      const server = await startGrpcServer(onCall);
      try {
        const mix = { kind: "requests", requests: [{ ...quoteCall(), weight: 1 }] } as const;
        const plan = loadPlan(server.url, model, { mix, timeoutMs, pipelining: atOnce });
        const measured = await runUntil(plan, () => server.calls >= calls);
        const { scheduled, ...outcomes } = totals(measured.all);
        expect(sum(Object.values(outcomes))).toBe(scheduled);
        const wanted = outcomes[outcome] + (isCutOff ? outcomes.refused : 0);
        expect(wanted, JSON.stringify(measured.reasons)).toBe(scheduled);
        if (reason !== undefined) expect(measured.reasons).toEqual({ [reason]: scheduled });
        // What was on its way when the connection ended did not arrive.
        if (isCutOff) expect(server.calls).toBeLessThanOrEqual(scheduled);
        else expect(server.calls).toBe(scheduled);
        holds?.(server);
        await expect.poll(() => server.openSessions, { timeout: 5_000 }).toBe(0);
      } finally {
        await server.down();
      }
    },
  );
});
