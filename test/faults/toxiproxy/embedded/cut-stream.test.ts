import { afterAll, beforeAll, expect, test } from "vitest";
import { hold, ProxyBench, pattern, sleep } from "../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

const LATER = { latency: 60_000 };
const A = "A".repeat(10);

/** Waits until the proxy has read so many bytes of the upstream's. */
async function read(name: string, bytes: number): Promise<void> {
  const received = async () =>
    (await bench.api("GET", "/faultline/counters")).json[name].downstream.receivedBytes;
  await expect.poll(received, { timeout: 10_000 }).toBeGreaterThanOrEqual(bytes);
}

/** Of the toxic called so: how often it acted. */
async function acted(name: string, toxic: string, times: number): Promise<void> {
  const acts = async () => (await bench.api("GET", "/faultline/counters")).json[name].toxics[toxic].acts;
  await expect.poll(acts, { timeout: 10_000 }).toBeGreaterThanOrEqual(times);
}

test("what limit_data has cut stays cut when it is removed while a latency behind it holds data", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const cut = await proxy.toxic("limit_data", { bytes: 10 }, { name: "cut" });
  const late = await proxy.toxic("latency", LATER);
  s.socket.write(`${A}BBBBBBBBBB`);
  await acted(proxy.name, "cut", 1);
  await cut.remove();
  s.socket.write("CCCCCCCCCC");
  await sleep(100);
  expect(c.received).toBe(0);
  await late.remove();
  expect(await c.closed()).toBe("fin");
  expect(c.bytes.toString()).toBe(A);
  await s.closed();
});

test.each(["slicer", "bandwidth", "noop", "latency", "slow_close"])(
  "and when a %s between them is removed as well",
  async (type) => {
    const { c, s, proxy } = await bench.line(hold);
    const cut = await proxy.toxic("limit_data", { bytes: 10 }, { name: "cut" });
    const between = await proxy.toxic(
      type,
      { average_size: 1, rate: 100, latency: 5, delay: 5 },
      { name: "b" },
    );
    const late = await proxy.toxic("latency", LATER, { name: "late" });
    s.socket.write(`${A}B`);
    await acted(proxy.name, "late", 1);
    await cut.remove();
    s.socket.write("C");
    await between.remove();
    s.socket.write("D");
    const added = await proxy.toxic("latency", { latency: 1 }, { name: "added" });
    s.socket.write("E");
    await sleep(50);
    await late.remove();
    await added.remove();
    expect(await c.closed()).toBe("fin");
    expect(c.bytes.toString()).toBe(A);
  },
);

test("what a timeout has cut by its clock stays cut when it is removed", async () => {
  const { c, s, proxy } = await bench.line(hold, ["latency", LATER, { name: "before" }]);
  const cut = await proxy.toxic("timeout", { timeout: 300 }, { name: "cut" });
  const late = await proxy.toxic("latency", LATER, { name: "late" });
  await acted(proxy.name, "cut", 1);
  s.socket.write("later");
  await cut.remove();
  await bench.api("DELETE", `/proxies/${proxy.name}/toxics/before`);
  s.socket.write("later still");
  await late.remove();
  await c.closed();
  expect(c.received).toBe(0);
});

test("a timeout that is removed cuts the stream, though one behind it still holds what came before", async () => {
  const { c, s, proxy } = await bench.line(hold, ["latency", LATER, { name: "late" }]);
  s.socket.write(A);
  await acted(proxy.name, "late", 1);
  const behind = await proxy.toxic("timeout", { timeout: 0 }, { name: "cut" });
  const last = await proxy.toxic("latency", LATER, { name: "last" });
  await bench.api("PATCH", `/proxies/${proxy.name}/toxics/late`, { attributes: { latency: 1 } });
  await acted(proxy.name, "cut", 1);
  await behind.remove();
  s.socket.write("BBBB");
  await sleep(50);
  await last.remove();
  await c.closed();
  expect(c.received).toBe(0);
});

test("a timeout that an update makes spare a connection closes it, if bytes are missing by then", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("timeout", { timeout: 0 }, { name: "cut" });
  s.socket.write(A);
  await acted(proxy.name, "cut", 1);
  await toxic.update({ toxicity: 0 });
  s.socket.write("BBBB");
  await c.closed();
  expect(c.received).toBe(0);

  const untouched = await bench.line(hold);
  const other = await untouched.proxy.toxic("timeout", { timeout: 0 });
  await other.update({ toxicity: 0 });
  untouched.s.socket.write(A);
  await untouched.c.got(A.length);
});

test("a limit that is updated or spared after it was reached lets nothing more through", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const cut = await proxy.toxic("limit_data", { bytes: 10 }, { name: "cut" });
  const late = await proxy.toxic("latency", LATER);
  s.socket.write(`${A}B`);
  await acted(proxy.name, "cut", 1);
  await cut.update({ attributes: { bytes: 1000 } });
  await cut.update({ toxicity: 0 });
  s.socket.write("C");
  await sleep(50);
  await cut.remove();
  await late.remove();
  await c.closed();
  expect(c.bytes.toString()).toBe(A);
});

test("a rate behind a latency keeps the source read while it has data in hand", async () => {
  const { s, proxy } = await bench.line(hold);
  await proxy.toxic("latency", { latency: 1 }, { name: "late" });
  await proxy.toxic("bandwidth", { rate: 1 }, { name: "rate" });
  // A minute's worth: what comes after it waits.
  s.socket.write(pattern(60_000));
  await acted(proxy.name, "rate", 1);
  for (let i = 2; i <= 10; i++) {
    s.socket.write(pattern(1));
    await read(proxy.name, i);
  }
});
