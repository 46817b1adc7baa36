import { afterAll, beforeAll, expect, test } from "vitest";
import { hold, oneWayMs, ProxyBench, pattern, sha256, sleep } from "../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("1 KB is 1,000 bytes, and the rate holds for the sum", async () => {
  const data = pattern(500_000, 4);
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 500 }]);
  const startedMs = performance.now();
  s.pump(data);
  await c.got(data.length);
  const tookMs = performance.now() - startedMs;
  expect(tookMs).toBeGreaterThanOrEqual(990);
  expect(tookMs).toBeLessThan(1600);
  expect(sha256(c.bytes)).toBe(sha256(data));
});

test("what is more than a tenth of a second's worth is cut into such parts", async () => {
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 10 }]);
  s.socket.write(pattern(4000));
  await c.got(4000);
  expect(c.arrivals.map(({ bytes }) => bytes)).toEqual([1000, 1000, 1000, 1000]);
});

test("small pieces, each worth less than a timer can count, keep the rate", async () => {
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 1000 }]);
  const startedMs = performance.now();
  for (let i = 0; i < 300; i++) {
    s.socket.write(pattern(200, i));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await c.got(60_000);
  const tookMs = performance.now() - startedMs;
  expect(tookMs).toBeGreaterThanOrEqual(55);
  expect(tookMs).toBeLessThan(400);
});

test("a pause saves nothing up", async () => {
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 10 }]);
  await oneWayMs(s, c, 100);
  await sleep(500);
  expect(await oneWayMs(s, c, 1000)).toBeGreaterThanOrEqual(75);
});

test("rate 0 holds all and loses nothing; an update lets it go on, removal flushes it", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("bandwidth", { rate: 0 });
  s.socket.write(pattern(1000, 5));
  await sleep(200);
  expect(c.received).toBe(0);
  await toxic.update({ attributes: { rate: 100 } });
  await c.got(1000);
  await toxic.update({ attributes: { rate: 1 } });
  s.socket.write(pattern(50_000, 6));
  await sleep(150);
  await toxic.remove();
  await c.got(51_000, 2000);
  expect(c.bytes.equals(Buffer.concat([pattern(1000, 5), pattern(50_000, 6)]))).toBe(true);
});
