import { afterAll, beforeAll, expect, test } from "vitest";
import { hold, ProxyBench, pattern, sha256, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("halves a piece until no part is larger than the average: 1,000 bytes at 100 are 16", async () => {
  const { c, s } = await bench.line(hold, [
    "slicer",
    { average_size: 100, size_variation: 0, delay: 20_000 },
  ]);
  const data = pattern(1000, 7);
  const startedMs = performance.now();
  s.socket.write(data);
  await c.got(1000);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(300);
  // On a busy machine two of the 16 may be read at once: every cut that is seen is one of theirs, and most are seen.
  expect(c.arrivals.length).toBeGreaterThan(8);
  expect(c.arrivals.length).toBeLessThanOrEqual(16);
  const parts = Array.from({ length: 16 }, (_, i) => Math.floor(((i + 1) * 1000) / 16));
  let end = 0;
  for (const { bytes } of c.arrivals) {
    end += bytes;
    expect(parts).toContain(end);
  }
  expect(c.bytes.equals(data)).toBe(true);
});

test("variation makes parts of different sizes, none larger than average + variation", async () => {
  const { c, s } = await bench.line(hold, [
    "slicer",
    { average_size: 100, size_variation: 50, delay: 20_000 },
  ]);
  const data = pattern(1000, 8);
  s.socket.write(data);
  await c.got(1000);
  const sizes = c.arrivals.map(({ bytes }) => bytes);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(150);
  expect(new Set(sizes).size).toBeGreaterThan(2);
  expect(c.bytes.equals(data)).toBe(true);
});

test.each([
  ["with a variation as large as the average", { average_size: 100, size_variation: 100 }],
  ["down to single bytes", { average_size: 1 }],
  ["with delays shorter than a timer counts", { average_size: 1000, delay: 100 }],
])("%s", async (_, attributes) => {
  const { c, s } = await bench.line(hold, ["slicer", attributes]);
  const data = pattern(200_000, 9);
  s.pump(data);
  await c.got(data.length);
  expect(sha256(c.bytes)).toBe(sha256(data));
});

test("removal sends the rest at once and whole", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("slicer", { average_size: 50, delay: 200_000 });
  s.socket.write(pattern(5000, 10));
  await sleep(300);
  expect(c.received).toBeLessThan(500);
  await toxic.remove();
  await c.got(5000, 2000);
  expect(c.bytes.equals(pattern(5000, 10))).toBe(true);
});
