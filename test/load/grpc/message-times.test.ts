import type { ServerHttp2Stream } from "node:http2";
import { describe, expect, test } from "vitest";
import type { GrpcRequest } from "../../../src/requests/grpc/grpc-request.js";
import { parseProtos } from "../../../src/requests/grpc/proto/parse-protos.js";
import type { StreamPlan } from "../../../src/requests/stream-plan.js";
import { sleep } from "../../../src/support/clock.js";
import { framed, type ReceivedCall, startGrpcServer } from "../../helpers/grpc-server.js";
import { closedModel, loadPlan, openModel, runLoad, totals } from "../../helpers/load-plans.js";
import { quoteCall, quotesMethod, SHOP_PROTOS } from "../../helpers/protos.js";

/** Streams of messages whose times are known to the server that sends them. */

const QUOTE = parseProtos(SHOP_PROTOS).lookupType("shop.Quote");
const quote = (id: string) => framed(QUOTE.encode(QUOTE.create({ id })).finish());
const HEAD = { ":status": 200, "content-type": "application/grpc" };

function begin(stream: ServerHttp2Stream, status = "0"): void {
  stream.respond(HEAD, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status }));
}

/** So many messages with a pause before each, and then the status. */
async function give(
  { stream }: ReceivedCall,
  count: number,
  pauseMs: number,
  { status = "0", ends = true } = {},
): Promise<void> {
  begin(stream, status);
  for (let nth = 1; nth <= count && !stream.destroyed; nth++) {
    await sleep(pauseMs);
    if (!stream.destroyed) stream.write(quote(`q${nth}`));
  }
  if (ends && !stream.destroyed) stream.end();
}

async function listen(
  onCall: (call: ReceivedCall) => void | Promise<void>,
  stream: Partial<StreamPlan> = {},
  changes: Partial<GrpcRequest> = {},
  model = openModel(10, 20),
) {
  const resets: number[] = [];
  const server = await startGrpcServer((call) => {
    call.stream.on("close", () => resets.push(call.stream.rstCode));
    void onCall(call);
  });
  try {
    const call = quoteCall({
      name: "watch",
      method: quotesMethod("Watch"),
      streams: true,
      stream: { events: null, firstEventMs: null, ...stream },
      timeoutMs: 20_000,
      ...changes,
    });
    // The load's own timeout is shorter than any stream here.
    const plan = loadPlan(server.url, model, {
      timeoutMs: 200,
      pipelining: 100,
      mix: { kind: "requests", requests: [{ ...call, weight: 1 }] },
    });
    const measured = await runLoad(plan, 500);
    const counts = totals(measured.all);
    expect(counts.scheduled).toBeGreaterThan(2);
    expect(server.calls).toBe(counts.scheduled);
    const part = (name: string) => {
      const found = measured.timed?.find((each) => each.request === `watch ${name}`);
      return found && { ...totals(found), times: found.histograms.latency };
    };
    const [first, event, next] = ["first byte", "first event", "next event"].map(part);
    await expect.poll(() => server.openSessions).toBe(0);
    return { counts, reasons: measured.reasons, resets, first, event, next, all: measured.all };
  } finally {
    await server.down();
  }
}

describe.each([
  ["open", openModel(10, 20)],
  ["closed", closedModel(3, 100)],
] as const)("each message is timed (%s model)", (_, model) => {
  test("of a stream that ends with its status", async () => {
    const { counts, reasons, first, event, next, all } = await listen(
      (call) => give(call, 3, 100),
      {},
      {},
      model,
    );
    expect(reasons).toEqual({});
    expect([counts.ok, first?.ok, event?.ok, next?.ok]).toEqual([
      counts.scheduled,
      counts.scheduled,
      counts.scheduled,
      2 * counts.scheduled,
    ]);
    expect(event?.times.atRankUs(1)).toBeGreaterThanOrEqual(99_000);
    // A message that was read late makes the next pause look shorter, so single ones say nothing.
    expect(next?.times.atRankUs(counts.scheduled)).toBeGreaterThanOrEqual(80_000);
    expect(all.histograms.latency.atRankUs(1)).toBeGreaterThanOrEqual(298_000);
    // The head came before the first message, by the pause.
    expect(first?.times.atRankUs(1)).toBeLessThan(90_000);
  });

  test("of one that never ends, which is answered with the last that is waited for", async () => {
    const { counts, reasons, event, next, resets, all } = await listen(
      (call) => give(call, 1_000, 50),
      { events: 4 },
      { expect: { statuses: [0], message: { "$.length": 4, "$[3].id": "q4" }, metadata: {} } },
      model,
    );
    expect(reasons).toEqual({});
    expect([counts.ok, event?.ok, next?.ok]).toEqual([
      counts.scheduled,
      counts.scheduled,
      3 * counts.scheduled,
    ]);
    expect(all.histograms.latency.atRankUs(1)).toBeGreaterThanOrEqual(198_000);
    // CANCEL
    expect(new Set(resets)).toEqual(new Set([8]));
  });
});

test("messages that come in one piece count one by one, and no more than are waited for", async () => {
  const { counts, event, next } = await listen(
    ({ stream }) => {
      begin(stream);
      stream.end(Buffer.concat(["a", "b", "c", "d", "e"].map(quote)));
    },
    { events: 3 },
    { expect: { statuses: [0], message: { "$.length": 3 }, metadata: {} } },
  );
  expect([counts.ok, event?.ok, next?.ok]).toEqual([
    counts.scheduled,
    counts.scheduled,
    2 * counts.scheduled,
  ]);
});

test("both ways: a call of many messages has the times of those that it gets", async () => {
  const { counts, event } = await listen(
    (call) => give(call, 2, 20),
    {},
    {
      method: quotesMethod("Chat"),
      messages: [{ sku: "A" }, { sku: "B" }],
    },
  );
  expect([counts.ok, event?.ok]).toEqual([counts.scheduled, counts.scheduled]);
});

test("a message that drips in byte by byte has come with its last byte", async () => {
  const { counts, event } = await listen(async ({ stream }) => {
    begin(stream);
    for (const byte of quote("q")) {
      stream.write(Buffer.of(byte));
      await sleep(15);
    }
    stream.end();
  });
  expect(counts.ok).toBe(counts.scheduled);
  expect(event?.times.atRankUs(1)).toBeGreaterThanOrEqual(15_000 * (quote("q").length - 2));
});

test("a first message that is late is a failure, and the stream is reset", async () => {
  const { counts, reasons, resets, event } = await listen((call) => give(call, 10, 150), {
    firstEventMs: 50,
  });
  expect(reasons).toEqual({ "first message later than 50 ms": counts.scheduled });
  expect(counts.http_error).toBe(counts.scheduled);
  expect(new Set(resets)).toEqual(new Set([8]));
  // It came, if late: its time is told.
  expect(event?.ok).toBe(counts.scheduled);
});

test("messages that do not come within the time are a timeout, with what has come", async () => {
  const silent = await listen(
    (call) => give(call, 2, 10, { ends: false }),
    { events: 5 },
    { timeoutMs: 400 },
  );
  expect(silent.reasons).toEqual({ "2 of 5 messages in time": silent.counts.scheduled });
  expect(silent.counts.timeout).toBe(silent.counts.scheduled);
  expect([silent.next?.ok, silent.next?.timeout]).toEqual([silent.counts.scheduled, silent.counts.scheduled]);
  const endless = await listen((call) => give(call, 1, 10, { ends: false }), {}, { timeoutMs: 400 });
  expect(endless.reasons).toEqual({ "1 message and no end in time": endless.counts.scheduled });
});

test.each([
  [
    "that ends too early",
    (call: ReceivedCall) => give(call, 2, 0),
    { events: 3 },
    "the stream ended after 2 of 3 messages",
  ],
  [
    "without a message",
    (call: ReceivedCall) => give(call, 0, 0),
    { firstEventMs: 5_000 },
    "the stream ended after 0 messages",
  ],
  ["with a bad status", (call: ReceivedCall) => give(call, 2, 0, { status: "14" }), {}, "UNAVAILABLE"],
  [
    "with a bad status and too few messages",
    (call: ReceivedCall) => give(call, 2, 0, { status: "14" }),
    { events: 9 },
    "UNAVAILABLE",
  ],
  [
    "that is a page",
    ({ stream }: ReceivedCall) => {
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end(quote("x"));
    },
    { events: 1 },
    "content-type is not that of gRPC",
  ],
  [
    "with a malformed message",
    ({ stream }: ReceivedCall) => {
      begin(stream);
      stream.write(framed(Buffer.from("x"), { flag: 7 }));
    },
    { events: 1 },
    "malformed message: its first byte is neither 0 nor 1",
  ],
] as const)("a stream %s is a bad answer with its reason", async (_, onCall, stream, reason) => {
  const { counts, reasons } = await listen(onCall, stream);
  expect(reasons).toEqual({ [reason]: counts.scheduled });
  expect(counts.http_error).toBe(counts.scheduled);
});

test("one that is torn off is a reset, and what came of it is counted", async () => {
  const { counts, event, next } = await listen(async ({ stream }) => {
    begin(stream);
    stream.write(quote("q1"));
    await sleep(50);
    stream.close(2);
  });
  expect(counts.reset).toBe(counts.scheduled);
  expect(event?.ok).toBe(counts.scheduled);
  expect([next?.ok, next?.reset]).toEqual([0, counts.scheduled]);
});
