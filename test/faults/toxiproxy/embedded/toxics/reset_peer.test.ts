import { afterAll, beforeAll, expect, test } from "vitest";
import { hold, oneWayMs, ProxyBench, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("resets both sides at the first data, without a byte of it", async () => {
  const { c, s } = await bench.line(hold, ["reset_peer", { timeout: 0 }]);
  await sleep(150);
  expect(c.ended).toBeNull();
  s.socket.write("x");
  expect([await c.closed(), await s.closed()]).toEqual(["rst", "rst"]);
  expect(c.received).toBe(0);
});

test("waits for its time, and an end sets it off too", async () => {
  const { c, s } = await bench.line(hold, ["reset_peer", { timeout: 300 }]);
  const startedMs = performance.now();
  s.socket.end();
  expect(await c.closed()).toBe("rst");
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(300);
});

test("resets connections that were open before it", async () => {
  const { c, s, proxy } = await bench.line(hold);
  await oneWayMs(s, c);
  await proxy.toxic("reset_peer", { timeout: 0 }, { stream: "upstream" });
  c.socket.write("x");
  expect([await c.closed(), await s.closed()]).toEqual(["rst", "rst"]);
  expect(s.received).toBe(0);
});

test("removed while it waits, it lets the data through and the connection live", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("reset_peer", { timeout: 60_000 });
  s.socket.write("kept");
  await sleep(100);
  await toxic.remove();
  await c.got(4);
  await oneWayMs(c, s);
});

test("updated while it waits, it still resets", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("reset_peer", { timeout: 60_000 });
  s.socket.write("x");
  await sleep(100);
  await toxic.update({ attributes: { timeout: 100 } });
  expect(await c.closed()).toBe("rst");
  expect(c.received).toBe(0);
});

test("leaves a connection that toxicity spared with an orderly end", async () => {
  const { c, s } = await bench.line(hold, ["reset_peer", { timeout: 0 }, { toxicity: 0 }]);
  await oneWayMs(s, c);
  s.socket.end();
  expect(await c.closed()).toBe("fin");
});
