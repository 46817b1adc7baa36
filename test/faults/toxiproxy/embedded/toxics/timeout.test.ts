import { afterAll, beforeAll, expect, test } from "vitest";
import { echo, hold, ProxyBench, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("swallows data and ends the connection after the time without any", async () => {
  const { c, s } = await bench.line(hold, ["timeout", { timeout: 400 }]);
  let lastMs = 0;
  for (let i = 0; i < 6; i++) {
    lastMs = performance.now();
    s.socket.write("x");
    await sleep(100);
  }
  expect(c.ended).toBeNull();
  expect(await c.closed()).toBe("fin");
  expect(performance.now() - lastMs).toBeGreaterThanOrEqual(400);
  expect(c.received).toBe(0);
});

test("is not put off by data the other way", async () => {
  const { c } = await bench.line(hold, ["timeout", { timeout: 300 }]);
  const timer = setInterval(() => c.socket.write("x"), 50);
  await c.closed(2000);
  clearInterval(timer);
});

test("0 never ends it, an end passes through, and removal closes what is left", async () => {
  const { c, s, proxy } = await bench.line(echo);
  const toxic = await proxy.toxic("timeout", { timeout: 0 });
  c.socket.write("hello");
  await s.got(5);
  await sleep(300);
  expect([c.received, c.ended]).toEqual([0, null]);
  await toxic.remove();
  expect(await c.closed()).toBe("fin");
  expect(c.received).toBe(0);
  const passing = await bench.line(hold, ["timeout", { timeout: 0 }]);
  passing.s.socket.end("lost");
  expect(await passing.c.closed()).toBe("fin");
  expect(passing.c.received).toBe(0);
});

test("longer than a timer can count does not end it at once", async () => {
  const { c } = await bench.line(hold, ["timeout", { timeout: 2 ** 40 }]);
  await sleep(200);
  expect(c.ended).toBeNull();
});
