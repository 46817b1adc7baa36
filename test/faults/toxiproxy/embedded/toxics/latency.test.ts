import { afterAll, beforeAll, expect, test } from "vitest";
import {
  hold,
  oneWayMs,
  oneWaysMs,
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

// Lower bounds are exact: a toxic is never early. Upper ones leave room for a busy machine, and where a thing
// is timed several times only the fastest must be near.
const NEAR_MS = 100;

const several = <T>(times: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: times }, (_, i) => make(i)));

test("delays its own direction, and never by less", async () => {
  const { c, s } = await bench.line(hold, ["latency", { latency: 100 }]);
  const down = await oneWaysMs(s, c, 10);
  expect(down.fastest).toBeGreaterThanOrEqual(100);
  expect(down.fastest).toBeLessThan(100 + NEAR_MS);
  expect((await oneWaysMs(c, s, 10)).fastest).toBeLessThan(60);
});

test("is a pipeline: messages sent meanwhile do not wait for one another", async () => {
  const { c, s } = await bench.line(hold, ["latency", { latency: 300 }]);
  const startedMs = performance.now();
  for (let i = 0; i < 10; i++) {
    s.socket.write(pattern(10, i));
    await sleep(10);
  }
  await c.got(100);
  expect(performance.now() - startedMs).toBeLessThan(1000);
  expect(c.arrivals[0]?.atMs).toBeGreaterThanOrEqual(startedMs + 300);
});

test("jitter spreads around the latency, and keeps order and bytes", async () => {
  const up = await bench.upstream(hold);
  const proxy = await bench.proxy(up.address);
  await proxy.toxic("latency", { latency: 100, jitter: 50 });
  const times = await several(40, async () => {
    const c = await bench.client(proxy.address);
    const s = await up.next();
    return oneWayMs(s, c);
  });
  expect(Math.min(...times)).toBeGreaterThanOrEqual(50);
  expect(times.filter((ms) => ms < 100).length).toBeGreaterThan(5);
  expect(times.filter((ms) => ms >= 100).length).toBeGreaterThan(5);
  const c = await bench.client(proxy.address);
  const s = await up.next();
  const data = pattern(2_000_000, 3);
  s.pump(data);
  await c.got(data.length);
  expect(sha256(c.bytes)).toBe(sha256(data));
});

test("a jitter beyond the latency means no delay at times, never a crash", async () => {
  const { c, s } = await bench.line(hold, ["latency", { latency: -5, jitter: 20 }]);
  expect((await oneWaysMs(s, c, 10)).fastest).toBeLessThan(60);
});

test("a bare end is not delayed; one behind data comes after it", async () => {
  const bare = await bench.line(hold, ["latency", { latency: 3000 }]);
  bare.s.socket.end();
  expect(await bare.c.closed(1500)).toBe("fin");
  const { c, s } = await bench.line(hold, ["latency", { latency: 200 }]);
  s.socket.end(pattern(1000));
  await c.closed();
  expect(c.received).toBe(1000);
});

test("two in a chain add up", async () => {
  const { c, s } = await bench.line(
    hold,
    ["latency", { latency: 60 }, { name: "1" }],
    ["latency", { latency: 90 }, { name: "2" }],
  );
  const { fastest } = await oneWaysMs(s, c, 5);
  expect(fastest).toBeGreaterThanOrEqual(150);
  expect(fastest).toBeLessThan(150 + NEAR_MS);
});
