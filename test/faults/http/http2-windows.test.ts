import { afterEach, expect, test } from "vitest";
import type { HttpRule } from "../../../src/faults/http-rule.js";
import { FLAG, FRAME } from "../../../src/http2/frames/frame-types.js";
import { encodeHead } from "../../../src/http2/hpack/header-encoder.js";
import { sleep } from "../../../src/support/clock.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { frameBytes, numbers } from "../../helpers/hostile-http2-server.js";
import type { Peer } from "../../helpers/proxy-line.js";
import {
  answerHead,
  dataFrame,
  gotFromClient,
  gotFromServer,
  PREFACE,
  settings,
} from "../../helpers/raw-calls.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

/** The window that HTTP/2 begins with, on a connection and on each stream. */
const WINDOW_BYTES = 65_535;

/** A client and a server that write frames by hand. */
async function open(rules: readonly HttpRule[]) {
  const line = await GatewayLine.open(() => {});
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  const client = await line.client();
  const server = await line.next();
  server.socket.write(settings());
  client.socket.write(Buffer.concat([PREFACE, settings()]));
  return { gateway: line.gateway, client, server };
}

const ask = (id: number, path: string) =>
  frameBytes(
    FRAME.headers,
    FLAG.endHeaders | FLAG.endStream,
    id,
    encodeHead([
      [":method", "GET"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "shop"],
    ]).bytes,
  );

const widen = (id: number, bytes: number) => frameBytes(FRAME.windowUpdate, 0, id, numbers(bytes));

const dataOn = (client: Peer, id: number) =>
  gotFromServer(client, FRAME.data)
    .filter((frame) => frame.id === id)
    .reduce((sum, { payload }) => sum + payload.length, 0);

const widenedAt = (server: Peer) =>
  gotFromClient(server, FRAME.windowUpdate)
    .filter(({ id }) => id === 0)
    .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);

test("bytes of ours and the upstream's together never go beyond the window of the connection", async () => {
  const { client, server } = await open([{ status: 503, body: "x".repeat(40_000), path: "/ours" }]);
  client.socket.write(Buffer.concat([ask(1, "/ours"), ask(3, "/theirs")]));
  await client.until(() => dataOn(client, 1) === 40_000, 3_000, "the body of ours");
  await server.until(() => gotFromClient(server, FRAME.headers).length === 1, 3_000, "the other request");
  // The upstream knows of all of the window.
  const [asked] = gotFromClient(server, FRAME.headers);
  const id = asked?.id ?? 0;
  const parts = [16_000, 16_000, 16_000, 17_535].map((bytes) => dataFrame(id, Buffer.alloc(bytes)));
  server.socket.write(Buffer.concat([answerHead(id, [[":status", "200"]]), ...parts]));
  await sleep(150);
  expect(dataOn(client, 1) + dataOn(client, 3)).toBeLessThanOrEqual(WINDOW_BYTES);
  expect(dataOn(client, 3)).toBe(16_000);
  // The client pays for what was ours: the upstream gets none of it, and what waited goes on.
  client.socket.write(widen(0, 40_000));
  await client.until(() => dataOn(client, 3) === WINDOW_BYTES, 3_000, "the rest");
  expect(widenedAt(server)).toBe(0);
  client.socket.write(widen(0, 5_000));
  await expect.poll(() => widenedAt(server)).toBe(5_000);
});

test("a body of ours waits for the window of its stream, and other streams do not", async () => {
  const { gateway, client, server } = await open([{ status: 503, body: "x".repeat(30_000), path: "/ours" }]);
  // INITIAL_WINDOW_SIZE: 10,000
  client.socket.write(Buffer.concat([settings([4, 10_000]), ask(1, "/ours")]));
  await client.until(() => dataOn(client, 1) === 10_000, 3_000, "what the window allows");
  client.socket.write(ask(3, "/theirs"));
  await server.until(() => gotFromClient(server, FRAME.headers).length === 1, 3_000, "the other request");
  const id = gotFromClient(server, FRAME.headers)[0]?.id ?? 0;
  server.socket.write(answerHead(id, [[":status", "204"]], { ends: true }));
  await client.until(() => gotFromServer(client, FRAME.headers).length === 2, 3_000, "the other answer");
  expect(dataOn(client, 1)).toBe(10_000);
  client.socket.write(Buffer.concat([widen(1, 5_000), settings([4, 15_000])]));
  await client.until(() => dataOn(client, 1) === 20_000, 3_000, "as much as it was widened by");
  client.socket.write(widen(1, 20_000));
  await client.until(() => dataOn(client, 1) === 30_000, 3_000, "all of it");
  expect(gotFromServer(client, FRAME.data).at(-1)?.flags).toBe(FLAG.endStream);
  expect(gateway.takeTraffic().routes).toMatchObject([
    { route: "GET /theirs", statuses: { "204": 1 } },
    { route: "GET /ours", statuses: { "503": 1 } },
  ]);
});

test("a client that gives up a body of ours is counted, and nothing more of it comes", async () => {
  const { gateway, client } = await open([{ status: 503, body: "x".repeat(200_000) }]);
  client.socket.write(ask(1, "/ours"));
  await client.until(() => dataOn(client, 1) === WINDOW_BYTES, 3_000, "what the window allows");
  client.socket.write(frameBytes(FRAME.rstStream, 0, 1, numbers(8)));
  client.socket.write(Buffer.concat([widen(0, 100_000), widen(1, 100_000)]));
  await expect.poll(() => gateway.seen.open).toBe(0);
  await sleep(50);
  expect(dataOn(client, 1)).toBe(WINDOW_BYTES);
});
