import { afterAll, beforeAll, expect, test } from "vitest";
import { hold, oneWayMs, ProxyBench, pattern, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("lets exactly that many bytes through, and ends it in the same moment", async () => {
  const { c, s } = await bench.line(hold, ["limit_data", { bytes: 10_000 }]);
  s.pump(pattern(1_000_000, 11));
  expect(await c.closed()).toBe("fin");
  expect(c.bytes.equals(pattern(1_000_000, 11).subarray(0, 10_000))).toBe(true);
});

test("counts from when it came, and on across updates", async () => {
  const { c, s, proxy } = await bench.line(hold);
  await oneWayMs(s, c, 500);
  const toxic = await proxy.toxic("limit_data", { bytes: 100 });
  await oneWayMs(s, c, 60);
  await toxic.update({ attributes: { bytes: 150 } });
  s.socket.write(pattern(500));
  await c.closed();
  expect(c.received).toBe(650);
});

test("0 ends it at the first data, not before", async () => {
  const { c, s } = await bench.line(hold, ["limit_data", { bytes: 0 }]);
  await sleep(150);
  expect(c.ended).toBeNull();
  s.socket.write("x");
  await c.closed();
  expect(c.received).toBe(0);
});
