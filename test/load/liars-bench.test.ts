import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { startLoad } from "../../src/load/start-load.js";
import type { SegmentMeasurement } from "../../src/measure/segment-accumulator.js";
import type { LoadModel } from "../../src/plan/load-plan.js";
import { sleep } from "../../src/support/clock.js";
import { type Behaviour, type HostileServer, ok, startHostileServer } from "../helpers/hostile-server.js";
import { everyConnectionIsKnown } from "../helpers/known-connections.js";
import { closedModel, loadPlan, openModel, runLoad, type Totals, totals } from "../helpers/load-plans.js";

/**
 * Targets that misbehave in a known way, each under both load models. The outcomes must be what the target itself
 * knows to have done, to the last request.
 */

/** Long, because only what is about timeouts should meet one on a busy machine. */
const TIMEOUT_MS = 5000;
/** A target that had no CPU for so long would not see what was sent: its connection is reset by then. */
const SHORT_TIMEOUT_MS = 1000;
const DURATION_MS = 1200;
/** Two connections of the closed model give up more than three requests in it. */
const LONG_DURATION_MS = 2500;

interface Seen {
  readonly server: HostileServer;
  readonly counts: Totals;
  readonly measured: SegmentMeasurement;
}

interface Case extends Behaviour {
  readonly name: string;
  /** What must hold besides: every request has one outcome, and the target saw as many as were sent. */
  readonly expect: (seen: Seen) => void;
  /** The target does not see all that was sent. */
  readonly unseen?: boolean;
  readonly timeoutMs?: number;
  /** Reading the answers takes so much of a processor that a busy machine could not keep up with the usual rate. */
  readonly isHeavy?: boolean;
}

const all = (outcome: keyof Totals, reason?: string) => (seen: Seen) => {
  expect(seen.counts[outcome]).toBe(seen.counts.scheduled);
  if (reason !== undefined) expect(seen.measured.reasons).toEqual({ [reason]: seen.counts.scheduled });
};

/** Not every network stack tells a reset from an end when bytes came before it: the reasons are one of the two. */
const allReset = (seen: Seen) => {
  all("reset")(seen);
  for (const reason of Object.keys(seen.measured.reasons)) {
    expect(["ECONNRESET within the answer", "closed before the whole answer"]).toContain(reason);
  }
};

/** As `all("ok")`, and the connections were used again. */
const allOkKeptAlive = (seen: Seen) => {
  all("ok")(seen);
  expect(seen.measured.reasons).toEqual({});
  expect(seen.server.connections).toBeLessThan(seen.counts.scheduled / 2);
};

const CASES: readonly Case[] = [
  {
    name: "accepts and never answers",
    onRequest: () => {},
    timeoutMs: SHORT_TIMEOUT_MS,
    expect: all("timeout", "no whole answer in time"),
  },
  {
    name: "answers after a while",
    onRequest: (socket) => setTimeout(() => socket.write(ok()), 30),
    expect: (seen) => {
      allOkKeptAlive(seen);
      const p50s = seen.measured.all.latencyMs.p50.filter((ms) => ms !== null);
      for (const p50 of p50s) expect(p50).toBeGreaterThan(29);
    },
  },
  {
    name: "answers too late",
    // By far more than the generator may be late itself on a busy machine.
    onRequest: (socket) => setTimeout(() => socket.writable && socket.write(ok()), SHORT_TIMEOUT_MS + 3000),
    timeoutMs: SHORT_TIMEOUT_MS,
    expect: all("timeout", "no whole answer in time"),
  },
  {
    name: "closes without an answer",
    onRequest: (socket) => socket.end(),
    expect: all("reset", "closed without answer"),
  },
  {
    name: "resets before the headers",
    onRequest: (socket) => socket.resetAndDestroy(),
    expect: all("reset", "ECONNRESET"),
  },
  {
    name: "resets within the headers",
    onRequest: (socket) => writeThenReset(socket, "HTTP/1.1 200 OK\r\nContent-Le"),
    expect: allReset,
  },
  {
    name: "resets after the headers",
    onRequest: (socket) => writeThenReset(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"),
    expect: allReset,
  },
  {
    name: "truncates the body",
    onRequest: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it"),
    expect: all("reset", "closed before the whole answer"),
  },
  {
    name: "truncates a chunked body",
    onRequest: (socket) => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    expect: all("reset", "closed before the whole answer"),
  },
  {
    name: "announces more than it sends, and waits",
    onRequest: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"),
    timeoutMs: SHORT_TIMEOUT_MS,
    expect: all("timeout", "no whole answer in time"),
  },
  {
    name: "sends more than it announces",
    onRequest: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world"),
    // The answer is whole; the connection cannot be trusted any more.
    expect: (seen) => {
      all("ok")(seen);
      expect(seen.server.connections).toBe(seen.counts.scheduled);
    },
  },
  ...["many", "", "0x5", "5e0", "5.0", "+5", "-0", "99999999999999999"].map((length) => ({
    name: `announces the length "${length}"`,
    onRequest: (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nhello`),
    expect: all("http_error", "malformed answer: Content-Length"),
  })),
  {
    name: "names another coding before chunked",
    onRequest: (socket) =>
      socket.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      ),
    expect: allOkKeptAlive,
  },
  {
    name: "speaks another protocol",
    onRequest: (socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"),
    expect: all("http_error", "malformed answer"),
  },
  ...["X-Name: č", 'Content-Disposition: attachment; filename="名.pdf"', "X-Old: caf\u00e9"].map((line) => ({
    name: `sends the header ${line}`,
    onRequest: (socket: Socket) => socket.write(`HTTP/1.1 200 Č\r\n${line}\r\nContent-Length: 2\r\n\r\nhi`),
    expect: allOkKeptAlive,
  })),
  // 80 KiB are allowed: less and more, in pieces of any size.
  ...[81_000, 83_000].flatMap((bytes) =>
    [1000, 40_000].map((piece) => ({
      name: `sends a head of ${bytes} bytes in pieces of ${piece}`,
      onRequest: (socket: Socket) => {
        const answer = `${headOf(bytes)}hi`;
        for (let at = 0; at < answer.length; at += piece) socket.write(answer.slice(at, at + piece));
      },
      isHeavy: true,
      timeoutMs: 30_000,
      expect: bytes < 80 * 1024 ? allOkKeptAlive : all("http_error", "malformed answer"),
    })),
  ),
  {
    name: "sends headers without an end",
    onRequest: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      for (let i = 0; i < 120 && socket.writable; i++) socket.write(`X-${i}: ${"x".repeat(1000)}\r\n`);
    },
    expect: all("http_error", "malformed answer"),
  },
  {
    name: "sends a chunked body in one-byte pieces",
    onRequest: (socket) => {
      for (const byte of "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") {
        socket.write(byte);
      }
    },
    expect: allOkKeptAlive,
  },
  ...["many", "-5", "", "5 hello", "0x5"].map((size) => ({
    name: `sends the chunk size "${size}"`,
    onRequest: (socket: Socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\nhello\r\n0\r\n\r\n`),
    expect: all("http_error", "malformed answer"),
  })),
  {
    name: "sends chunks with extensions and trailers",
    onRequest: (socket) =>
      socket.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA ; c\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
      ),
    expect: allOkKeptAlive,
  },
  {
    name: "sends 1xx answers first",
    onRequest: (socket) => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok()}`);
    },
    expect: allOkKeptAlive,
  },
  {
    name: "sends only 1xx answers",
    onRequest: (socket) => socket.write("HTTP/1.1 102 Processing\r\n\r\n"),
    timeoutMs: SHORT_TIMEOUT_MS,
    expect: all("timeout", "no whole answer in time"),
  },
  {
    name: "answers 204 without a body",
    onRequest: (socket) => socket.write("HTTP/1.1 204 No Content\r\n\r\n"),
    expect: allOkKeptAlive,
  },
  {
    name: "answers 304 with the length of a body that does not follow",
    onRequest: (socket) => socket.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"),
    expect: allOkKeptAlive,
  },
  {
    name: "answers in HTTP/1.0 and closes",
    onRequest: (socket) => socket.end("HTTP/1.0 200 OK\r\n\r\na body until the end"),
    expect: all("ok"),
  },
  {
    name: "announces Connection: close, and closes",
    onRequest: (socket) => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"),
    expect: all("ok"),
  },
  {
    name: "closes kept-alive connections between requests",
    onRequest: (socket) => {
      socket.write(ok());
      setTimeout(() => socket.end(), 3);
    },
    // Whether a request meets the closing connection is chance: then it was never answered.
    expect: ({ server, counts }) => {
      expect(counts.ok + counts.reset).toBe(counts.scheduled);
      expect(counts.ok).toBeGreaterThan(0);
      expect(server.requests).toBeGreaterThanOrEqual(counts.ok);
    },
    unseen: true,
  },
  {
    name: "answers the first request of a connection and closes on the second",
    onRequest: (socket, _, onSocket) => (onSocket === 1 ? socket.write(ok()) : socket.end()),
    expect: ({ counts, server }) => {
      expect(counts.ok + counts.reset).toBe(counts.scheduled);
      expect(counts.ok).toBe(server.connections);
    },
  },
  {
    name: "answers twice",
    onRequest: (socket) => socket.write(ok() + ok("a second answer")),
    expect: (seen) => {
      all("ok")(seen);
      expect(seen.server.connections).toBe(seen.counts.scheduled);
    },
  },
  {
    name: "speaks up between requests",
    onRequest: (socket) => {
      socket.write(ok());
      setTimeout(() => socket.writable && socket.write(ok("unasked")), 2);
    },
    expect: all("ok"),
  },
  {
    name: "answers 503 in bursts",
    onRequest: (socket, nth) =>
      socket.write(nth % 10 < 5 ? ok() : "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
    expect: ({ counts, server, measured }) => {
      const bad = Array.from({ length: server.requests }, (_, i) => (i + 1) % 10 >= 5).filter(Boolean).length;
      expect(counts.http_error).toBe(bad);
      expect(counts.ok).toBe(counts.scheduled - bad);
      expect(measured.reasons).toEqual({ "status 503": bad });
    },
  },
  {
    name: "answers 200 and 500 in turn, in answers of the same length",
    onRequest: (socket, nth) =>
      socket.write(`HTTP/1.1 ${nth % 2 === 0 ? 500 : 200} XX\r\nContent-Length: 5\r\n\r\nhello`),
    expect: ({ counts, server }) => {
      expect(counts.http_error).toBe(Math.floor(server.requests / 2));
      expect(counts.ok).toBe(counts.scheduled - counts.http_error);
    },
  },
  {
    name: "repeats a head, but not all of the body",
    onRequest: (socket, nth) => {
      if (nth % 4 === 0) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
      else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    },
    expect: ({ counts, server, measured }) => {
      const cut = Math.floor(server.requests / 4);
      expect(counts.reset).toBe(cut);
      expect(counts.ok).toBe(counts.scheduled - cut);
      expect(measured.reasons).toEqual({ "closed before the whole answer": cut });
    },
  },
  {
    name: "repeats a head in pieces that begin and end anywhere",
    onRequest: (socket, nth) => {
      const text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
      const cut = (nth * 7) % text.length;
      if (cut > 0) socket.write(text.slice(0, cut));
      setTimeout(() => socket.writable && socket.write(text.slice(cut)), 4);
    },
    expect: allOkKeptAlive,
  },
  {
    name: "drips its answer past the timeout",
    onRequest: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      const drip = setInterval(() => (socket.writable ? socket.write("x") : clearInterval(drip)), 20);
      socket.on("close", () => clearInterval(drip));
    },
    timeoutMs: SHORT_TIMEOUT_MS,
    expect: all("timeout", "no whole answer in time"),
  },
  {
    name: "sends 1 MB bodies",
    onRequest: (socket) => socket.write(ok("x".repeat(1_000_000))),
    expect: (seen) => {
      allOkKeptAlive(seen);
      expect(seen.measured.bytesReceived).toBeGreaterThanOrEqual(seen.counts.ok * 1_000_000);
    },
  },
];

/** The head of an answer with a body of two bytes. */
function headOf(bytes: number): string {
  const begin = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  const end = "\r\n\r\n";
  let head = begin;
  while (head.length + 1000 < bytes) head += `X: ${"x".repeat(500)}\r\n`;
  return `${head}X: `.padEnd(bytes - end.length, "x") + end;
}

function writeThenReset(socket: Socket, text: string): void {
  // The bytes must be out before the reset, which throws away what is not.
  socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 5));
}

// About 60 requests in either model, whatever the target does.
const MODELS: readonly [string, LoadModel, heavy: LoadModel][] = [
  ["open", openModel(40), openModel(5)],
  ["closed", closedModel(2, 20), closedModel(1, 100)],
];

describe.each(MODELS)("%s model, a target that", (_, model, ofHeavy) => {
  test.concurrent.for(CASES)("$name", async (hostile, { expect: check }) => {
    const server = await startHostileServer(hostile);
    try {
      const measured = await runLoad(
        loadPlan(server.url, hostile.isHeavy ? ofHeavy : model, {
          timeoutMs: hostile.timeoutMs ?? TIMEOUT_MS,
        }),
        hostile.timeoutMs === undefined ? DURATION_MS : LONG_DURATION_MS,
      );
      const counts = totals(measured.all);
      check(counts.scheduled).toBeGreaterThan(hostile.isHeavy ? 1 : 3);
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

  test.concurrent("refuses", async ({ expect: check }) => {
    const server = await startHostileServer({ onRequest: () => {} });
    await server.down();
    const measured = await runLoad(loadPlan(server.url, model), DURATION_MS);
    const counts = totals(measured.all);
    check(counts.scheduled).toBeGreaterThan(15);
    check(counts.refused).toBe(counts.scheduled);
    check(measured.reasons).toEqual({ ECONNREFUSED: counts.scheduled });
    check(measured.connectionsOpened).toBe(0);
    // No storm of reconnects: 2 connections that pause 100 ms after each refusal, or 40 requests a second.
    check(counts.scheduled).toBeLessThan(60);
  });

  test.concurrent("restarts in mid-run", async ({ expect: check }) => {
    let answered = 0;
    const server = await startHostileServer({
      onRequest: (socket) => {
        answered++;
        socket.write(ok());
      },
    });
    const session = await startLoad({ plan: loadPlan(server.url, model) });
    try {
      await session.begin({ id: "all", limits: [] });
      await sleep(600);
      await server.down();
      await sleep(600);
      await server.up();
      await sleep(600);
      await session.end();
      const counts = totals((await session.drain("all")).all);
      check(counts.refused).toBeGreaterThan(0);
      check(counts.ok + counts.refused + counts.reset).toBe(counts.scheduled);
      // Answers that were written and thrown away when the server went down never arrived.
      check(answered - counts.ok).toBeGreaterThanOrEqual(0);
      check(answered - counts.ok).toBeLessThanOrEqual(counts.reset);
      check(counts.ok).toBeGreaterThan(30);
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
