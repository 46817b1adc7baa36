/** Frames of HTTP/2 by hand on a proxy with `protocol: http`: windows, first bytes, and peers that break rules. */
import { afterEach, expect, test } from "vitest";
import type { HttpRule } from "../../../src/faults/http-rule.js";
import { FLAG, FRAME } from "../../../src/http2/frames/frame-types.js";
import { encodeHead, type HeadField } from "../../../src/http2/hpack/header-encoder.js";
import { sleep } from "../../../src/support/clock.js";
import { seededRandom } from "../../../src/support/random.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { frameBytes, numbers } from "../../helpers/hostile-http2-server.js";
import type { Peer } from "../../helpers/proxy-line.js";
import { framesIn, PREFACE, settings } from "../../helpers/raw-calls.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

const WINDOW_BYTES = 65_535;

const asked = (id: number, path: string, more: readonly HeadField[] = []) => {
  const head: readonly HeadField[] = [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "shop"],
    ...more,
  ];
  return frameBytes(FRAME.headers, FLAG.endHeaders | FLAG.endStream, id, encodeHead(head).bytes);
};
const answered = (id: number, ends = 0) =>
  frameBytes(FRAME.headers, FLAG.endHeaders | ends, id, encodeHead([[":status", "200"]]).bytes);
const data = (id: number, bytes: number, flags = 0) =>
  frameBytes(FRAME.data, flags, id, Buffer.alloc(bytes, id));
const padded = (id: number, bytes: number, padding: number, flags = 0) => {
  const payload = Buffer.concat([Buffer.from([padding]), Buffer.alloc(bytes, id), Buffer.alloc(padding)]);
  return frameBytes(FRAME.data, FLAG.padded | flags, id, payload);
};
const window = (id: number, bytes: number) => frameBytes(FRAME.windowUpdate, 0, id, numbers(bytes));

const gotBy = (peer: Peer, type: number) =>
  framesIn(
    peer.bytes.subarray(0, PREFACE.length).equals(PREFACE) ? peer.bytes.subarray(PREFACE.length) : peer.bytes,
  ).filter((frame) => frame.type === type);
const dataBytes = (peer: Peer, id?: number) =>
  gotBy(peer, FRAME.data)
    .filter((frame) => id === undefined || frame.id === id)
    .reduce((sum, { payload }) => sum + payload.length, 0);
const granted = (peer: Peer, id: number) =>
  gotBy(peer, FRAME.windowUpdate)
    .filter((frame) => frame.id === id)
    .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);

async function open(rules: readonly HttpRule[], ofClient = settings()) {
  const line = await GatewayLine.open(() => {});
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  const client = await line.client();
  const server = await line.next();
  client.socket.write(Buffer.concat([PREFACE, ofClient]));
  server.socket.write(settings());
  await client.got(9);
  await expect.poll(() => server.received).toBeGreaterThanOrEqual(PREFACE.length + ofClient.length);
  return { gateway: line.gateway, client, server };
}

test("answers of ours and the upstream's together never take more of the client's window than there is", async () => {
  const { client, server } = await open(
    [{ path: "/own", status: 500, body: "z".repeat(50_000) }],
    settings([4, 1_000_000]),
  );
  client.socket.write(Buffer.concat([asked(1, "/own"), asked(3, "/other")]));
  await expect.poll(() => dataBytes(client, 1)).toBe(50_000);
  // The server does not know of it, and sends as much as it may.
  server.socket.write(
    Buffer.concat([
      answered(3),
      padded(3, 16_000, 100),
      ...Array.from({ length: 3 }, () => data(3, 16_384)),
      data(3, WINDOW_BYTES - 3 * 16_384 - 16_101, FLAG.endStream),
    ]),
  );
  await sleep(100);
  expect(dataBytes(client)).toBeLessThanOrEqual(WINDOW_BYTES);
  // What the client grants pays for what is ours first of all: nothing of it is told to the server.
  client.socket.write(window(0, 30_000));
  await expect.poll(() => dataBytes(client, 3)).toBeGreaterThan(16_000);
  await sleep(50);
  expect(dataBytes(client)).toBeLessThanOrEqual(WINDOW_BYTES + 30_000);
  expect(granted(server, 0)).toBe(0);
  client.socket.write(window(0, 50_000));
  await expect.poll(() => gotBy(client, FRAME.data).at(-1)?.flags).toBe(FLAG.endStream);
  expect(dataBytes(client)).toBe(50_000 + WINDOW_BYTES);
  await expect.poll(() => granted(server, 0)).toBe(80_000 - 50_000);
});

test("an answer of ours waits for the window of its stream, and others do not", async () => {
  const { gateway, client, server } = await open(
    [{ path: "/own", status: 500, body: "z".repeat(1_000) }],
    settings([4, 300]),
  );
  client.socket.write(Buffer.concat([asked(1, "/own"), asked(3, "/other")]));
  await expect.poll(() => dataBytes(client, 1)).toBe(300);
  server.socket.write(Buffer.concat([answered(3), data(3, 100, FLAG.endStream)]));
  await expect.poll(() => dataBytes(client, 3)).toBe(100);
  client.socket.write(window(1, 100));
  await expect.poll(() => dataBytes(client, 1)).toBe(400);
  client.socket.write(settings([4, 500]));
  await expect.poll(() => dataBytes(client, 1)).toBe(600);
  expect(gateway.seen.open).toBe(1);
  client.socket.write(window(1, 10_000));
  await expect.poll(() => dataBytes(client, 1)).toBe(1_000);
  await expect.poll(() => gateway.seen.open).toBe(0);
  // Windows of a stream that the server has not seen are not for it.
  expect(granted(server, 1)).toBe(0);
});

test("a body that is left out is taken from the upstream, whatever the client's windows are", async () => {
  const { client, server } = await open([{ body: "own" }], settings([4, 10]));
  client.socket.write(asked(1, "/a"));
  await expect.poll(() => gotBy(server, FRAME.headers).length).toBe(1);
  server.socket.write(Buffer.concat([answered(1), data(1, 10)]));
  await expect.poll(() => gotBy(client, FRAME.data)[0]?.payload.toString()).toBe("own");
  await expect.poll(() => granted(server, 1)).toBe(10);
  server.socket.write(data(1, 10, FLAG.endStream));
  await expect.poll(() => granted(server, 0)).toBe(20);
  // It is for the three bytes of ours, which the server does not know of.
  client.socket.write(window(0, 3));
  await sleep(50);
  expect(granted(server, 0)).toBe(20);
});

test("a client that leaves behind its server waits for no body of ours", async () => {
  const { gateway, client, server } = await open(
    [{ path: "/own", status: 500, body: "z".repeat(1_000) }],
    settings([4, 10]),
  );
  client.socket.write(asked(1, "/own"));
  await expect.poll(() => dataBytes(client, 1)).toBe(10);
  server.socket.end();
  await sleep(50);
  expect(gateway.counters.open).toBe(1);
  client.socket.end();
  await expect.poll(() => gateway.counters.open).toBe(0);
  expect(gateway.seen.open).toBe(0);
});

test("the preface may come in pieces, and a server may speak first", async () => {
  const line = await GatewayLine.open(() => {});
  ends.push(() => line.close());
  const client = await line.client();
  const server = await line.next();
  server.socket.write(settings());
  for (const byte of PREFACE) {
    client.socket.write(Buffer.from([byte]));
    await sleep(1);
  }
  client.socket.write(Buffer.concat([settings(), asked(1, "/a")]));
  await expect.poll(() => gotBy(server, FRAME.headers).length).toBe(1);
  expect(server.bytes.subarray(0, PREFACE.length).equals(PREFACE)).toBe(true);
  server.socket.write(answered(1, FLAG.endStream));
  await expect.poll(() => gotBy(client, FRAME.headers).length).toBe(1);
  expect(line.gateway.takeTraffic()).toMatchObject({ unreadable: 0, routes: [{ route: "GET /a" }] });
});

test.each([
  ["a server that greets first", "J\0\0\0\n8.0", ""],
  ["a client that sends less than tells", "", "PRI * H"],
  ["a client that says nothing", "", ""],
])("%s: bytes and ends cross", async (_, greeting, said) => {
  const line = await GatewayLine.open(() => {});
  ends.push(() => line.close());
  const client = await line.client();
  const server = await line.next();
  if (greeting !== "") {
    server.socket.write(greeting);
    await client.got(greeting.length);
  }
  client.socket.end(said);
  expect(await server.closed()).toBe("fin");
  expect(server.bytes.toString()).toBe(said);
  server.socket.end();
  expect(await client.closed()).toBe("fin");
  await expect.poll(() => line.gateway.counters.open).toBe(0);
});

test("peers that send any frames at all are left to each other, and each request has one end", async () => {
  const random = seededRandom(23);
  const below = (most: number) => Math.floor(random() * most);
  const noise = (bytes: number) => Buffer.from(Array.from({ length: below(bytes) }, () => below(256)));
  let lastId = -1;
  const frame = (isClient: boolean) => {
    const id = below(2) === 0 ? Math.max(0, lastId) : below(lastId + 4);
    const kind = below(40);
    if (kind < 16 && isClient) {
      lastId += 2;
      return asked(lastId, `/${below(9)}`);
    }
    if (kind < 12) return answered(id, below(2));
    if (kind < 24) return frameBytes(FRAME.data, below(2) * FLAG.padded + below(2), id, noise(400));
    if (kind < 27) return frameBytes(FRAME.rstStream, 0, id, numbers(below(14)));
    if (kind < 32) return window(id, below(5_000));
    if (kind < 36) return frameBytes([2, 4, 6, 8, 10, 12][below(6)]!, below(256), id, noise(12));
    if (kind < 38)
      return isClient ? asked(id, "/x") : frameBytes(FRAME.goaway, 0, 0, numbers(below(lastId + 4), 0));
    return frameBytes(below(13), below(256), id, noise(60));
  };
  const rules: readonly HttpRule[] = [
    { path: "/1", status: 500, body: "b".repeat(3_000) },
    { path: "/2", body: "own".repeat(300) },
    { path: "/3", cut: 0.5 },
    { path: "/4", ends: "reset" },
    { path: "/5", slowHeadersMs: 3 },
    { delayMs: 2, jitterMs: 2, every: 2 },
    { delayMs: 2, before: "answer", every: 2 },
  ];
  const line = await GatewayLine.open(() => {});
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  for (let round = 0; round < 80; round++) {
    lastId = -1;
    const client = await line.client();
    const server = await line.next();
    client.socket.write(Buffer.concat([PREFACE, settings([4, round % 2 === 0 ? below(2_000) : 100_000])]));
    if (round % 9 > 0) server.socket.write(settings());
    for (let burst = 0; burst < 8; burst++) {
      for (const { socket } of [client, server]) {
        const frames = Array.from({ length: below(8) }, () => frame(socket === client.socket));
        if (socket.writable) socket.write(Buffer.concat(frames));
      }
      await sleep(below(3));
      if (round % 20 === 19 && burst === 4) line.gateway.setRules([]);
    }
    line.gateway.setRules(rules);
    const [first, second] = round % 2 === 0 ? [client, server] : [server, client];
    first.socket.destroy();
    await second.closed();
    second.socket.destroy();
  }
  await expect.poll(() => line.gateway.counters.open).toBe(0);
  const { routes, exchanges, seconds } = line.gateway.takeTraffic();
  const begun = seconds.requests.reduce((sum, each) => sum + each, 0);
  expect(routes.reduce((sum, { requests }) => sum + requests, 0)).toBe(begun);
  expect(exchanges.end).toHaveLength(begun);
  expect(begun).toBeGreaterThan(150);
});
