import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createToxic } from "../../../../src/faults/toxiproxy/embedded/api/toxic-requests.js";
import { EmbeddedServer } from "../../../../src/faults/toxiproxy/embedded/server.js";
import { echo, hold, ProxyBench, pattern, sleep } from "../../../helpers/proxy-line.js";

let bench: ProxyBench;
let before: ReadonlyMap<string, number>;

/** Sockets, servers and timers that this process has open, by kind. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|Timeout|Pipe/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function grown(now: ReadonlyMap<string, number>): string[] {
  return [...now]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${kind} ${count}`);
}

beforeEach(async () => {
  before = resources();
  bench = await ProxyBench.open();
});

/** Whatever the peers did, the server works, and nothing is left of it when it closes. */
afterEach(async () => {
  const { c, s } = await bench.line(hold);
  c.socket.write("alive");
  await s.got(5);
  await bench.close();
  for (let i = 0; i < 40 && grown(resources()).length > 0; i++) await sleep(50);
  expect(grown(resources())).toEqual([]);
});

/** Waits until what is still in the system's queue has been accepted too, and all of it is closed again. */
async function expectNoneOpen(name: string, withinMs = 10_000): Promise<number> {
  const counters = async () => (await bench.api("GET", "/faultline/counters")).json[name];
  const deadline = performance.now() + withinMs;
  for (let before = await counters(); ; ) {
    await sleep(100);
    const now = await counters();
    const quiet = now.connectionsOpen === 0 && now.connectionsTotal === before.connectionsTotal;
    if (!quiet && performance.now() < deadline) {
      before = now;
      continue;
    }
    expect(now.connectionsOpen).toBe(0);
    return now.connectionsTotal;
  }
}

test("10,000 connects and closes in a burst", async () => {
  const up = await bench.upstream(hold);
  const { address, name } = await bench.proxy(up.address);
  const port = Number(address.split(":")[1]);
  const one = () =>
    new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        // Half of them politely, half with a reset.
        if (Math.random() < 0.5) socket.destroy();
        else socket.resetAndDestroy();
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      for (let i = 0; i < 200; i++) await one();
    }),
  );
  // A connection that is reset while it waits to be accepted may never be seen.
  expect(await expectNoneOpen(name, 50_000)).toBeGreaterThan(4_000);
}, 90_000);

test("clients that reset at once, before and after they wrote", async () => {
  const up = await bench.upstream(echo);
  const { address, name } = await bench.proxy(up.address);
  for (let i = 0; i < 200; i++) {
    const client = await bench.client(address);
    if (i % 2) client.socket.write(pattern(100_000, i));
    client.socket.resetAndDestroy();
  }
  await expectNoneOpen(name);
});

test("upstreams that reset at once, in mid-answer, and that never answer", async () => {
  const atOnce = await bench.line((peer) => peer.socket.resetAndDestroy());
  await atOnce.c.closed();
  const midway = await bench.line((peer) => {
    peer.socket.write(pattern(500_000));
    setTimeout(() => peer.socket.resetAndDestroy(), 5);
  });
  await midway.c.closed();
  const silent = await bench.line(hold);
  silent.c.socket.destroy();
  await silent.s.closed();
  for (const { proxy } of [atOnce, midway, silent]) await expectNoneOpen(proxy.name);
});

test.each([
  ["latency", { latency: 60_000 }],
  ["bandwidth", { rate: 1 }],
  ["slow_close", { delay: 60_000 }],
  ["timeout", { timeout: 60_000 }],
  ["reset_peer", { timeout: 60_000 }],
  ["slicer", { average_size: 1, delay: 60_000_000 }],
  ["limit_data", { bytes: 10 }],
  ["packet_loss", { loss_rate: 0.5 }],
])(
  "peers that reset while %s is at work leave no connection behind once the proxy goes",
  async (type, attributes) => {
    for (const stream of ["upstream", "downstream"]) {
      const { c, s, proxy } = await bench.line(hold);
      await proxy.toxic(type, attributes, { stream });
      c.socket.write(pattern(10_000));
      s.socket.write(pattern(10_000));
      await sleep(30);
      c.socket.resetAndDestroy();
      await sleep(30);
      s.socket.resetAndDestroy();
      await sleep(30);
      await bench.api("DELETE", `/proxies/${proxy.name}`);
    }
  },
);

test("half-open clients: one end each, and no more words", async () => {
  const { c, s, proxy } = await bench.line(hold);
  c.socket.end();
  await s.closed();
  // The upstream keeps its half open and writes to nobody.
  s.socket.write(pattern(1_000_000));
  await expectNoneOpen(proxy.name);
});

test("a proxy that leads to itself ends with the handles, not with a crash", async () => {
  const { address, name } = await bench.proxy("127.0.0.1:9");
  await bench.api("PATCH", `/proxies/${name}`, { upstream: address });
  const client = await bench.client(address);
  // One client, and a connection of the proxy to itself for each that it accepts.
  const accepted = async () => (await bench.api("GET", "/faultline/counters")).json[name].connectionsTotal;
  await expect.poll(accepted, { timeout: 10_000 }).toBeGreaterThan(100);
  client.socket.destroy();
  expect((await bench.api("DELETE", `/proxies/${name}`)).status).toBe(204);
});

test("an API body of 10 MB is refused with a clear error", async () => {
  const big = await bench.api("POST", "/proxies", `{"name":"${"x".repeat(10_000_000)}"}`);
  expect(big.status).toBe(413);
  expect(big.json.error).toMatch(/larger than 8388608 bytes/);
  const garbage = await bench.api("POST", "/populate", "[".repeat(8_000_000));
  expect(garbage.status).toBe(400);
});

test("garbage instead of HTTP is answered with 400 and a closed connection", async () => {
  const { port } = new URL(bench.server.url);
  const answerTo = async (garbage: Buffer) => {
    const client = await bench.client(`127.0.0.1:${port}`);
    client.socket.on("error", () => {});
    client.socket.write(garbage);
    await client.closed();
    return client.bytes.toString();
  };
  expect(await answerTo(Buffer.from("GET / HTTP/9.9\r\n\r\n"))).toMatch(/^HTTP\/1\.1 400/);
  expect(await answerTo(Buffer.from("\r\n\r\n\0\0\0"))).toMatch(/^HTTP\/1\.1 400/);
  // Closed while it still sends, a client may be reset before it has read the answer.
  expect(await answerTo(pattern(100_000))).toMatch(/^(HTTP\/1\.1 400|$)/);
});

test("closing ends live connections, pending toxics and open API requests", async () => {
  const server = await EmbeddedServer.listen({ host: "127.0.0.1", port: 0, metrics: false, seed: 1 });
  const { port } = new URL(server.url);
  const half = await bench.client(`127.0.0.1:${port}`);
  half.socket.write("POST /proxies HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  const up = await bench.upstream(hold);
  const addresses = { listen: "127.0.0.1:0", upstream: up.address };
  const proxy = await server.proxies.create(JSON.stringify({ name: "live", ...addresses }));
  createToxic(proxy, JSON.stringify({ type: "latency", attributes: { latency: 60_000 } }));
  const live = await bench.client(proxy.listen);
  const upstreamSide = await up.next();
  upstreamSide.socket.write("held back");
  await expect.poll(() => proxy.traffic.downstream.receivedBytes).toBe(9);
  await server.close();
  await Promise.all([half.closed(), live.closed(), upstreamSide.closed()]);
  expect(live.received).toBe(0);
});
