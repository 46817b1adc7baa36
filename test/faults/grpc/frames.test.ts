import { connect as connectHttp2, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { openGrpcGateway } from "../../../src/faults/grpc/gateway/gateway.js";
import { EXCHANGE_ENDS } from "../../../src/faults/http-traffic.js";
import type { GrpcRule } from "../../../src/faults/kinds/grpc/grpc-rule.js";
import { errorCode, FLAG, FRAME } from "../../../src/http2/frames/frame-types.js";
import { HeaderDecoder } from "../../../src/http2/hpack/header-decoder.js";
import { encodeHead, type HeadField } from "../../../src/http2/hpack/header-encoder.js";
import { seededRandom } from "../../../src/support/random.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { frameBytes, numbers } from "../../helpers/hostile-http2-server.js";
import type { Peer } from "../../helpers/proxy-line.js";
import { framesIn, PREFACE, type RawFrame, settings } from "../../helpers/raw-calls.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

async function open(rules: readonly GrpcRule[] = []) {
  const line = await GatewayLine.of(openGrpcGateway, () => {});
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  const client = await line.client();
  const server = await line.next();
  return { gateway: line.gateway, client, server };
}

const HEAD: readonly HeadField[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/shop.Quotes/Get"],
  [":authority", "shop"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];
const call = (id: number, more: readonly HeadField[] = []) =>
  Buffer.concat([
    frameBytes(FRAME.headers, FLAG.endHeaders, id, encodeHead([...HEAD, ...more]).bytes),
    frameBytes(FRAME.data, FLAG.endStream, id, Buffer.from([0, 0, 0, 0, 2, id, 7])),
  ]);

/** What the upstream got, without the preface. */
const receivedBy = (server: Peer) => framesIn(server.bytes.subarray(PREFACE.length));
const seen = (frames: readonly RawFrame[], type: number) => frames.filter((frame) => frame.type === type);

describe("bytes cross as they came", () => {
  const block = encodeHead([...HEAD, ["x-long", "v".repeat(40_000)]]).bytes;
  const padded = (payload: Buffer, padding: number) =>
    Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding)]);
  const asked = Buffer.concat([
    PREFACE,
    settings([1, 65_536], [4, 1_000_000]),
    frameBytes(FRAME.windowUpdate, 0, 0, numbers(1_000_000)),
    // In a table, and then only by its number there.
    frameBytes(
      FRAME.headers,
      FLAG.endHeaders,
      1,
      Buffer.concat([encodeHead(HEAD).bytes, Buffer.from("400378797a0131", "hex")]),
    ),
    frameBytes(FRAME.data, FLAG.padded, 1, padded(Buffer.alloc(900, 1), 40)),
    frameBytes(
      FRAME.headers,
      FLAG.endHeaders | FLAG.padded | FLAG.priority,
      3,
      padded(Buffer.concat([numbers(1), Buffer.from([9]), encodeHead(HEAD).bytes, Buffer.from([0xbe])]), 11),
    ),
    frameBytes(FRAME.ping, 0, 0, Buffer.alloc(8, 5)),
    frameBytes(FRAME.headers, FLAG.endStream, 5, block.subarray(0, 16_000)),
    frameBytes(FRAME.continuation, 0, 5, block.subarray(16_000, 32_000)),
    frameBytes(FRAME.continuation, FLAG.endHeaders, 5, block.subarray(32_000)),
    frameBytes(0x42, 0xff, 3, Buffer.alloc(300, 9)),
    frameBytes(FRAME.priority, 0, 3, Buffer.alloc(5)),
    frameBytes(FRAME.data, FLAG.endStream, 3, Buffer.alloc(16_384, 3)),
    frameBytes(FRAME.data, FLAG.endStream, 1, Buffer.alloc(0)),
    frameBytes(FRAME.rstStream, 0, 5, numbers(errorCode("CANCEL"))),
    frameBytes(FRAME.goaway, 0, 0, numbers(0, 0)),
  ]);
  const answered = Buffer.concat([
    settings([3, 100]),
    frameBytes(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)),
    frameBytes(FRAME.headers, FLAG.endHeaders, 1, Buffer.from("8840036162630131", "hex")),
    frameBytes(FRAME.data, 0, 1, Buffer.alloc(30_000, 4)),
    frameBytes(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 3, Buffer.from("88be", "hex")),
    frameBytes(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, encodeHead([["grpc-status", "0"]]).bytes),
    frameBytes(FRAME.ping, FLAG.ack, 0, Buffer.alloc(8, 5)),
    frameBytes(FRAME.rstStream, 0, 3, numbers(0)),
    frameBytes(
      FRAME.goaway,
      0,
      0,
      Buffer.concat([numbers(5, errorCode("ENHANCE_YOUR_CALM")), Buffer.from("why")]),
    ),
  ]);

  test.each([1, 7, 100, 5_000, 1_000_000])("in pieces of up to %i bytes", async (most) => {
    const { gateway, client, server } = await open([{ method: "shop.Quotes/None", status: "UNAVAILABLE" }]);
    const random = seededRandom(most);
    const send = async (peer: Peer, bytes: Buffer) => {
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + Math.floor(random() * most);
        peer.socket.write(bytes.subarray(at, end));
        at = end;
        // Single bytes are told apart only at the begin: there are frames of all kinds.
        if (most > 1 || at < 3_000) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([send(client, asked), send(server, answered)]);
    await Promise.all([server.got(asked.length), client.got(answered.length)]);
    expect(server.bytes.equals(asked)).toBe(true);
    expect(client.bytes.equals(answered)).toBe(true);
    client.socket.end();
    server.socket.end();
    await Promise.all([server.closed(), client.closed()]);
    const { routes, unreadable } = gateway.takeTraffic();
    expect(unreadable).toBe(0);
    expect(routes).toMatchObject([{ route: "shop.Quotes/Get", requests: 3 }]);
  });
});

describe("what is no HTTP/2 crosses unread", () => {
  const cases: Readonly<Record<string, readonly [asked: Buffer, answered: Buffer]>> = {
    "HTTP/1.1": [Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n"), Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
    "a begin that is the same": [
      Buffer.from("PRI * HTTP/1.1\r\n\r\n"),
      Buffer.from("HTTP/1.1 400 No\r\n\r\n"),
    ],
    "an upstream that speaks HTTP/1": [
      Buffer.concat([PREFACE, settings(), call(1)]),
      Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
    ],
    "headers that cannot be read": [
      Buffer.concat([
        PREFACE,
        frameBytes(FRAME.headers, 0, 1, Buffer.from("ff", "hex")),
        frameBytes(FRAME.continuation, FLAG.endHeaders, 1, Buffer.from("ffffffffff", "hex")),
        call(3),
      ]),
      Buffer.concat([settings(), frameBytes(FRAME.goaway, 0, 0, numbers(0, errorCode("COMPRESSION_ERROR")))]),
    ],
    "headers without an end": [
      Buffer.concat([
        PREFACE,
        frameBytes(FRAME.headers, 0, 1, encodeHead(HEAD).bytes),
        ...Array.from({ length: 150 }, () => frameBytes(FRAME.continuation, 0, 1, Buffer.alloc(16_000))),
      ]),
      Buffer.concat([settings(), frameBytes(FRAME.goaway, 0, 0, numbers(0, errorCode("ENHANCE_YOUR_CALM")))]),
    ],
    "a frame of 12 MB of a kind that nobody knows": [
      Buffer.concat([PREFACE, frameBytes(0x77, 0, 0, Buffer.alloc(12_000_000, 1)), call(1)]),
      settings(),
    ],
  };

  test.each(Object.entries(cases))("%s", async (_name, [asked, answered]) => {
    const { gateway, client, server } = await open();
    client.socket.write(asked);
    server.socket.write(answered);
    await Promise.all([server.got(asked.length), client.got(answered.length)]);
    expect(server.bytes.equals(asked)).toBe(true);
    expect(client.bytes.equals(answered)).toBe(true);
    expect(gateway.takeTraffic().unreadable).toBe(1);
  });
});

test("streams that wait get other numbers at the upstream, which only grow", async () => {
  const { client, server } = await open([{ delayMs: 150, first: 1 }]);
  client.socket.write(Buffer.concat([PREFACE, settings(), call(1), call(3), call(5)]));
  server.socket.write(settings());
  await server.until(() => seen(receivedBy(server), FRAME.data).length === 3, 3_000, "three calls");
  client.socket.write(call(7));
  await server.until(() => seen(receivedBy(server), FRAME.data).length === 4, 3_000, "the fourth");
  const frames = receivedBy(server);
  expect(seen(frames, FRAME.headers).map(({ id }) => id)).toEqual([3, 5, 7, 9]);
  // Which call it is stands in the message.
  expect(seen(frames, FRAME.data).map(({ id, payload }) => [id, payload[5]])).toEqual([
    [3, 3],
    [5, 5],
    [7, 1],
    [9, 7],
  ]);
  // Headers can be read by whoever has seen just these.
  const decoder = new HeaderDecoder(10_000);
  for (const { payload } of seen(frames, FRAME.headers)) {
    expect(decoder.decode(payload, 0, payload.length)).toEqual(HEAD.flat());
  }
  const answer = (id: number, text: string) =>
    frameBytes(
      FRAME.headers,
      FLAG.endHeaders | FLAG.endStream,
      id,
      encodeHead([
        [":status", "200"],
        ["grpc-status", text],
      ]).bytes,
    );
  server.socket.write(
    Buffer.concat([
      answer(7, "1"),
      answer(3, "3"),
      frameBytes(FRAME.rstStream, 0, 9, numbers(7)),
      answer(5, "5"),
    ]),
  );
  await client.until(() => framesIn(client.bytes).length === 5, 3_000, "four ends");
  expect(framesIn(client.bytes).map(({ type, id }) => [type, id])).toEqual([
    [FRAME.settings, 0],
    [FRAME.headers, 1],
    [FRAME.headers, 3],
    [FRAME.rstStream, 7],
    [FRAME.headers, 5],
  ]);
});

test("GOAWAY says of each call whether the upstream has seen it, also where numbers differ", async () => {
  const { gateway, client, server } = await open([{ delayMs: 5_000, first: 1 }]);
  client.socket.write(Buffer.concat([PREFACE, settings(), call(1), call(3), call(5)]));
  server.socket.write(settings());
  await server.until(() => seen(receivedBy(server), FRAME.data).length === 2, 3_000, "two calls");
  const goaway = (id: number) => frameBytes(FRAME.goaway, 0, 0, numbers(id, 0));
  server.socket.write(Buffer.concat([goaway(0x7fff_ffff), goaway(3)]));
  await client.until(() => seen(framesIn(client.bytes), FRAME.rstStream).length === 2, 3_000, "two refusals");
  const frames = framesIn(client.bytes);
  expect(seen(frames, FRAME.goaway).map(({ payload }) => payload.readUInt32BE(0))).toEqual([0x7fff_ffff, 5]);
  const refused = errorCode("REFUSED_STREAM");
  expect(seen(frames, FRAME.rstStream).map(({ id, payload }) => [id, payload.readUInt32BE(0)])).toEqual([
    [1, refused],
    [5, refused],
  ]);
  const answer = encodeHead([
    [":status", "200"],
    ["grpc-status", "0"],
  ]).bytes;
  server.socket.write(frameBytes(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 3, answer));
  await client.until(() => seen(framesIn(client.bytes), FRAME.headers).length === 1, 3_000, "the answer");
  const { exchanges } = gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["reset", "reset", "answered"]);
});

test("what a refused call has sent is given back to its client's window", async () => {
  const { client, server } = await open([{ status: "UNAVAILABLE" }]);
  server.socket.write(settings());
  const head = frameBytes(FRAME.headers, FLAG.endHeaders, 1, encodeHead(HEAD).bytes);
  client.socket.write(Buffer.concat([PREFACE, settings(), head]));
  await client.until(() => seen(framesIn(client.bytes), FRAME.rstStream).length === 1, 3_000, "the end");
  // The client had sent more already.
  client.socket.write(
    Buffer.concat([
      frameBytes(FRAME.data, 0, 1, Buffer.alloc(10_000)),
      frameBytes(FRAME.data, FLAG.endStream, 1, Buffer.alloc(5_000)),
      frameBytes(FRAME.ping, 0, 0, Buffer.alloc(8)),
    ]),
  );
  await client.until(
    () => seen(framesIn(client.bytes), FRAME.windowUpdate).length === 2,
    3_000,
    "two windows",
  );
  const frames = framesIn(client.bytes);
  expect(seen(frames, FRAME.windowUpdate).map(({ id, payload }) => [id, payload.readUInt32BE(0)])).toEqual([
    [0, 10_000],
    [0, 5_000],
  ]);
  const [answer, reset] = [seen(frames, FRAME.headers)[0]!, seen(frames, FRAME.rstStream)[0]!];
  expect(new HeaderDecoder(10_000).decode(answer.payload, 0, answer.payload.length)).toEqual([
    ":status",
    "200",
    "content-type",
    "application/grpc",
    "grpc-status",
    "14",
  ]);
  expect([answer.id, answer.flags, reset.id, reset.payload.readUInt32BE(0)]).toEqual([1, 5, 1, 0]);
  await server.until(() => seen(receivedBy(server), FRAME.ping).length === 1, 3_000, "the ping");
  expect(receivedBy(server).map(({ type }) => type)).toEqual([FRAME.settings, FRAME.ping]);
});

test("headers that build on those of a refused call still say the same", async () => {
  const { client, server } = await open([{ status: "UNAVAILABLE", first: 1 }]);
  server.socket.write(settings());
  // The first puts x: 1 and a secret into its table, the second names them by their numbers.
  const first = Buffer.concat([encodeHead(HEAD).bytes, Buffer.from("4001780131", "hex")]);
  const second = Buffer.concat([
    Buffer.from("3fe11f", "hex"),
    encodeHead(HEAD).bytes,
    Buffer.from("be", "hex"),
    encodeHead([["authorization", "Bearer é"]]).bytes,
  ]);
  const whole = FLAG.endHeaders | FLAG.endStream;
  client.socket.write(
    Buffer.concat([
      PREFACE,
      settings(),
      frameBytes(FRAME.headers, whole, 1, first),
      frameBytes(FRAME.headers, whole, 3, second),
    ]),
  );
  await server.until(() => seen(receivedBy(server), FRAME.headers).length === 1, 3_000, "the second");
  const [{ id, payload }] = seen(receivedBy(server), FRAME.headers) as [RawFrame];
  const decoder = new HeaderDecoder(10_000, 8_192);
  const secret = Buffer.from("Bearer é").toString("latin1");
  expect(decoder.decode(payload, 0, payload.length)).toEqual([
    ...HEAD.flat(),
    "x",
    "1",
    "authorization",
    secret,
  ]);
  expect(id).toBe(3);
  // No table may keep it, as before.
  expect(decoder.secrets).toHaveLength(1);
  expect(decoder.resizes).toEqual([4_096]);
});

test("a client that keeps no table of headers can read the answers of rules", async () => {
  const server = createServer();
  server.on("stream", (stream) => {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": "0", x: "1" },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gateway = await openGrpcGateway({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: {
      address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
      tls: null,
      alpn: null,
    },
  });
  const session = connectHttp2(`http://${gateway.address}`, { settings: { headerTableSize: 0 } });
  ends.push(
    () => server.close(),
    () => gateway.close(),
    () => session.destroy(),
  );
  const errors: unknown[] = [];
  session.on("error", (error) => errors.push(error));
  const statusOf = (path = "/a.B/C") =>
    new Promise<unknown>((resolve) => {
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
      });
      stream.on("response", (headers) => resolve(headers["grpc-status"]));
      stream.on("error", resolve);
      stream.end();
    });
  // The server has taken the client's SETTINGS once it answers, and its first headers say so.
  const before = (await statusOf("/first.of/All")) as string;
  gateway.setRules([{ status: "ABORTED", every: 2 }]);
  const statuses = [before, await statusOf(), await statusOf(), await statusOf(), await statusOf()];
  expect(statuses).toEqual(["0", "0", "10", "0", "10"]);
  expect(errors).toEqual([]);
});

test("the first answer after a client wants a smaller table may be that of a rule", async () => {
  const { client, server } = await open([{ status: "ABORTED" }]);
  client.socket.write(Buffer.concat([PREFACE, settings([1, 4_096]), settings([1, 100]), call(1)]));
  server.socket.write(settings());
  await client.until(() => seen(framesIn(client.bytes), FRAME.headers).length === 1, 3_000, "an answer");
  server.socket.write(
    Buffer.concat([1, 2].map(() => frameBytes(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)))),
  );
  await client.until(() => seen(framesIn(client.bytes), FRAME.settings).length === 3, 3_000, "ACKs");
  client.socket.write(Buffer.concat([call(3), call(5)]));
  await client.until(() => seen(framesIn(client.bytes), FRAME.headers).length === 3, 3_000, "all answers");
  const decoder = new HeaderDecoder(10_000);
  const resizes = seen(framesIn(client.bytes), FRAME.headers).map(({ payload }) => {
    decoder.decode(payload, 0, payload.length);
    return decoder.resizes;
  });
  // Said once, and not before the server knows it.
  expect(resizes).toEqual([[], [100], []]);
});

test("an upstream that dies in the middle of answers ends its client in the same way", async () => {
  const { gateway, client, server } = await open([{ cutAfter: 5 }]);
  client.socket.write(Buffer.concat([PREFACE, settings(), call(1), call(3)]));
  const head = encodeHead([[":status", "200"]]).bytes;
  const begun = Buffer.concat([settings(), frameBytes(FRAME.headers, FLAG.endHeaders, 1, head)]);
  server.socket.write(begun);
  await client.got(begun.length);
  await server.until(() => seen(receivedBy(server), FRAME.data).length === 2, 3_000, "two calls");
  server.socket.resetAndDestroy();
  expect(await client.closed()).toBe("rst");
  await expect.poll(() => gateway.counters.open).toBe(0);
  const { exchanges, routes } = gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["reset", "reset"]);
  expect(routes).toMatchObject([{ statuses: { none: 2 } }]);
  expect(gateway.seen.rules).toMatchObject([{ matched: 2, acted: 0 }]);
});

test("requests that are no calls are counted, and rules leave them alone", async () => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE" }]);
  const page = encodeHead([
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/health?a=1"],
    [":authority", "a"],
  ]).bytes;
  client.socket.write(
    Buffer.concat([
      PREFACE,
      settings(),
      frameBytes(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, page),
    ]),
  );
  const answer = frameBytes(
    FRAME.headers,
    FLAG.endHeaders | FLAG.endStream,
    1,
    encodeHead([[":status", "204"]]).bytes,
  );
  await server.until(() => seen(receivedBy(server), FRAME.headers).length === 1, 3_000, "the request");
  server.socket.write(Buffer.concat([settings(), answer]));
  await client.until(() => seen(framesIn(client.bytes), FRAME.headers).length === 1, 3_000, "the answer");
  expect(gateway.takeTraffic().routes).toEqual([
    { route: "GET /health", requests: 1, actedOn: 0, statuses: { "204": 1 } },
  ]);
  expect(gateway.seen.rules).toMatchObject([{ matched: 0 }]);
});

test("peers that send any frames at all are left to each other, and others go on", async () => {
  const random = seededRandom(11);
  const below = (most: number) => Math.floor(random() * most);
  const noise = (bytes: number) => Buffer.from(Array.from({ length: below(bytes) }, () => below(256)));
  const ANSWER = encodeHead([
    [":status", "200"],
    ["grpc-status", "0"],
  ]).bytes;
  let lastId = -1;
  /** Mostly what may come, on streams that may be there. */
  const frame = (isClient: boolean) => {
    const id = below(2) === 0 ? Math.max(0, lastId) : below(lastId + 4);
    const kind = below(40);
    if (kind < 16 && isClient) {
      lastId += 2;
      return call(lastId);
    }
    if (kind < 16) return frameBytes(FRAME.headers, below(2) + 4, id, ANSWER);
    if (kind < 24) return frameBytes(FRAME.data, below(2) * FLAG.padded + below(2), id, noise(40));
    if (kind < 28) return frameBytes(FRAME.rstStream, 0, id, numbers(below(14)));
    if (kind < 36) return frameBytes([2, 4, 6, 8, 10, 12][below(6)]!, below(256), id, noise(12));
    if (kind < 38) return isClient ? call(id) : frameBytes(FRAME.goaway, 0, 0, numbers(below(lastId + 4), 0));
    if (kind < 39)
      return frameBytes(FRAME.headers, below(256), id, isClient ? encodeHead(HEAD).bytes : ANSWER);
    return frameBytes(below(13), below(256), id, noise(60));
  };
  const rules: readonly GrpcRule[] = [
    { status: "UNAVAILABLE", every: 3 },
    { delayMs: 2, jitterMs: 2, every: 2 },
    { delayMs: 2, before: "answer", every: 2 },
    { cutAfter: 0, every: 2 },
  ];
  const line = await GatewayLine.of(openGrpcGateway, () => {});
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  for (let round = 0; round < 60; round++) {
    lastId = -1;
    const client = await line.client();
    const server = await line.next();
    client.socket.write(PREFACE);
    if (round % 9 > 0) server.socket.write(settings());
    for (let burst = 0; burst < 8; burst++) {
      for (const { socket } of [client, server]) {
        const frames = Array.from({ length: below(8) }, () => frame(socket === client.socket));
        if (socket.writable) socket.write(Buffer.concat(frames));
      }
      await new Promise((resolve) => setTimeout(resolve, below(3)));
    }
    const [first, second] = round % 2 === 0 ? [client, server] : [server, client];
    first.socket.destroy();
    await second.closed();
    second.socket.destroy();
  }
  await expect.poll(() => line.gateway.counters.open).toBe(0);
  const { routes, exchanges, seconds } = line.gateway.takeTraffic();
  const begun = seconds.requests.reduce((sum, each) => sum + each, 0);
  // Each has one end.
  expect(routes.reduce((sum, { requests }) => sum + requests, 0)).toBe(begun);
  expect(exchanges.end).toHaveLength(begun);
  expect(begun).toBeGreaterThan(100);
  for (const { acted } of line.gateway.seen.rules) expect(acted).toBeGreaterThan(0);
});
