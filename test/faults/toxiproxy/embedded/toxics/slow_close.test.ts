import { afterAll, beforeAll, expect, test } from "vitest";
import { hold, type Peer, ProxyBench, pattern, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("holds back the end, not the data; removal lets it through", async () => {
  const { c, s } = await bench.line(hold, ["slow_close", { delay: 300 }]);
  const startedMs = performance.now();
  s.socket.end("last words");
  await c.got(10);
  const dataMs = performance.now() - startedMs;
  expect(dataMs).toBeLessThan(250);
  expect(await c.closed()).toBe("fin");
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(300);

  const other = await bench.line(hold);
  const toxic = await other.proxy.toxic("slow_close", { delay: 60_000 });
  other.s.socket.end();
  await sleep(100);
  expect(other.c.ended).toBeNull();
  await toxic.remove();
  await other.c.closed(2000);
});

test("while a client's end is held back, the answer still comes", async () => {
  const answerLater = (peer: Peer) =>
    peer.socket.on("data", () => setTimeout(() => peer.socket.write(pattern(500)), 100));
  const { c } = await bench.line(answerLater, ["slow_close", { delay: 400 }, { stream: "upstream" }]);
  c.socket.end("question");
  await c.closed();
  expect(c.received).toBe(500);
});
