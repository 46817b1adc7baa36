import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/measure/outcome.js";
import type { SegmentMeasurement } from "../../../src/measure/segment-accumulator.js";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import type { WebSocketRequest } from "../../../src/requests/websocket/websocket-request.js";
import { sleep } from "../../../src/support/clock.js";
import { exchangeOf, expected, sent } from "../../helpers/exchanges.js";
import { everyConnectionIsKnown } from "../../helpers/known-connections.js";
import { closedModel, loadPlan, openModel, runLoadUntil, totals } from "../../helpers/load-plans.js";
import {
  eightBytes,
  RawWebSocketServer,
  type ServerConnection,
  SWITCHING,
  serverFrame,
  type WebSocketBehaviour,
} from "../../helpers/websocket-server.js";

/**
 * Servers that misbehave in a known way, on raw sockets, each under both load models, with connections that are new and that
 * are kept. The outcomes must be what the server itself knows to have done, to the last exchange.
 */

/** Long, because only what is about timeouts should meet one on a busy machine. */
const TIMEOUT_MS = 5_000;
const SHORT_TIMEOUT_MS = 1_500;
const NO_OUTCOMES = { ok: 0, http_error: 0, timeout: 0, refused: 0, reset: 0, unsent: 0 };

interface Case extends WebSocketBehaviour {
  readonly name: string;
  readonly outcome: Outcome;
  /** Why each exchange ends badly. Not there: none does. */
  readonly reason?: string;
  readonly exchange?: Partial<WebSocketRequest>;
  readonly timeoutMs?: number;
  /** The handshake is refused, so no message is sent. */
  readonly sendsNothing?: true;
  readonly holds?: (server: RawWebSocketServer, measured: SegmentMeasurement, path: string) => void;
}

const answers = (answer: (connection: ServerConnection, payload: Buffer) => void) => ({
  onMessage: (connection: ServerConnection, payload: Buffer) => answer(connection, payload),
});
const raw = (...bytes: readonly (Buffer | readonly number[])[]) =>
  answers(({ socket }) => socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part)))));
const refuses = (answer: (socket: Socket, accept: string) => void) => ({
  onHandshake: answer,
  sendsNothing: true as const,
});
const HELLO = Buffer.from("hello");
const handshake = (what: string) => `WebSocket handshake: ${what}`;

const CASES: readonly Case[] = [
  { name: "echoes", ...answers((to, what) => to.frame(1, what)), outcome: "ok" },
  {
    name: "echoes in pieces of one byte",
    ...answers(({ socket }, what) => {
      for (const byte of serverFrame(1, what)) socket.write(Buffer.of(byte));
    }),
    outcome: "ok",
  },
  {
    name: "echoes in fragments, with pings and pongs between them",
    ...answers(({ socket }) => {
      socket.write(
        Buffer.concat([
          serverFrame(1, Buffer.from("he"), 0x01),
          serverFrame(9, Buffer.from("are you there?")),
          serverFrame(0, Buffer.alloc(0), 0x00),
          serverFrame(0, Buffer.from("l"), 0x00),
          serverFrame(10, Buffer.from("nobody asked")),
          serverFrame(0, Buffer.from("lo")),
        ]),
      );
    }),
    outcome: "ok",
    holds: ({ pongs, messages }, _, path) => {
      const asked = messages.filter((message) => message.path === path).length;
      expect(pongs.filter((pong) => pong === "are you there?")).toHaveLength(asked);
    },
  },
  {
    name: "splits a character between two fragments",
    ...answers(({ socket }) => {
      const text = Buffer.from("hellö hello");
      socket.write(serverFrame(1, text.subarray(0, 5), 0x01));
      socket.write(serverFrame(0, text.subarray(5)));
    }),
    outcome: "ok",
  },
  {
    name: "answers with 70,000 bytes",
    ...answers((to) => to.text(`${"x".repeat(70_000)}hello`)),
    outcome: "ok",
  },
  {
    name: "answers late, but in time",
    ...answers((to, what) => setTimeout(() => to.frame(1, what), 30)),
    outcome: "ok",
    holds: (_, { requests }) => {
      const { latencyMs } = requests.find(({ request }) => request === "answers late, but in time")!;
      for (const p50 of latencyMs.p50.filter((ms) => ms !== null)) expect(p50).toBeGreaterThan(29);
    },
  },
  {
    name: "sends its answer with the handshake, before it is asked",
    onHandshake: (socket, accept) =>
      socket.write(
        Buffer.concat([
          Buffer.from(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n\r\n`),
          serverFrame(1, HELLO),
        ]),
      ),
    // On a kept connection there is no second one.
    exchange: { messages: [expected({ text: "hello" })], keepsConnection: false },
    sendsNothing: true,
    outcome: "ok",
  },
  {
    name: "says 100 Continue and early hints first",
    onHandshake: (socket, accept) =>
      socket.write(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${SWITCHING}sec-websocket-accept:${accept}\r\n\r\n`,
      ),
    ...answers((to, what) => to.frame(1, what)),
    outcome: "ok",
  },
  {
    name: "accepts and never answers the handshake",
    ...refuses(() => {}),
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "no WebSocket handshake in time",
  },
  {
    name: "never says anything after the handshake",
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "0 of 1 messages in time",
  },
  {
    name: "pings and says nothing else",
    ...answers((to) => {
      const timer = setInterval(() => to.frame(9, "x"), 20);
      to.socket.on("close", () => clearInterval(timer));
    }),
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "0 of 1 messages in time",
  },
  {
    name: "stops within a frame",
    ...raw([0x81, 5, 104, 101]),
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "0 of 1 messages in time",
  },
  {
    name: "sends another message than the expected one",
    ...answers((to) => to.text("no")),
    outcome: "http_error",
    reason: 'message: expected text with "hello", found "no"',
  },
  {
    name: "refuses with 403",
    ...refuses((socket) => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nno bots")),
    outcome: "http_error",
    reason: "status 403 to the WebSocket handshake",
  },
  {
    name: "answers as a page",
    ...refuses((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")),
    outcome: "http_error",
    reason: "status 200 to the WebSocket handshake",
  },
  {
    name: "leads elsewhere",
    ...refuses((socket) => socket.write("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")),
    outcome: "http_error",
    reason: "status 302 to the WebSocket handshake",
  },
  {
    name: "computes another key",
    ...refuses((socket) => socket.write(`${SWITCHING}Sec-WebSocket-Accept: AAAA\r\n\r\n`)),
    outcome: "http_error",
    reason: handshake("wrong Sec-WebSocket-Accept"),
  },
  {
    name: "switches to something else",
    ...refuses((socket, accept) =>
      socket.write(
        `HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      ),
    ),
    outcome: "http_error",
    reason: handshake("101 without upgrade: websocket"),
  },
  {
    name: "keeps the connection as it was",
    ...refuses((socket, accept) =>
      socket.write(
        `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: keep-alive\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      ),
    ),
    outcome: "http_error",
    reason: handshake("101 without connection: upgrade"),
  },
  {
    name: "compresses though nobody offered it",
    ...refuses((socket, accept) =>
      socket.write(
        `${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
      ),
    ),
    outcome: "http_error",
    reason: handshake("extension that was not offered"),
  },
  {
    name: "chooses a subprotocol that nobody offered",
    ...refuses((socket, accept) =>
      socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v9\r\n\r\n`),
    ),
    exchange: { subprotocols: ["v1", "v2"] },
    outcome: "http_error",
    reason: handshake("subprotocol that was not offered"),
  },
  {
    name: "chooses no subprotocol",
    ...refuses((socket, accept) => socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n\r\n`)),
    exchange: { subprotocols: ["v1"] },
    outcome: "http_error",
    reason: handshake("no subprotocol of those that were offered"),
  },
  {
    name: "speaks another protocol",
    ...refuses((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n")),
    outcome: "http_error",
    reason: handshake("no HTTP"),
  },
  {
    name: "has a head without an end",
    ...refuses((socket) => socket.write(`HTTP/1.1 101 Switching\r\n${"X-Y: z\r\n".repeat(12_000)}`)),
    outcome: "http_error",
    reason: handshake("head of more than 80 KiB"),
  },
  {
    name: "closes in the handshake",
    ...refuses((socket) => socket.end()),
    outcome: "reset",
    reason: "closed in the WebSocket handshake",
  },
  {
    name: "resets in the handshake",
    ...refuses((socket) => socket.resetAndDestroy()),
    outcome: "reset",
    reason: "ECONNRESET",
  },
  {
    name: "closes after half of the handshake",
    ...refuses((socket) => socket.end("HTTP/1.1 101 Swi")),
    outcome: "reset",
    reason: "closed before the whole answer",
  },
  {
    name: "masks its frames",
    ...raw([0x81, 0x85, 1, 2, 3, 4], HELLO),
    outcome: "http_error",
    reason: "WebSocket: masked frame",
  },
  {
    name: "sets reserved bits, as compressed messages do",
    ...raw([0xc1, 5], HELLO),
    outcome: "http_error",
    reason: "WebSocket: reserved bits are set",
  },
  {
    name: "has an unknown opcode",
    ...raw([0x83, 0]),
    outcome: "http_error",
    reason: "WebSocket: unknown opcode 3",
  },
  {
    name: "has an unknown control opcode",
    ...raw([0x8b, 0]),
    outcome: "http_error",
    reason: "WebSocket: unknown opcode 11",
  },
  {
    name: "continues no message",
    ...raw([0x80, 5], HELLO),
    outcome: "http_error",
    reason: "WebSocket: continuation of no message",
  },
  {
    name: "begins a message within another",
    ...raw([0x01, 2, 104, 101, 0x81, 0]),
    outcome: "http_error",
    reason: "WebSocket: message within a message",
  },
  {
    name: "sends a ping in pieces",
    ...raw([0x09, 1, 1]),
    outcome: "http_error",
    reason: "WebSocket: control frame in pieces",
  },
  {
    name: "sends a ping of 126 bytes",
    ...raw([0x89, 126, 0, 126], Buffer.alloc(126)),
    outcome: "http_error",
    reason: "WebSocket: control frame longer than 125 bytes",
  },
  {
    name: "writes a length longer than it has to be",
    ...raw([0x81, 126, 0, 5], HELLO),
    outcome: "http_error",
    reason: "WebSocket: length that is written too long",
  },
  {
    name: "announces a message of 2^63 bytes",
    ...raw([0x82, 127], eightBytes(2n ** 63n)),
    outcome: "http_error",
    reason: "WebSocket: message longer than 16 MiB",
  },
  {
    name: "announces 20 MB in fragments",
    ...raw([0x01, 2, 104, 101], [0x00, 127], eightBytes(20_000_000)),
    outcome: "http_error",
    reason: "WebSocket: message longer than 16 MiB",
  },
  {
    name: "sends text that is no UTF-8",
    ...raw([0x81, 3, 0xed, 0xa0, 0x80]),
    outcome: "http_error",
    reason: "WebSocket: text that is not UTF-8",
  },
  {
    name: "closes with a code that must not be sent",
    ...raw([0x88, 2, 0x03, 0xed]),
    outcome: "http_error",
    reason: "WebSocket: close code 1005",
  },
  {
    name: "closes with half a code",
    ...raw([0x88, 1, 3]),
    outcome: "http_error",
    reason: "WebSocket: close frame of one byte",
  },
  {
    name: "closes with a reason that is no UTF-8",
    ...raw([0x88, 3, 0x03, 0xe8, 0xff]),
    outcome: "http_error",
    reason: "WebSocket: close reason that is not UTF-8",
  },
  {
    name: "closes with 1011",
    ...answers((to) => to.close(1011)),
    outcome: "reset",
    reason: "closed: 1011 internal error",
    holds: ({ closes }, _, path) =>
      expect(new Set(closes.flatMap((one) => (one.path === path ? one.code : [])))).toEqual(new Set([1011])),
  },
  {
    name: "closes with a code of its own",
    ...answers((to) => to.close(4321)),
    outcome: "reset",
    reason: "closed: 4321",
  },
  {
    name: "closes without a code",
    ...answers((to) => to.close()),
    outcome: "reset",
    reason: "closed: without a code",
  },
  {
    name: "closes within a message",
    ...answers(({ socket }) => {
      socket.write(
        Buffer.concat([serverFrame(1, Buffer.from("he"), 0x01), serverFrame(8, Buffer.from([0x03, 0xf4]))]),
      );
    }),
    outcome: "reset",
    reason: "closed: 1012 service restart",
  },
  {
    name: "ends the connection without a word",
    ...answers(({ socket }) => socket.end()),
    outcome: "reset",
    reason: "closed without answer",
  },
  {
    name: "cuts the connection within a frame",
    ...answers(({ socket }) => socket.end(Buffer.from([0x81, 5, 104, 101]))),
    outcome: "reset",
    reason: "closed before the whole answer",
  },
  {
    name: "resets the connection",
    ...answers(({ socket }) => socket.resetAndDestroy()),
    outcome: "reset",
    reason: "ECONNRESET",
  },
  {
    name: "closes as it should",
    ...answers((to) => to.close(1008)),
    exchange: { messages: [sent("hello"), expected({ close: 1008 })] },
    outcome: "ok",
  },
  {
    name: "closes with another code than it should",
    ...answers((to) => to.close(1000)),
    exchange: { messages: [sent("hello"), expected({ close: 1008 })] },
    outcome: "http_error",
    reason: "close code 1000, expected 1008",
  },
  {
    name: "goes on where it should close",
    ...answers((to, what) => to.frame(1, what)),
    exchange: { messages: [sent("hello"), expected({ close: 1008 })] },
    outcome: "http_error",
    reason: "a message, expected the end of the connection",
  },
  {
    name: "never ends what it sends, and passes over what it is asked",
    ...answers((to) => {
      const timer = setInterval(() => to.text("tick"), 5);
      to.socket.on("close", () => clearInterval(timer));
    }),
    exchange: { messages: [sent("hello"), expected({ text: "hello" }, { passesOver: true })] },
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "0 of 1 messages in time",
  },
  {
    name: "sends two of three messages",
    ...answers((to) => {
      to.text("hello 1");
      to.text("hello 2");
    }),
    exchange: { messages: [sent("hello"), expected({ text: "hello" }, { count: 3 })] },
    timeoutMs: SHORT_TIMEOUT_MS,
    outcome: "timeout",
    reason: "2 of 3 messages in time",
  },
  {
    name: "answers no Close frame, and leaves the connection open",
    ...answers((to, what) => to.frame(1, what)),
    ignoresClose: true,
    outcome: "ok",
  },
  {
    name: "has JSON that is too deep",
    ...answers((to) => to.text("[".repeat(200_000))),
    exchange: { messages: [sent("hello"), expected({ json: { "$.a": 1 } })] },
    outcome: "http_error",
    reason: "message is not JSON",
  },
];

const CASES_AT_ONCE = CASES.map((given, index) => ({ ...given, path: `/case-${index}` }));
const OF_PATH = new Map(CASES_AT_ONCE.map((given) => [given.path, given]));

const LOADS: readonly (readonly [string, LoadModel, keepsConnection: boolean])[] = [
  ["open model, with connections that are new", openModel(180, 300), false],
  ["closed model, with connections that are kept", closedModel(30, 100), true],
];

describe("all servers at once", () => {
  test.each(LOADS)("%s", async (_, model, keepsConnection) => {
    const server = new RawWebSocketServer((path) => OF_PATH.get(path) ?? {});
    await server.up();
    const requests = CASES_AT_ONCE.map(({ name, path, exchange, timeoutMs = TIMEOUT_MS }) => ({
      ...exchangeOf({ name, path, keepsConnection, ...exchange }),
      timeoutMs,
    }));
    const plan = loadPlan(server.url, model, {
      mix: { kind: "requests", requests },
      timeoutMs: TIMEOUT_MS,
    });
    const isSeenTwice = ({ path }: { readonly path: string }) =>
      server.handshakes.filter((one) => one === path).length > 1 ||
      server.messages.filter((one) => one.path === path).length > 1;
    const measured = await runLoadUntil(plan, () => CASES_AT_ONCE.every(isSeenTwice));
    const told = CASES_AT_ONCE.map(({ name, path, outcome, reason, exchange, sendsNothing }) => {
      const series = measured.requests.find(({ request }) => request === name);
      const { scheduled = 0, ...outcomes } = series ? totals(series) : {};
      const sends = (exchange?.messages ?? exchangeOf().messages).some(({ kind }) => kind === "send");
      const seen = server.messages.filter((message) => message.path === path).length;
      return {
        found: { name, isEnough: scheduled > 1, outcomes, reasons: series?.reasons ?? {}, seen },
        wanted: {
          name,
          isEnough: true,
          outcomes: { ...NO_OUTCOMES, [outcome]: scheduled },
          reasons: reason === undefined ? {} : { [reason]: scheduled },
          // The server saw each of them, and nothing else.
          seen: sends && sendsNothing !== true ? scheduled : 0,
        },
      };
    });
    expect(told.map(({ found }) => found)).toEqual(told.map(({ wanted }) => wanted));
    await everyConnectionIsKnown(server, measured);
    if (!keepsConnection) expect(server.handshakes).toHaveLength(totals(measured.all).scheduled);
    expect(server.violations).toEqual([]);
    for (const { holds, path } of CASES_AT_ONCE) holds?.(server, measured, path);
    // No socket is left open.
    for (let waitedMs = 0; server.openSockets > 0 && waitedMs < 3_000; waitedMs += 20) await sleep(20);
    expect(server.openSockets).toBe(0);
    await server.down();
  });
});
