import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Piece, ToxicType } from "../../../../../src/faults/toxiproxy/embedded/stream/toxic.js";
import { emptyTally } from "../../../../../src/faults/toxiproxy/embedded/stream/toxic-tally.js";
import { echo, hold, oneWayMs, ProxyBench, pattern, sha256, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("bytes pass whole, both ways at once, many at a time", async () => {
  const { c, s } = await bench.line(hold);
  const [up, down] = [pattern(3_000_000, 1), pattern(3_000_000, 2)];
  c.pump(up);
  s.pump(down);
  await Promise.all([c.got(down.length), s.got(up.length)]);
  expect([sha256(s.bytes), sha256(c.bytes)]).toEqual([sha256(up), sha256(down)]);

  const server = await bench.upstream(echo);
  const { address } = await bench.proxy(server.address);
  const intact = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const client = await bench.client(address);
      client.socket.write(pattern(5000, i));
      await client.got(5000);
      return client.bytes.equals(pattern(5000, i));
    }),
  );
  expect(intact.filter(Boolean)).toHaveLength(300);
});

test("an end from either side closes both, behind all data sent before it", async () => {
  const data = pattern(1_000_000, 3);
  const { c, s } = await bench.line(hold);
  s.pump(data).then(() => s.socket.end());
  expect(await c.closed()).toBe("fin");
  expect(sha256(c.bytes)).toBe(sha256(data));
  const other = await bench.line(hold);
  other.c.socket.end("question");
  expect(await other.s.closed()).toBe("fin");
  await other.c.closed();
  expect(other.s.bytes.toString()).toBe("question");
});

test("what a toxic already holds on its way to the client is delivered after the client's end", async () => {
  const { c, s } = await bench.line(hold, ["latency", { latency: 300 }]);
  s.socket.write(pattern(1000));
  await sleep(100);
  c.socket.end();
  await c.closed();
  expect(c.received).toBe(1000);
});

test("a reset on one side is an orderly end on the other", async () => {
  const one = await bench.line(hold);
  one.s.socket.resetAndDestroy();
  expect(await one.c.closed()).toBe("fin");
  const two = await bench.line(hold);
  two.c.socket.resetAndDestroy();
  expect(await two.s.closed()).toBe("fin");
});

test("with the upstream down a client is accepted and closed without a byte, and works once it is up", async () => {
  const up = await bench.upstream(echo);
  up.stop();
  const { address, name } = await bench.proxy(up.address);
  const client = await bench.client(address);
  expect([await client.closed(), client.received]).toEqual(["fin", 0]);
  const counters = (await bench.api("GET", "/faultline/counters")).json[name];
  expect(counters).toMatchObject({ connectionsTotal: 1, connectionsOpen: 0, upstreamFailuresTotal: 1 });
  const again = createServer((socket) => socket.end("back"));
  await new Promise<void>((resolve) => again.listen(Number(up.address.split(":")[1]), "127.0.0.1", resolve));
  const second = await bench.client(address);
  await second.got(4);
  again.close();
});

test.each(["not an address", "127.0.0.1", "no.such.host.invalid:1"])(
  "an upstream that cannot be reached by its name (%s) closes the client",
  async (upstream) => {
    const { address } = await bench.proxy(upstream);
    await (await bench.client(address)).closed();
  },
);

test("an upstream given by a name with an IPv4 and an IPv6 address is found", async () => {
  const up = await bench.upstream(echo);
  const { address } = await bench.proxy(up.address.replace("127.0.0.1", "localhost"));
  const client = await bench.client(address);
  client.socket.write("hello");
  await client.got(5);
  expect(client.bytes.toString()).toBe("hello");
});

// The kernel's own buffers on both sides take some megabytes before anything backs up.
test.each([
  ["without toxics", [], 24],
  ["behind a latency", [["latency", { latency: 50 }]], 24 + 1024 / 32],
  ["behind a rate", [["bandwidth", { rate: 100 }]], 24],
] as const)("a client that does not read stops the source, %s", async (_, toxics, mostMegabytes) => {
  const { c, s } = await bench.line(hold, ...toxics);
  c.socket.pause();
  const block = pattern(1 << 20, 4);
  let written = 0;
  (async () => {
    while (!s.socket.destroyed && written < 200) {
      await s.pump(block);
      written++;
    }
  })();
  let before = -1;
  while (written !== before) {
    before = written;
    await sleep(400);
  }
  expect(written).toBeLessThan(mostMegabytes);
});

test("disabling closes live connections, loses what is held, and refuses new ones until it is enabled", async () => {
  const { c, s, proxy } = await bench.line(hold, ["latency", { latency: 60_000 }]);
  s.socket.write("held");
  await sleep(50);
  await bench.api("PATCH", `/proxies/${proxy.name}`, { enabled: false });
  await Promise.all([c.closed(), s.closed()]);
  expect(c.received).toBe(0);
  await expect(bench.client(proxy.address)).rejects.toThrow(/ECONNREFUSED/);
  await bench.api("PATCH", `/proxies/${proxy.name}`, { enabled: true });
  await bench.client(proxy.address);
});

test("an update that changes nothing keeps live connections; another upstream closes them", async () => {
  const { c, s, proxy, up } = await bench.line(hold);
  const path = `/proxies/${proxy.name}`;
  await bench.api("PATCH", path, { listen: proxy.address, upstream: up.address, enabled: true });
  await bench.api("POST", "/populate", [{ name: proxy.name, listen: proxy.address, upstream: up.address }]);
  await oneWayMs(s, c);
  await bench.api("PATCH", path, { upstream: "127.0.0.1:9" });
  await c.closed();
});

test("counters tell what was received, what was sent, and who is connected", async () => {
  const { c, s, proxy } = await bench.line(hold, ["timeout", { timeout: 0 }, { name: "cut" }]);
  c.socket.write(pattern(1000));
  await s.got(1000);
  s.socket.write(pattern(2000));
  await sleep(100);
  c.socket.write(pattern(1));
  await s.got(1001);
  const counters = async () => (await bench.api("GET", "/faultline/counters")).json[proxy.name];
  expect(await counters()).toEqual({
    upstream: { receivedBytes: 1001, reads: 2, sentBytes: 1001 },
    downstream: { receivedBytes: 2000, reads: 1, sentBytes: 0 },
    connectionsTotal: 1,
    connectionsOpen: 1,
    upstreamFailuresTotal: 0,
    protocols: [],
    toxics: { cut: { connections: 1, drawn: 1, hits: 1, acts: 1 } },
  });
  c.socket.destroy();
  await s.closed();
  await sleep(50);
  expect(await counters()).toMatchObject({ connectionsTotal: 1, connectionsOpen: 0 });
});

test("what lay ready while a toxic had no room is told from what the source sends late", async () => {
  const { s, proxy } = await bench.line(hold);
  const pieces: Piece[] = [];
  const type: ToxicType = {
    type: "slow",
    attributes: [],
    create: () => ({
      take(piece, line) {
        pieces.push(piece);
        line.hold(20, piece, () => line.send(piece));
      },
    }),
  };
  const common = { direction: "downstream", stream: "downstream", toxicity: 1, settings: {} } as const;
  bench.server.proxies.get(proxy.name).addToxic({ ...common, name: "slow", type, tally: emptyTally() });
  s.socket.write(pattern(10));
  await expect.poll(() => pieces.length).toBe(1);
  await sleep(100);
  // More than is read at once: each further piece lies ready while the one before is held.
  s.socket.write(pattern(300_000));
  await expect.poll(() => pieces.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(10);
  await sleep(100);
  s.socket.write(pattern(10));
  const total = () => pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  await expect.poll(total, { timeout: 10_000 }).toBe(300_020);
  const waited = pieces.map(({ hasWaited }) => hasWaited === true);
  expect([waited[0], waited[1], waited.at(-1)]).toEqual([false, false, false]);
  expect(waited.filter(Boolean).length).toBeGreaterThanOrEqual(8);
});

test("the protocols that its connections speak first are told, whoever sends first, and their bytes stay as they are", async () => {
  const clientFirst = await bench.upstream(echo);
  const { address, name } = await bench.proxy(clientFirst.address);
  for (const first of ["GET / HTTP/1.1\r\n\r\n", "nothing known", "GET / HTTP/1.1\r\n\r\n"]) {
    const client = await bench.client(address);
    client.socket.write(first);
    await client.got(first.length);
    client.socket.write("AMQP\0\0\t\u0001");
    await client.got(first.length + 8);
    expect(client.bytes.toString("latin1")).toBe(`${first}AMQP\0\0\t\u0001`);
  }
  const serverFirst = await bench.upstream(({ socket }) => socket.write('INFO {"server_id":"a"}\r\n'));
  const other = await bench.proxy(serverFirst.address);
  await (await bench.client(other.address)).got(10);
  const counters = (await bench.api("GET", "/faultline/counters")).json;
  expect(counters[name].protocols).toEqual(["http"]);
  expect(counters[other.name].protocols).toEqual(["nats"]);
});
