import { describe, expect, test } from "vitest";
import { FLAG, FRAME } from "../../../src/http2/frames/frame-types.js";
import { encodeHead } from "../../../src/http2/hpack/header-encoder.js";
import { startLoad } from "../../../src/load/start-load.js";
import type { SegmentMeasurement } from "../../../src/measure/segment-accumulator.js";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import { sleep } from "../../../src/support/clock.js";
import {
  frameBytes,
  type HostileHttp2Server,
  type Http2Behaviour,
  numbers,
  type ServerStream,
  startHostileHttp2Server,
} from "../../helpers/hostile-http2-server.js";
import { everyConnectionIsKnown } from "../../helpers/known-connections.js";
import {
  closedModel,
  loadPlan,
  openModel,
  request,
  runLoad,
  type Totals,
  totals,
} from "../../helpers/load-plans.js";

/**
 * Servers of HTTP/2 that misbehave in a known way, each under both load models. The outcomes must be what the server
 * itself knows to have done, to the last request.
 */

/** Long, because only what is about timeouts should meet one on a busy machine. */
const TIMEOUT_MS = 5000;
const SHORT_TIMEOUT_MS = 400;
const DURATION_MS = 800;

/** RFC 9113, 7. */
const CODE = { noError: 0, internal: 2, refused: 7, cancel: 8, calm: 11, invented: 4711 } as const;
/** RFC 9113, 6.5.2. */
const SETTING = { maxStreams: 3, window: 4, headerList: 6 } as const;

interface Seen {
  readonly server: HostileHttp2Server;
  readonly counts: Totals;
  readonly measured: SegmentMeasurement;
}

interface Case extends Http2Behaviour {
  readonly name: string;
  /** What must hold besides: every request has one outcome, and the server saw as many as were sent. */
  readonly expect: (seen: Seen) => void;
  /** The server does not see all that was sent, or sees some again. */
  readonly unseen?: boolean;
  readonly timeoutMs?: number;
  readonly changes?: Partial<LoadPlan>;
}

const all = (outcome: keyof Totals, reason?: string) => (seen: Seen) => {
  expect(seen.counts[outcome]).toBe(seen.counts.scheduled);
  if (reason !== undefined) expect(seen.measured.reasons).toEqual({ [reason]: seen.counts.scheduled });
};

/** And hardly any connection was opened for it. */
const allOkTogether = (seen: Seen) => {
  all("ok")(seen);
  expect(seen.measured.reasons).toEqual({});
  expect(seen.server.connections).toBeLessThan(10);
};

/** A socket that ends with bytes in it is told as one of these. */
const allEnded = (seen: Seen) => {
  all("reset")(seen);
  for (const reason of Object.keys(seen.measured.reasons)) {
    expect(["closed without answer", "ECONNRESET"]).toContain(reason);
  }
};

const malformed = (what: string) => all("http_error", `malformed answer: ${what}`);
const rulesBroken = (what: string) => all("reset", `HTTP/2 ${what}`);
const posting = {
  mix: { kind: "requests", requests: [request({ method: "POST", body: "x".repeat(5000) })] },
} as const;
const numbered = { mix: { kind: "requests", requests: [request({ path: "/${seq}" })] } } as const;

/** How often each path was asked for. */
function attempts() {
  const seen = new Map<string, number>();
  return ({ path }: ServerStream) => {
    const nth = (seen.get(path) ?? 0) + 1;
    seen.set(path, nth);
    return nth;
  };
}

const headOf = (stream: ServerStream, ...fields: readonly (readonly [string, string])[]) =>
  stream.head([[":status", "200"], ...fields]);

function cases(): readonly Case[] {
  const [nthOfRefused, nthOfGoaway] = [attempts(), attempts()];
  let processed = 0;
  return [
    { name: "answers", onRequest: (stream) => stream.respond(), expect: allOkTogether },
    {
      name: "accepts and never answers",
      onRequest: () => {},
      timeoutMs: SHORT_TIMEOUT_MS,
      expect: (seen) => {
        all("timeout", "no whole answer in time")(seen);
        // Each stream is given up, and not its connection with the others on it.
        expect(seen.server.resets).toBe(seen.counts.scheduled);
      },
    },
    {
      name: "answers after a while, all at once on a connection",
      onRequest: (stream) => setTimeout(() => stream.respond(), 30),
      expect: (seen) => {
        allOkTogether(seen);
        for (const p50 of seen.measured.all.latencyMs.p50) {
          if (p50 !== null) expect(p50).toBeGreaterThan(29);
        }
      },
    },
    {
      name: "answers too late",
      // By far more than the generator may be late itself on a busy machine.
      onRequest: (stream) => setTimeout(() => stream.respond(), SHORT_TIMEOUT_MS + 3000),
      timeoutMs: SHORT_TIMEOUT_MS,
      expect: all("timeout", "no whole answer in time"),
    },
    {
      name: "drips one answer past the timeout and sends the others",
      onRequest: (stream, nth) => {
        if (nth % 4 > 0) return stream.respond();
        headOf(stream, ["content-length", "1000"]);
        const drip = setInterval(() => stream.data("x"), 20);
        stream.peer.socket.on("close", () => clearInterval(drip));
        setTimeout(() => clearInterval(drip), 3000);
      },
      timeoutMs: SHORT_TIMEOUT_MS,
      expect: ({ counts, server }) => {
        expect(counts.timeout).toBe(Math.floor(server.requests / 4));
        expect(counts.ok).toBe(counts.scheduled - counts.timeout);
      },
    },
    {
      name: "resets each stream",
      onRequest: (stream) => stream.reset(CODE.internal),
      expect: all("reset", "RST_STREAM INTERNAL_ERROR"),
    },
    {
      name: "resets a stream within its answer",
      onRequest: (stream) => {
        headOf(stream, ["content-length", "10"]);
        stream.data("hel");
        stream.reset(CODE.cancel);
      },
      expect: all("reset", "RST_STREAM CANCEL"),
    },
    {
      name: "resets with an error that nobody knows",
      onRequest: (stream) => stream.reset(CODE.invented),
      expect: all("reset", "RST_STREAM an unknown error"),
    },
    {
      name: "refuses each request once",
      onRequest: (stream) => (nthOfRefused(stream) === 1 ? stream.reset(CODE.refused) : stream.respond()),
      changes: numbered,
      unseen: true,
      expect: (seen) => {
        all("ok")(seen);
        expect(seen.server.requests).toBe(2 * seen.counts.scheduled);
        expect(seen.measured.sentAgain).toBe(seen.counts.scheduled);
      },
    },
    {
      name: "refuses every request",
      onRequest: (stream) => stream.reset(CODE.refused),
      unseen: true,
      expect: (seen) => {
        all("refused", "not processed: RST_STREAM REFUSED_STREAM")(seen);
        expect(seen.server.requests).toBe(4 * seen.counts.scheduled);
      },
    },
    {
      name: "refuses a request that it has begun to answer",
      onRequest: (stream) => {
        headOf(stream);
        stream.reset(CODE.refused);
      },
      expect: all("reset", "RST_STREAM REFUSED_STREAM"),
    },
    {
      name: "goes away from a request that it has begun to answer",
      onRequest: (stream) => {
        headOf(stream);
        stream.peer.goaway(0, CODE.noError);
      },
      unseen: true,
      expect: (seen) => {
        // Others on the connection were not begun.
        expect(seen.counts.reset + seen.counts.refused).toBe(seen.counts.scheduled);
        expect(seen.measured.reasons["GOAWAY NO_ERROR"]).toBe(seen.counts.reset);
        expect(seen.counts.reset).toBeGreaterThan(0);
      },
    },
    {
      name: "goes away after five requests, as NGINX does",
      onRequest: (stream) => {
        const { peer } = stream;
        // It has said that it does not look at them.
        if (peer.requests > 5) return;
        if (peer.requests === 5) peer.goaway(stream.id, CODE.noError);
        stream.respond();
        processed++;
        if (peer.requests === 5) peer.socket.end();
      },
      unseen: true,
      expect: (seen) => {
        all("ok")(seen);
        expect(processed).toBe(seen.counts.ok);
        expect(seen.server.connections).toBeGreaterThanOrEqual(Math.floor(seen.counts.scheduled / 5));
      },
    },
    {
      name: "announces that it goes away, and then does without having processed the last",
      onRequest: (stream) => {
        const { peer } = stream;
        if (nthOfGoaway(stream) > 1 || peer.requests % 5 > 0) return stream.respond();
        peer.goaway(2 ** 31 - 1, CODE.noError);
        peer.goaway(stream.id - 2, CODE.noError);
      },
      changes: numbered,
      unseen: true,
      expect: all("ok"),
    },
    {
      name: "processes nothing on any connection",
      onRequest: (stream) => stream.peer.goaway(0, CODE.noError),
      unseen: true,
      expect: all("refused", "not processed: GOAWAY NO_ERROR"),
    },
    {
      name: "has had enough",
      onRequest: (stream) => {
        stream.peer.goaway(2 ** 31 - 1, CODE.calm);
        stream.peer.socket.end();
      },
      unseen: true,
      expect: all("reset", "GOAWAY ENHANCE_YOUR_CALM"),
    },
    {
      name: "goes away with an error and still answers what it has",
      onRequest: (stream) => {
        stream.peer.goaway(stream.id, CODE.internal);
        setTimeout(() => stream.respond(), 5);
      },
      unseen: true,
      expect: ({ counts, server }) => {
        expect(counts.ok + counts.refused).toBe(counts.scheduled);
        expect(counts.ok).toBeGreaterThan(0);
        expect(server.requests).toBeGreaterThanOrEqual(counts.ok);
      },
    },
    {
      name: "closes without an answer",
      onRequest: (stream) => stream.peer.socket.end(),
      expect: allEnded,
    },
    {
      name: "closes within an answer",
      onRequest: (stream) => {
        headOf(stream);
        stream.data("half of it");
        stream.peer.socket.end();
      },
      unseen: true,
      expect: (seen) => {
        all("reset")(seen);
        // Others on the connection had no answer at all.
        const { "closed before the whole answer": within = 0, "closed without answer": without = 0 } =
          seen.measured.reasons;
        expect(within).toBe(seen.server.connections);
        expect(within + without).toBe(seen.counts.scheduled);
      },
    },
    ...["3", "9"].map((length) => ({
      name: `sends 5 bytes and announces ${length}`,
      onRequest: (stream: ServerStream) => {
        headOf(stream, ["content-length", length]);
        stream.data("hello", true);
      },
      expect: malformed("content-length"),
    })),
    {
      name: "announces a length that is no number",
      onRequest: (stream) => {
        headOf(stream, ["content-length", "five"]);
        stream.data("hello", true);
      },
      expect: malformed("content-length"),
    },
    {
      name: "sends a body and no head",
      onRequest: (stream) => stream.data("hello", true),
      expect: malformed("a body before its head"),
    },
    {
      name: "sends no status",
      onRequest: (stream) => stream.head([["content-length", "0"]], true),
      expect: malformed("no :status"),
    },
    ...["", "20", "2000", "abc"].map((status) => ({
      name: `sends the status "${status}"`,
      onRequest: (stream: ServerStream) => stream.head([[":status", status]], true),
      expect: malformed(":status"),
    })),
    ...["Server", "connection", ":path", "x y"].map((name) => ({
      name: `sends the header "${name}"`,
      onRequest: (stream: ServerStream) => {
        stream.head(
          [
            [":status", "200"],
            [name, "x"],
          ],
          true,
        );
      },
      expect: malformed("a header that HTTP/2 does not allow"),
    })),
    {
      name: "breaks a line in a header",
      onRequest: (stream) => {
        stream.head(
          [
            [":status", "200"],
            ["x", "a\r\nb: c"],
          ],
          true,
        );
      },
      expect: malformed("a line break in a header"),
    },
    {
      name: "sends 1xx answers first",
      onRequest: (stream) => {
        stream.head([[":status", "103"]]);
        stream.respond();
      },
      expect: allOkTogether,
    },
    {
      name: "switches protocols, which HTTP/2 has not",
      onRequest: (stream) => stream.head([[":status", "101"]]),
      expect: malformed("status 101"),
    },
    {
      name: "sends trailers",
      onRequest: (stream) => {
        headOf(stream);
        stream.data("hello");
        stream.head([["x-sum", "1"]], true);
      },
      expect: allOkTogether,
    },
    {
      name: "sends headers within the body",
      onRequest: (stream) => {
        headOf(stream);
        stream.data("hello");
        stream.head([["x-sum", "1"]]);
      },
      expect: malformed("headers within the body"),
    },
    {
      name: "sends its headers byte by byte, in continuations",
      onRequest: (stream) => {
        const { bytes } = encodeHead([
          [":status", "200"],
          ["x-a", "b"],
        ]);
        stream.peer.frame(FRAME.headers, FLAG.endStream, stream.id);
        for (const [i, byte] of bytes.entries()) {
          const flags = i === bytes.length - 1 ? FLAG.endHeaders : 0;
          stream.peer.frame(FRAME.continuation, flags, stream.id, Buffer.from([byte]));
        }
        stream.peer.open.delete(stream.id);
      },
      expect: allOkTogether,
    },
    {
      name: "sends headers without an end",
      onRequest: (stream) => {
        stream.peer.frame(FRAME.headers, 0, stream.id);
        for (let i = 0; i < 12; i++) {
          stream.peer.frame(FRAME.continuation, 0, stream.id, Buffer.alloc(16_000));
        }
      },
      expect: rulesBroken("COMPRESSION_ERROR: a block of headers without an end"),
    },
    {
      name: "sends another frame within its headers",
      onRequest: (stream) => {
        stream.peer.frame(FRAME.headers, 0, stream.id, encodeHead([[":status", "200"]]).bytes);
        stream.data("hello", true);
      },
      expect: rulesBroken("PROTOCOL_ERROR: a frame within a block of headers"),
    },
    {
      name: "names a header that is in no table",
      onRequest: (stream) => {
        stream.peer.frame(
          FRAME.headers,
          FLAG.endHeaders | FLAG.endStream,
          stream.id,
          Buffer.from([0xff, 0x40]),
        );
      },
      expect: rulesBroken("COMPRESSION_ERROR: index 191 is not in the table"),
    },
    {
      name: "sends a frame that is too large",
      onRequest: (stream) => {
        headOf(stream);
        stream.data(Buffer.alloc(16_385), true);
      },
      expect: rulesBroken("FRAME_SIZE_ERROR: a frame that is too large"),
    },
    {
      name: "pushes what nobody asked for",
      onRequest: (stream) => {
        const block = encodeHead([[":method", "GET"]]).bytes;
        const payload = Buffer.concat([numbers(2), block]);
        stream.peer.frame(FRAME.pushPromise, FLAG.endHeaders, stream.id, payload);
      },
      expect: rulesBroken("PROTOCOL_ERROR: a push, although none is allowed"),
    },
    {
      name: "answers a request that was never sent",
      onRequest: (stream) => {
        stream.peer.frame(
          FRAME.headers,
          FLAG.endHeaders | FLAG.endStream,
          stream.id + 100_000,
          encodeHead([[":status", "200"]]).bytes,
        );
      },
      expect: rulesBroken("PROTOCOL_ERROR: headers on a stream that was never opened"),
    },
    {
      name: "opens its windows too far",
      onRequest: (stream) => stream.peer.frame(FRAME.windowUpdate, 0, 0, numbers(2 ** 31 - 1)),
      expect: rulesBroken("FLOW_CONTROL_ERROR: a window that is too large"),
    },
    {
      name: "pads more than a frame holds",
      onRequest: (stream) => {
        headOf(stream);
        stream.peer.frame(FRAME.data, FLAG.padded | FLAG.endStream, stream.id, Buffer.from([9, 1, 2]));
      },
      expect: rulesBroken("PROTOCOL_ERROR: padding longer than its frame"),
    },
    {
      name: "pads its frames, and sends them in pieces that begin and end anywhere",
      onRequest: (stream, nth) => {
        const head = encodeHead([
          [":status", "200"],
          ["content-length", "5"],
        ]).bytes;
        const body = Buffer.from([3, ...Buffer.from("hello"), 0, 0, 0]);
        const bytes = Buffer.concat([
          frameBytes(
            FRAME.headers,
            FLAG.endHeaders | FLAG.padded,
            stream.id,
            Buffer.from([2, ...head, 0, 0]),
          ),
          frameBytes(FRAME.data, FLAG.padded | FLAG.endStream, stream.id, body),
        ]);
        const cut = (nth * 7) % bytes.length;
        stream.peer.open.delete(stream.id);
        stream.peer.socket.write(bytes.subarray(0, cut));
        stream.peer.socket.write(bytes.subarray(cut));
      },
      expect: allOkTogether,
    },
    {
      name: "sends a byte at a time",
      onRequest: (stream) => {
        stream.peer.open.delete(stream.id);
        const bytes = frameBytes(
          FRAME.headers,
          FLAG.endHeaders | FLAG.endStream,
          stream.id,
          encodeHead([[":status", "204"]]).bytes,
        );
        for (const byte of bytes) stream.peer.socket.write(Buffer.from([byte]));
      },
      expect: allOkTogether,
    },
    {
      name: "asks whether anybody is there, and sends frames that nobody knows",
      onRequest: (stream) => {
        stream.peer.frame(FRAME.ping, 0, 0, Buffer.alloc(8, 7));
        stream.peer.frame(0xfa, 0xff, stream.id, Buffer.alloc(20));
        stream.peer.frame(FRAME.priority, 0, stream.id, Buffer.alloc(5));
        stream.respond();
      },
      expect: (seen) => {
        allOkTogether(seen);
        expect(seen.server.pingAnswers).toBe(seen.counts.scheduled);
      },
    },
    {
      name: "takes one request at a time on a connection",
      onConnection: (peer) => peer.settings([SETTING.maxStreams, 1]),
      onRequest: (stream) => setTimeout(() => stream.respond(), 30),
      expect: (seen) => {
        all("ok")(seen);
        expect(seen.server.mostStreams).toBe(1);
      },
    },
    {
      name: "takes two at a time, and says so late",
      onConnection: (peer) => {
        setTimeout(() => peer.settings([SETTING.maxStreams, 2]), 50);
      },
      onRequest: (stream) => setTimeout(() => stream.respond(), 60),
      expect: (seen) => {
        all("ok")(seen);
        expect(seen.server.mostStreams).toBeLessThanOrEqual(2);
      },
    },
    {
      name: "takes hardly any headers",
      onConnection: (peer) => peer.settings([SETTING.headerList, 60]),
      onRequest: (stream) => stream.respond(),
      unseen: true,
      expect: ({ counts, measured, server }) => {
        // The first request of a connection leaves before the server has said so.
        expect(counts.ok).toBe(server.requests);
        expect(counts.ok).toBeLessThanOrEqual(server.connections);
        expect(counts.refused).toBe(counts.scheduled - counts.ok);
        expect(measured.reasons).toEqual({ "more headers than the server takes": counts.refused });
      },
    },
    {
      name: "reads bodies through small windows",
      onConnection: (peer) => peer.settings([SETTING.window, 10]),
      onRequest: (stream) => stream.respond(String(stream.bodyBytes)),
      changes: {
        mix: {
          kind: "requests",
          requests: [
            request({
              method: "POST",
              body: "x".repeat(500),
              expect: { status: ["2xx"], headers: {}, body: "500", json: {} },
            }),
          ],
        },
      },
      expect: (seen) => {
        allOkTogether(seen);
        expect(seen.server.bodyBytes).toBe(500 * seen.counts.scheduled);
      },
    },
    {
      name: "answers before it has the body, and never opens its window",
      onConnection: (peer) => peer.settings([SETTING.window, 0]),
      onRequest: () => {},
      onFrame: (peer, type, _, id) => {
        if (type === FRAME.headers) setImmediate(() => peer.open.get(id)?.respond());
      },
      changes: posting,
      unseen: true,
      expect: all("ok"),
    },
    {
      name: "sends 1 MB bodies",
      onRequest: (stream) => {
        headOf(stream);
        for (let i = 0; i < 64; i++) stream.data(Buffer.alloc(16_384, "x"), i === 63);
      },
      expect: (seen) => {
        allOkTogether(seen);
        expect(seen.measured.bytesReceived).toBeGreaterThanOrEqual(seen.counts.ok * 1024 * 1024);
      },
    },
    {
      name: "speaks another protocol",
      onConnection: ({ socket }) => socket.write("SSH-2.0-OpenSSH_9.6 with a long banner\r\n"),
      onRequest: () => {},
      unseen: true,
      expect: all("http_error", "no HTTP/2: the first bytes are something else"),
    },
    {
      name: "answers in HTTP/1.1",
      onConnection: ({ socket }) => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      onRequest: () => {},
      unseen: true,
      expect: all("http_error", "no HTTP/2: the first bytes are something else"),
    },
    {
      name: "answers 200 and 500 in turn",
      onRequest: (stream, nth) => stream.respond("hello", nth % 2 === 0 ? 500 : 200),
      expect: ({ counts, server, measured }) => {
        expect(counts.http_error).toBe(Math.floor(server.requests / 2));
        expect(counts.ok).toBe(counts.scheduled - counts.http_error);
        expect(measured.reasons).toEqual({ "status 500": counts.http_error });
      },
    },
    {
      name: "goes on after the answer is whole",
      onRequest: (stream) => {
        stream.respond();
        stream.data("more", true);
      },
      expect: allOkTogether,
    },
  ];
}

// About 32 requests in either model, whatever the server does.
const MODELS: readonly [string, LoadModel, pipelining: number][] = [
  ["open", openModel(40), 100],
  ["closed", closedModel(2, 50), 1],
];

describe.each(MODELS)("%s model, a server that", (_, model, pipelining) => {
  const plan = (url: string, changes: Partial<LoadPlan> = {}) =>
    loadPlan(url, model, { protocol: "h2", pipelining, timeoutMs: TIMEOUT_MS, ...changes });

  test.concurrent.for(cases())("$name", async (hostile, { expect: check }) => {
    const server = await startHostileHttp2Server(hostile);
    try {
      const { timeoutMs = TIMEOUT_MS, changes } = hostile;
      const measured = await runLoad(plan(server.url, { timeoutMs, ...changes }), DURATION_MS);
      const counts = totals(measured.all);
      check(counts.scheduled).toBeGreaterThan(1);
      check(outcomesOf(counts)).toBe(counts.scheduled);
      if (!hostile.unseen) check(server.requests).toBe(counts.scheduled);
      await everyConnectionIsKnown(server, measured);
      check(measured.lost).toBeNull();
      hostile.expect({ server, counts, measured });
      await sleep(100);
      check(server.openSockets).toBe(0);
    } finally {
      await server.down();
    }
  });

  test.concurrent("refuses connections", async ({ expect: check }) => {
    const server = await startHostileHttp2Server({ onRequest: () => {} });
    await server.down();
    const measured = await runLoad(plan(server.url), DURATION_MS);
    const counts = totals(measured.all);
    check(counts.refused).toBe(counts.scheduled);
    check(measured.reasons).toEqual({ ECONNREFUSED: counts.scheduled });
    check(measured.connectionsOpened).toBe(0);
    check(counts.scheduled).toBeLessThan(60);
  });

  test.concurrent("restarts in mid-run", async ({ expect: check }) => {
    const server = await startHostileHttp2Server({ onRequest: (stream) => stream.respond() });
    const session = await startLoad({ plan: plan(server.url) });
    try {
      await session.begin({ id: "all", limits: [] });
      await sleep(500);
      await server.down();
      await sleep(500);
      await server.up();
      await sleep(500);
      await session.end();
      const counts = totals((await session.drain("all")).all);
      check(counts.refused).toBeGreaterThan(0);
      check(counts.ok + counts.refused + counts.reset).toBe(counts.scheduled);
      check(counts.ok).toBeLessThanOrEqual(server.requests);
      check(counts.ok).toBeGreaterThan(1);
    } finally {
      await session.stop();
      await server.down();
    }
  });
});

function outcomesOf(counts: Totals): number {
  const { scheduled: _, ...outcomes } = counts;
  return Object.values(outcomes).reduce((total, count) => total + count, 0);
}
