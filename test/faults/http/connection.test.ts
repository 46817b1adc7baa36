import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openGateway } from "../../../src/faults/http/gateway/gateway.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { echo, type Handler, hold, Peer, pattern, sha256 } from "../../helpers/proxy-line.js";

const lines: GatewayLine[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});

async function open(handler: Handler) {
  const line = await GatewayLine.open(handler);
  lines.push(line);
  const client = await line.client();
  return { line, client, upstream: await line.next() };
}

test("bytes cross both ways unchanged", async () => {
  const { client } = await open(echo);
  const bytes = pattern(3_000_000);
  await client.pump(bytes);
  await client.got(bytes.length);
  expect(sha256(client.bytes)).toBe(sha256(bytes));
});

test("each client has one connection to the upstream, opened with its own and closed with it", async () => {
  const { line, client, upstream } = await open(hold);
  await line.client();
  await line.next();
  expect(line.gateway.takeDials()).toEqual({ dials: 2, refused: 0 });
  expect(line.gateway.takeDials()).toEqual({ dials: 0, refused: 0 });
  client.socket.end();
  expect(await upstream.closed()).toBe("fin");
});

test("a side that has said its last may still hear the other", async () => {
  const { client, upstream } = await open(hold);
  client.socket.end("last words");
  await upstream.got(10);
  expect(await upstream.closed()).toBe("fin");
  upstream.socket.end("an answer all the same");
  await client.got(22);
  expect(await client.closed()).toBe("fin");
});

test.each(["client", "upstream"] as const)("a reset by the %s arrives as a reset", async (by) => {
  const ends = await open(hold);
  const other = by === "client" ? ends.upstream : ends.client;
  ends.client.socket.write("x");
  await ends.upstream.got(1);
  ends[by].socket.resetAndDestroy();
  expect(await other.closed()).toBe("rst");
});

test("what the upstream does not take is not read from the client", async () => {
  const { client, upstream } = await open((peer) => void peer.socket.pause());
  const sent = pattern(64_000_000);
  const pumping = client.pump(sent);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(client.socket.bytesWritten).toBeLessThan(sent.length / 2);
  upstream.socket.resume();
  await pumping;
  await upstream.got(sent.length, 20_000);
});

test("an upstream that is not there closes the connection, and is counted", async () => {
  const gateway = await openGateway({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { address: { host: "127.0.0.1", port: 1 }, tls: null, alpn: null },
  });
  const client = new Peer(connect(Number(gateway.address.split(":")[1]), "127.0.0.1"));
  await client.closed();
  expect(gateway.takeDials()).toEqual({ dials: 1, refused: 1 });
  gateway.close();
});
