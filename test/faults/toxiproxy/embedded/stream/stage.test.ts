import { afterAll, beforeAll, expect, test } from "vitest";
import {
  echo,
  hold,
  oneWayMs,
  oneWaysMs,
  type Peer,
  ProxyBench,
  pattern,
  sha256,
  sleep,
} from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

const several = <T>(times: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: times }, (_, i) => make(i)));

/** Of its only toxic. */
const tally = async (proxy: { readonly name: string }) =>
  Object.values((await bench.api("GET", "/faultline/counters")).json[proxy.name].toxics)[0];

test("is drawn for each connection, and counted", async () => {
  const up = await bench.upstream(echo);
  const proxy = await bench.proxy(up.address);
  await proxy.toxic("limit_data", { bytes: 0 }, { toxicity: 0.5, name: "half" });
  const outcomes = await several(100, async () => {
    const c = await bench.client(proxy.address);
    c.socket.write("x");
    await c.until(() => c.received > 0 || c.ended !== null, 10_000, "echo or end");
    return c;
  });
  const hit = outcomes.filter((c) => c.received === 0).length;
  // 100 draws at one half: outside 25..75 once in 10^6 runs.
  expect(hit).toBeGreaterThan(25);
  expect(hit).toBeLessThan(75);
  expect(await tally(proxy)).toEqual({ connections: 100, drawn: hit, hits: hit, acts: hit });
  const spared = outcomes.filter((c) => c.received > 0);
  for (const c of spared) c.socket.write("y");
  await Promise.all(spared.map((c) => c.got(2)));
});

test("is no hit before something has passed it, and one from then on, however often", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("latency", { latency: 1 });
  expect(await tally(proxy)).toEqual({ connections: 1, drawn: 1, hits: 0, acts: 0 });
  await oneWayMs(s, c);
  await oneWayMs(s, c);
  expect(await tally(proxy)).toEqual({ connections: 1, drawn: 1, hits: 1, acts: 2 });
  // What goes the other way does not pass it.
  await oneWayMs(c, s);
  expect(await tally(proxy)).toMatchObject({ acts: 2 });
  await toxic.update({ attributes: { latency: 2 } });
  expect(await tally(proxy)).toEqual({ connections: 1, drawn: 1, hits: 0, acts: 0 });
  await oneWayMs(s, c);
  expect(await tally(proxy)).toMatchObject({ hits: 1, acts: 1 });
});

const ACTS: readonly (readonly [
  type: string,
  when: string,
  settings: object,
  bytes: number,
  acts: number,
])[] = [
  ["noop", "at all", {}, 10, 1],
  ["bandwidth", "at all", { rate: 1000 }, 10, 1],
  ["timeout", "at all", { timeout: 0 }, 10, 1],
  ["slicer", "above its size", { average_size: 5 }, 10, 1],
  ["slicer", "below its size", { average_size: 100 }, 10, 0],
  ["slicer", "below its size, with a delay", { average_size: 100, delay: 1 }, 10, 1],
  ["limit_data", "up to the limit", { bytes: 10 }, 10, 1],
  ["limit_data", "below the limit", { bytes: 11 }, 10, 0],
  ["reset_peer", "at all", { timeout: 0 }, 10, 1],
  ["reset_peer", "long before its time", { timeout: 60_000 }, 10, 0],
  ["slow_close", "and no end", { delay: 10 }, 10, 0],
];

test.each(ACTS)("%s counts as having acted on data %s: %j", async (type, _, settings, bytes, hits) => {
  const { s, proxy } = await bench.line(hold, [type, settings]);
  s.socket.write(pattern(bytes));
  await sleep(100);
  expect(await tally(proxy)).toMatchObject({ connections: 1, drawn: 1, hits });
});

test("slow_close counts the ends that it puts off, and timeout the connections that it closes", async () => {
  const late = await bench.line(hold, ["slow_close", { delay: 60_000 }]);
  late.s.socket.end();
  await sleep(100);
  expect(await tally(late.proxy)).toMatchObject({ hits: 1 });
  const silent = await bench.line(hold, ["timeout", { timeout: 50 }]);
  await silent.c.closed();
  expect(await tally(silent.proxy)).toMatchObject({ hits: 1 });
});

test("is drawn again when the toxic is updated, and not when another one comes or goes", async () => {
  const up = await bench.upstream(hold);
  const proxy = await bench.proxy(up.address);
  const toxic = await proxy.toxic("latency", { latency: 400 }, { toxicity: 0.5, name: "l" });
  const pairs: [Peer, Peer][] = [];
  for (let i = 0; i < 40; i++) pairs.push([await bench.client(proxy.address), await up.next()]);
  const slow = async () =>
    (await Promise.all(pairs.map(([c, s]) => oneWayMs(s, c)))).map((ms) => ms >= 400).join();
  const first = await slow();
  await (await proxy.toxic("noop", {}, { name: "n" })).remove();
  expect(await slow()).toBe(first);
  await toxic.update({ toxicity: 0.5 });
  expect(await slow()).not.toBe(first);
});

test("added, updated, removed, and gone after a reset", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("latency", { latency: 150 });
  expect(await oneWayMs(s, c)).toBeGreaterThanOrEqual(150);
  await toxic.update({ attributes: { latency: 300 } });
  expect(await oneWayMs(s, c)).toBeGreaterThanOrEqual(300);
  await toxic.update({ toxicity: 0 });
  expect((await oneWaysMs(s, c, 5)).fastest).toBeLessThan(100);
  await toxic.remove();
  expect((await oneWaysMs(s, c, 5)).fastest).toBeLessThan(100);
});

test("what a latency holds goes out at once when it is removed, and waits its new time when it is updated", async () => {
  const removed = await bench.line(hold);
  const toxic = await removed.proxy.toxic("latency", { latency: 60_000 });
  for (let i = 0; i < 10; i++) removed.s.socket.write(pattern(100, i));
  await sleep(100);
  await toxic.remove();
  await removed.c.got(1000, 2000);
  const updated = await bench.line(hold);
  const longer = await updated.proxy.toxic("latency", { latency: 60_000 });
  const sentMs = performance.now();
  updated.s.socket.write("held");
  await sleep(100);
  await longer.update({ attributes: { latency: 500 } });
  await updated.c.got(4);
  expect(performance.now() - sentMs).toBeGreaterThanOrEqual(500);
});

test("bytes stay whole while toxics come and go under load", async () => {
  const { c, proxy } = await bench.line(echo);
  const data = pattern(6_000_000, 12);
  c.pump(data);
  for (let i = 0; i < 8; i++) {
    const stream = i % 2 ? "upstream" : "downstream";
    const a = await proxy.toxic("latency", { latency: 5, jitter: 3 }, { stream });
    const b = await proxy.toxic("slicer", { average_size: 2000, size_variation: 500 }, { stream });
    await a.update({ attributes: { latency: 2 } });
    await b.remove();
    await a.remove();
  }
  await c.got(data.length);
  expect(sha256(c.bytes)).toBe(sha256(data));
});

test("one taken from the middle of a chain leaves the others at work", async () => {
  const { c, s, proxy } = await bench.line(hold);
  await proxy.toxic("latency", { latency: 80 }, { name: "1" });
  const middle = await proxy.toxic("latency", { latency: 300 }, { name: "2" });
  await proxy.toxic("latency", { latency: 80 }, { name: "3" });
  expect(await oneWayMs(s, c)).toBeGreaterThanOrEqual(460);
  await middle.remove();
  const { fastest } = await oneWaysMs(s, c, 3);
  expect(fastest).toBeGreaterThanOrEqual(160);
  expect(fastest).toBeLessThan(300);
});

test("a client that does not read blocks no change of toxics", async () => {
  const { c, s, proxy } = await bench.line(hold);
  c.socket.pause();
  const data = pattern(20_000_000, 13);
  s.pump(data);
  await sleep(300);
  const startedMs = performance.now();
  const toxic = await proxy.toxic("latency", { latency: 10 });
  await toxic.update({ attributes: { latency: 20 } });
  await toxic.remove();
  expect(performance.now() - startedMs).toBeLessThan(2000);
  c.socket.resume();
  await c.got(data.length);
  expect(sha256(c.bytes)).toBe(sha256(data));
});

test("data that comes behind a limit reached, when the limit is removed, does not follow the end", async () => {
  const { c, s, proxy } = await bench.line(hold);
  c.socket.pause();
  const toxic = await proxy.toxic("limit_data", { bytes: 5_000_000 });
  const data = pattern(20_000_000, 14);
  s.pump(data);
  await sleep(300);
  c.socket.resume();
  await toxic.remove();
  await c.until(() => c.received >= 5_000_000 || c.ended !== null, 10_000, "bytes or end");
  expect(c.bytes.equals(data.subarray(0, c.received))).toBe(true);
});
