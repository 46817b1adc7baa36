import { afterEach, expect, test } from "vitest";
import { openGrpcGateway } from "../../../src/faults/grpc/gateway/gateway.js";
import { EXCHANGE_ENDS, EXCHANGE_FLAGS } from "../../../src/faults/http-traffic.js";
import type { GrpcRule } from "../../../src/faults/kinds/grpc/grpc-rule.js";
import { FLAG, FRAME } from "../../../src/http2/frames/frame-types.js";
import { sleep } from "../../../src/support/clock.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { frameBytes, numbers } from "../../helpers/hostile-http2-server.js";
import {
  answerOf,
  callHead,
  dataFrame,
  framesIn,
  gotFromClient,
  gotFromServer,
  PREFACE,
  settings,
  wholeCall,
} from "../../helpers/raw-calls.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

/** A client and a server that write frames by hand. */
async function open(rules: readonly GrpcRule[] = []) {
  const line = await GatewayLine.of(openGrpcGateway, () => {});
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  const client = await line.client();
  const server = await line.next();
  return { gateway: line.gateway, client, server };
}

test("the first that a client gets are the server's SETTINGS, however late they come", async () => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE" }]);
  client.socket.write(
    Buffer.concat([
      PREFACE,
      settings(),
      wholeCall(1),
      callHead(3),
      // Not whole: it is answered all the same, and what comes of it is dropped.
      dataFrame(3, Buffer.alloc(4_000)),
    ]),
  );
  await sleep(150);
  expect(client.received).toBe(0);
  expect(gateway.seen.rules).toMatchObject([{ chosen: 2, acted: 0 }]);
  // In two pieces: half a frame is not yet the first.
  const begin = settings([3, 100]);
  server.socket.write(begin.subarray(0, 10));
  await sleep(30);
  server.socket.write(begin.subarray(10));
  await client.until(() => gotFromServer(client, FRAME.headers).length === 2, 3_000, "two answers");
  const [first, ...others] = framesIn(client.bytes);
  expect(first).toMatchObject({ type: FRAME.settings, id: 0 });
  expect(others.filter(({ type }) => type === FRAME.headers).map(({ id }) => id)).toEqual([1, 3]);
  expect(gateway.seen.rules).toMatchObject([{ chosen: 2, acted: 2 }]);
});

test("a status that nobody got is not counted as given", async () => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE" }]);
  client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1)]));
  await server.until(() => server.received >= PREFACE.length, 3_000, "a preface");
  // It never speaks.
  server.socket.end();
  expect(await client.closed()).toBe("fin");
  expect(client.received).toBe(0);
  client.socket.end();
  await expect.poll(() => gateway.counters.open).toBe(0);
  expect(gateway.seen.rules).toMatchObject([{ chosen: 1, acted: 0 }]);
  const { routes, exchanges } = gateway.takeTraffic();
  expect(routes).toMatchObject([{ requests: 1, actedOn: 0, statuses: { none: 1 } }]);
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["closed"]);
});

test("a client that has closed gets no status any more, and none is counted", async () => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE", delayMs: 150 }]);
  server.socket.write(settings());
  client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1)]));
  await client.got(9);
  client.socket.end();
  await sleep(300);
  server.socket.end();
  await client.closed();
  await expect.poll(() => gateway.counters.open).toBe(0);
  expect(gotFromServer(client, FRAME.headers)).toEqual([]);
  const { routes, exchanges } = gateway.takeTraffic();
  expect(routes).toMatchObject([{ statuses: { none: 1 } }]);
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["given_up"]);
});

test("a connection of another protocol is counted once, whoever speaks it", async () => {
  const { gateway, client, server } = await open();
  const asked = Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  const answered = Buffer.from("HTTP/1.1 200 OK\r\n\r\n");
  client.socket.write(asked);
  await server.got(asked.length);
  server.socket.write(answered);
  await client.got(answered.length);
  expect(gateway.takeTraffic().unreadable).toBe(1);
});

test.each(["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text"])(
  "%s is no call of gRPC: rules leave it alone",
  async (contentType) => {
    const { gateway, client, server } = await open([{ status: "UNAVAILABLE" }]);
    server.socket.write(settings());
    client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1, { contentType })]));
    await server.until(() => server.bytes.includes(contentType), 3_000, "the request");
    server.socket.write(answerOf(1, 0));
    await client.until(() => gotFromServer(client, FRAME.headers).length === 1, 3_000, "the answer");
    const { routes, exchanges } = gateway.takeTraffic();
    expect(routes).toMatchObject([{ route: "POST /shop.Quotes/Get", statuses: { "200": 1 } }]);
    expect(exchanges.flags).toEqual([0]);
    expect(gateway.seen.rules).toMatchObject([{ matched: 0 }]);
  },
);

test.each([
  "application/grpc",
  "application/grpc+proto",
  "application/grpc;charset=utf-8",
  "Application/GRPC",
])("%s is a call of gRPC", async (contentType) => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE" }]);
  server.socket.write(settings());
  client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1, { contentType })]));
  await client.until(() => gotFromServer(client, FRAME.headers).length === 1, 3_000, "the answer");
  expect(gateway.takeTraffic().exchanges.flags).toEqual([EXCHANGE_FLAGS.grpc + EXCHANGE_FLAGS.actedOn]);
});

test("a connection that faultline has to break off was given up by nobody", async () => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE", first: 1 }]);
  server.socket.write(settings());
  client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1), wholeCall(3)]));
  await client.until(() => gotFromServer(client, FRAME.headers).length === 1, 3_000, "the answer of ours");
  client.socket.write(frameBytes(FRAME.headers, FLAG.endHeaders, 5, Buffer.from("ffffffffff", "hex")));
  await client.closed();
  await expect.poll(() => gateway.counters.open).toBe(0);
  const { seconds, exchanges } = gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["answered", "unread"]);
  expect(seconds.givenUp.reduce((sum, each) => sum + each, 0)).toBe(0);
});

test("what is held in all is told, since it takes its part of the connection's window", async () => {
  const { gateway, client, server } = await open([
    { delayMs: 150, before: "answer", first: 1 },
    { delayMs: 150 },
  ]);
  server.socket.write(settings());
  const large = [dataFrame(1, Buffer.alloc(16_000)), dataFrame(1, Buffer.alloc(16_000), { ends: true })];
  client.socket.write(Buffer.concat([PREFACE, settings(), callHead(1), ...large]));
  await expect.poll(() => gateway.seen.mostHeldBytes).toBe(32_000);
  await server.until(() => gotFromClient(server, FRAME.data).length === 2, 3_000, "the call");
  // It has gone on: what comes next does not add to it.
  client.socket.write(wholeCall(3));
  await server.until(() => gotFromClient(server, FRAME.data).length === 3, 3_000, "the next");
  expect(gateway.seen.mostHeldBytes).toBe(32_000);
});

test("windows that are opened for a call that is held go on as one", async () => {
  const { client, server } = await open([{ delayMs: 150 }]);
  server.socket.write(settings());
  const windows = Array.from({ length: 50 }, () => frameBytes(FRAME.windowUpdate, 0, 1, numbers(10)));
  client.socket.write(Buffer.concat([PREFACE, settings(), callHead(1), ...windows]));
  await server.until(() => gotFromClient(server, FRAME.windowUpdate).length > 0, 3_000, "a window");
  await sleep(50);
  const got = gotFromClient(server, FRAME.windowUpdate);
  expect(got.map(({ id, payload }) => [id, payload.readUInt32BE(0)])).toEqual([[1, 500]]);
});

test("a connection of another protocol that stays open is still the cause under the next rules", async () => {
  const { gateway, client, server } = await open();
  client.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await server.until(() => server.received > 0, 3_000, "the request");
  gateway.setRules([{ status: "UNAVAILABLE" }]);
  expect(gateway.seen.unreadable).toMatch(/^GET \/ HTTP/);
  client.socket.end();
  server.socket.end();
  await expect.poll(() => gateway.counters.open).toBe(0);
  gateway.setRules([]);
  gateway.setRules([{ status: "UNAVAILABLE" }]);
  expect(gateway.seen.unreadable).toBeNull();
});

test("a call that gets a status is known again although its message comes in pieces", async () => {
  const { gateway, client, server } = await open([{ status: "UNAVAILABLE" }]);
  server.socket.write(settings());
  client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1)]));
  // The same message: in a frame that comes in two parts, and in two frames.
  const asked = wholeCall(1).subarray(callHead(1).length);
  const payload = asked.subarray(9);
  client.socket.write(Buffer.concat([callHead(3), dataFrame(3, payload, { ends: true }).subarray(0, 12)]));
  await sleep(40);
  client.socket.write(dataFrame(3, payload, { ends: true }).subarray(12));
  client.socket.write(Buffer.concat([callHead(5), dataFrame(5, payload.subarray(0, 3))]));
  await sleep(40);
  client.socket.write(dataFrame(5, payload.subarray(3), { ends: true }));
  // A stream that waits for an answer is not waited for so long.
  const sentMs = performance.now();
  client.socket.write(Buffer.concat([callHead(7), dataFrame(7, payload)]));
  await client.until(() => gotFromServer(client, FRAME.headers).length === 4, 3_000, "four answers");
  expect(performance.now() - sentMs).toBeLessThan(90);
  const { digest } = gateway.takeTraffic().exchanges;
  expect(digest).toHaveLength(4);
  expect(new Set(digest).size).toBe(1);
});
