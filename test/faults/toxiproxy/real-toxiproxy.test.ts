import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFaultPlane } from "../../../src/faults/toxiproxy/open.js";
import { downOf, toxicOn } from "../../helpers/actions.js";
import { echo, ProxyBench, sleep } from "../../helpers/proxy-line.js";
import { hasToxiproxy, type RealToxiproxy, startToxiproxyServer } from "../../helpers/real-toxiproxy.js";

const isInstalled = hasToxiproxy("toxiproxy-server");
let server: RealToxiproxy | undefined;
let url = "";
let bench: ProxyBench;

beforeAll(async () => {
  if (!isInstalled) return;
  bench = await ProxyBench.open();
  server = await startToxiproxyServer();
  url = server.url;
});
afterAll(async () => {
  if (!isInstalled) return;
  server?.process.kill();
  await bench?.close();
});

const toxic = (type: string, attributes: Record<string, number> = {}) => toxicOn("cache", type, attributes);

test.skipIf(!isInstalled)("the same plane makes, proves and undoes faults on a real Toxiproxy", async () => {
  const up = await bench.upstream(echo);
  const plane = await openFaultPlane({ toxiproxyUrl: url, seed: 1 });
  const address = (
    await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: up.address }])
  ).get("cache");
  await plane.markBaseline();
  await plane.inject([toxic("latency", { latency: 150 })]);
  const client = await bench.client(address ?? "");
  const startedMs = performance.now();
  client.socket.write("hello");
  await client.got(5);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(150);
  // It counts a connection's bytes when the connection has closed.
  expect(await plane.prove()).toMatchObject({
    strength: existsSync("/proc/net/tcp") ? "observed" : "listed",
    proven: true,
  });
  client.socket.end();
  await client.closed();
  await sleep(100);
  expect(await plane.prove()).toMatchObject({ strength: "observed", explanation: "cache: 10 B crossed" });
  await plane.inject([downOf("cache")]);
  await expect(bench.client(address ?? "")).rejects.toThrow(/ECONNREFUSED/);
  expect(await plane.prove()).toMatchObject({ strength: "probed" });
  await expect(plane.inject([toxic("nope")])).rejects.toMatchObject({
    message: expect.stringMatching(/invalid toxic type/),
  });
  await plane.close();
  expect(await (await fetch(`${url}/proxies`)).json()).toEqual({});
});

test.skipIf(!isInstalled)(
  "a real Toxiproxy that hangs on removing a toxic loses the proxy, not the rollback",
  async () => {
    const flood = await bench.upstream((peer) => void peer.pump(Buffer.alloc(50_000_000)));
    const plane = await openFaultPlane({ toxiproxyUrl: url, seed: 1 });
    const address = (
      await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: flood.address }])
    ).get("cache");
    await plane.inject([toxic("latency", { latency: 10 })]);
    const client = await bench.client(address ?? "");
    client.socket.pause();
    await sleep(1000);
    await plane.clear();
    const again = await bench.client(address ?? "");
    await again.got(1_000_000);
    await plane.close();
    expect(await (await fetch(`${url}/proxies`)).json()).toEqual({});
  },
  30_000,
);
