import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { afterEach, describe, expect, test } from "vitest";
import type { StreamPlan } from "../../../src/requests/stream-plan.js";
import { sleep } from "../../../src/support/clock.js";
import { loadPlan, openModel, request, runLoad, totals } from "../../helpers/load-plans.js";
import { planChanges, startSite, VERSIONS, type Version } from "../../helpers/sites.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const HEAD = { "content-type": "text/event-stream" };

/** Asks a server for streams of three events each. */
async function listenOver(
  version: Version,
  answer: (response: ServerResponse, nth: number) => void | Promise<void>,
  stream: Partial<StreamPlan> = {},
  timeoutMs = 20_000,
) {
  let asked = 0;
  let open = 0;
  const { url, down } = await startSite(version, (_, response) => {
    asked += 1;
    open += 1;
    response.on("close", () => {
      open -= 1;
    });
    // A client that goes away is part of it.
    response.on("error", () => {});
    void answer(response, asked);
  });
  cleanups.push(down);
  const planned = request({
    name: "feed",
    path: "/events",
    streams: true,
    stream: { events: 3, firstEventMs: null, ...stream },
    timeoutMs,
  });
  // The load's own timeout is shorter than any stream here.
  const plan = loadPlan(url, openModel(10), {
    ...planChanges(version),
    timeoutMs: 200,
    mix: { kind: "requests", requests: [planned] },
  });
  const measured = await runLoad(plan, 500);
  const counts = totals(measured.all);
  expect(counts.scheduled).toBeGreaterThan(2);
  expect(asked).toBe(counts.scheduled);
  // No stream stays open behind a request that has ended.
  for (let waited = 0; open > 0 && waited < 3_000; waited += 20) await sleep(20);
  expect(open).toBe(0);
  const part = (name: string) => {
    const found = measured.timed?.find((each) => each.request === `feed ${name}`);
    return found && { ...totals(found), times: found.histograms.latency };
  };
  return {
    counts,
    reasons: measured.reasons,
    fastestUs: measured.all.histograms.latency.count > 0 ? measured.all.histograms.latency.atRankUs(1) : 0,
    first: part("first byte"),
    event: part("first event"),
    next: part("next event"),
  };
}

/** Events without end, with a pause before each. */
async function events(response: ServerResponse, pauseMs: number, text = "data: x\n\n"): Promise<void> {
  response.writeHead(200, HEAD);
  response.flushHeaders();
  while (!response.destroyed) {
    await sleep(pauseMs);
    response.write(text);
  }
}

/** Ends it without an end. */
function tearOff(response: ServerResponse): void {
  const { stream } = response as ServerResponse & { readonly stream?: ServerHttp2Stream };
  if (stream === undefined) response.socket?.resetAndDestroy();
  else stream.close(2);
}

describe.each(VERSIONS)("a stream of events over %s", (version) => {
  const listen = (
    ...[answer, stream, timeoutMs]: readonly [
      Parameters<typeof listenOver>[1],
      Parameters<typeof listenOver>[2]?,
      Parameters<typeof listenOver>[3]?,
    ]
  ) => listenOver(version, answer, stream, timeoutMs);
  test("that never ends is answered with its last event, and each part is timed", async () => {
    const { counts, reasons, first, event, next, fastestUs } = await listen((response) =>
      events(response, 100),
    );
    expect(reasons).toEqual({});
    expect(counts.ok).toBe(counts.scheduled);
    expect([first?.ok, event?.ok, next?.ok]).toEqual([counts.ok, counts.ok, 2 * counts.ok]);
    expect(first?.scheduled).toBe(counts.ok);
    // Three pauses of 100 ms go by, more than the load's own timeout.
    expect(event?.times.atRankUs(1)).toBeGreaterThanOrEqual(99_000);
    expect(fastestUs).toBeGreaterThanOrEqual(298_000);
  });

  test("that comes at once, or ends behind its last event, is as good", async () => {
    const { counts, next } = await listen((response) => {
      response
        .writeHead(200, version === "HTTP/1.1" ? { ...HEAD, connection: "close" } : HEAD)
        .end("data: 1\n\ndata: 2\n\n: ping\n\ndata: 3\n\n");
    });
    expect(counts.ok).toBe(counts.scheduled);
    expect(next?.ok).toBe(2 * counts.ok);
  });

  test("that drips byte by byte has as many events as are whole", async () => {
    const { counts, reasons } = await listen(
      async (response) => {
        response.writeHead(200, HEAD);
        for (const byte of "data: a\n\ndata: b\n\ndata: never whole") {
          response.write(byte);
          await sleep(1);
        }
      },
      {},
      2_000,
    );
    expect(reasons).toEqual({ "2 of 3 events in time": counts.timeout });
    expect(counts.timeout).toBe(counts.scheduled);
  });

  test.each<[string, string]>([
    ["nothing but comments", ": ping\n\n"],
    ["one line without end", "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    ["events without data", "event: price\nid: 3\n\n"],
  ])("with %s is a timeout at its own time", async (_, text) => {
    const { counts, reasons, first, event } = await listen(
      (response) => events(response, 50, text),
      {},
      2_000,
    );
    expect(counts.timeout).toBe(counts.scheduled);
    expect(reasons).toEqual({ "0 of 3 events in time": counts.scheduled });
    expect(first?.ok).toBe(counts.scheduled);
    expect(event?.timeout).toBe(counts.scheduled);
  });

  test("whose first event is late is a failure, and is not listened to any more", async () => {
    const { counts, reasons } = await listen((response) => events(response, 150), { firstEventMs: 50 });
    expect(reasons).toEqual({ "first event later than 50 ms": counts.scheduled });
    expect(counts.http_error).toBe(counts.scheduled);
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    [
      "ends too early",
      (response) => response.writeHead(200, HEAD).end("data: 1\n\n"),
      "the stream ended after 1 of 3 events",
    ],
    [
      "is a page",
      (response) => response.writeHead(200, { "content-type": "text/html" }).write("<p>endless"),
      "no event stream: content-type text/html",
    ],
    ["has no type", (response) => response.writeHead(200).write("x"), "no event stream: no content-type"],
    ["is empty", (response) => response.writeHead(204).end(), "no event stream: no content-type"],
    [
      "is packed",
      (response) => response.writeHead(200, { ...HEAD, "content-encoding": "gzip" }).write("x"),
      "an event stream packed as gzip",
    ],
    ["is an error", (response) => response.writeHead(503, HEAD).write("data: 1\n\n"), "status 503"],
  ])("that %s is a bad answer with its reason", async (_, answer, reason) => {
    const { counts, reasons } = await listen(answer);
    expect(reasons).toEqual({ [reason]: counts.scheduled });
    expect(counts.http_error).toBe(counts.scheduled);
  });

  test("that is torn off is a reset, and what came of it is counted", async () => {
    const { counts, event, next } = await listen(async (response) => {
      response.writeHead(200, HEAD).write("data: 1\n\n");
      await sleep(50);
      tearOff(response);
    });
    expect(counts.reset).toBe(counts.scheduled);
    expect(event?.ok).toBe(counts.scheduled);
    expect([next?.ok, next?.reset]).toEqual([0, counts.scheduled]);
  });
});
