import { spawnSync } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { InjectionProof } from "../../src/faults/proof.js";
import type { ToxicSpec } from "../../src/faults/toxic.js";
import { EmbeddedServer } from "../../src/faults/toxiproxy/embedded/server.js";
import { openFaultPlane } from "../../src/faults/toxiproxy/open.js";
import type { ToxiproxyPlane } from "../../src/faults/toxiproxy/toxiproxy-plane.js";
import { downOf, toxicOn } from "../helpers/actions.js";
import { hangingInFront } from "../helpers/hanging-toxiproxy.js";
import { echo, hold, type Peer, ProxyBench, sleep } from "../helpers/proxy-line.js";

/** The embedded server of the bench stands for a server that was there before: kind "external" to the plane. */
let bench: ProxyBench;
let plane: ToxiproxyPlane | null = null;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterEach(async () => {
  await plane?.close().catch(() => {});
  plane = null;
  const { json } = await bench.api("GET", "/proxies");
  for (const name of Object.keys(json)) await bench.api("DELETE", `/proxies/${encodeURIComponent(name)}`);
});
afterAll(() => bench.close());

const toxic = (type: string, attributes: Record<string, number> = {}, more: Partial<ToxicSpec> = {}) =>
  toxicOn("cache", type, attributes, more);
const down = downOf("cache");

/** A plane with proxy "cache" to an upstream of ours. */
async function withCache(options: { url?: string | null; listen?: string } = {}) {
  const up = await bench.upstream(echo);
  plane = await openFaultPlane({ toxiproxyUrl: options.url ?? null, seed: 1 });
  const addresses = await plane.createProxies([
    { name: "cache", listen: options.listen ?? "127.0.0.1:0", upstream: up.address },
  ]);
  return { plane, up, address: addresses.get("cache") ?? "" };
}

/** A round trip on a connection that stays open. */
async function roundTrip(client: Peer): Promise<number> {
  const wanted = client.received + 5;
  const startedMs = performance.now();
  client.socket.write("hello");
  await client.got(wanted);
  return performance.now() - startedMs;
}

const toxicsOf = async (name = "cache") =>
  (await bench.api("GET", `/proxies/${encodeURIComponent(name)}`)).json.toxics;

test("nobody else can lead the proxies of a run elsewhere: its API asks for a token", async () => {
  const { plane } = await withCache();
  const body = JSON.stringify({ upstream: "127.0.0.1:9" });
  for (const [method, path] of [
    ["GET", "/version"],
    ["GET", "/proxies"],
    ["POST", "/proxies/cache"],
  ] as const) {
    const { status } = await fetch(`${plane.url}${path}`, { method, ...(method === "POST" && { body }) });
    expect(status).toBe(401);
  }
});

test("a real server that asks for a token is sent it", async () => {
  const options = { host: "127.0.0.1", port: 0, metrics: false, seed: 1, token: "token-of-a-test-0123" };
  const server = await EmbeddedServer.listen(options);
  const open = (toxiproxyToken: string | null) =>
    openFaultPlane({ toxiproxyUrl: server.url, toxiproxyToken, seed: 1 });
  await expect(open(null)).rejects.toThrow(/asks for a token/);
  await expect(open("another-token-0123456")).rejects.toMatchObject({
    code: "TOXIPROXY_UNAUTHORIZED",
    message: expect.stringMatching(/ does not take the token of the environment\.$/),
  });
  plane = await open(options.token);
  await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" }]);
  expect(server.proxies.all().map(({ name }) => name)).toEqual(["cache"]);
  await plane.close();
  await server.close();
});

test("a fault acts, is proven by what crossed, and is gone after clear", async () => {
  const { plane, address } = await withCache();
  const client = await bench.client(address);
  await plane.markBaseline();
  await roundTrip(client);
  await plane.inject([toxic("latency", { latency: 150 })]);
  expect(await roundTrip(client)).toBeGreaterThanOrEqual(150);
  const proof = await plane.prove();
  expect(proof).toMatchObject({
    strength: "observed",
    proven: true,
    explanation: "cache: latency acted on 1 of 1 connection; 10 B crossed",
    acted: { connections: 1, of: 1 },
  });
  expect(proof.targets).toEqual([
    {
      driver: "toxiproxy",
      target: "cache",
      parts: [expect.stringMatching(/latency_downstream$/)],
      traffic: {
        listen: address,
        upstream: expect.any(String),
        baseline: { connections: 1, bytes: 10, clientReads: 1 },
        fault: { connections: 1, bytes: 10, clientReads: 1 },
        // Its client sends the inline command PING.
        protocols: ["redis"],
      },
      evidence: { enabled: true },
    },
  ]);
  await plane.clear();
  expect(await roundTrip(client)).toBeLessThan(150);
});

test("several injections on one proxy go in together and come out together", async () => {
  const { plane, address } = await withCache();
  await plane.inject([
    toxic("timeout", {}),
    toxic("timeout", {}, { stream: "upstream" }),
    toxic("latency", { latency: 1 }),
  ]);
  const client = await bench.client(address);
  client.socket.write("lost");
  await sleep(100);
  expect((await plane.prove()).proven).toBe(true);
  await plane.clear();
  await roundTrip(await bench.client(address));
});

test("a proxy that nothing ever connected to is no proof, and the likely cause is named", async () => {
  const { plane, address } = await withCache();
  await plane.markBaseline();
  await plane.inject([toxic("latency", { latency: 1 })]);
  expect(await plane.prove()).toMatchObject({
    strength: "none",
    proven: false,
    explanation: `cache: the service never connected to ${address}: is its address set from \${proxies.cache.listen}?`,
  });
});

test("a proxy that was used in the baseline and then no more is no proof", async () => {
  const { plane, address } = await withCache();
  await plane.markBaseline();
  const client = await bench.client(address);
  await roundTrip(client);
  client.socket.destroy();
  await sleep(50);
  await plane.inject([toxic("latency", { latency: 1 })]);
  expect((await plane.prove()).explanation).toMatch(
    /1 connection in the baseline, none while the fault was on/,
  );
});

test("a client of Kafka that asked at the proxy and works elsewhere is no proof, and what to set is named", async () => {
  const { plane, address } = await withCache();
  const client = await bench.client(address);
  // ApiVersions, from a client without a name.
  client.socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 2, 0, 0, 0, 1, 255, 255]));
  await sleep(50);
  await plane.markBaseline();
  client.socket.destroy();
  await sleep(50);
  await plane.inject([toxic("latency", { latency: 1 })]);
  expect((await plane.prove()).explanation).toMatch(
    /1 connection in the baseline, none while the fault was on: .* set its advertised\.listeners/,
  );
});

test("a pool that stays open but silent is no proof", async () => {
  const { plane, address } = await withCache();
  await plane.markBaseline();
  await roundTrip(await bench.client(address));
  await plane.inject([toxic("latency", { latency: 1 })]);
  expect(await plane.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(/not a byte crossed/),
  });
});

test("connections that could not reach their upstream are named as the cause", async () => {
  const { plane, address, up } = await withCache();
  up.stop();
  await plane.markBaseline();
  await plane.inject([toxic("latency", { latency: 1 })]);
  await (await bench.client(address)).closed();
  expect((await plane.prove()).explanation).toMatch(
    /could not reach the upstream 127\.0\.0\.1:\d+: is it running\?/,
  );
});

test("a toxicity that spared every connection is no proof", async () => {
  const { plane, address } = await withCache();
  await plane.inject([toxic("latency", { latency: 1 }, { toxicity: 0 })]);
  await roundTrip(await bench.client(address));
  expect(await plane.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(/toxicity 0 spared the only connection from latency/),
  });
});

test("a toxicity that chose only connections that are silent is no proof, until one of them is used", async () => {
  const { plane, address } = await withCache();
  const clients: Peer[] = [];
  for (let i = 0; i < 10; i++) clients.push(await bench.client(address));
  for (const client of clients) await roundTrip(client);
  await plane.inject([toxic("latency", { latency: 100 }, { toxicity: 0.5 })]);
  const proofs: InjectionProof[] = [];
  for (const client of clients) {
    const tookMs = await roundTrip(client);
    const proof = await plane.prove();
    const before = proofs.at(-1)?.acted?.connections ?? 0;
    const hits = proof.acted?.connections ?? 0;
    // One that is used adds itself or nothing. One that is hit takes its time; one that is not can be slow as well.
    expect([before, before + 1]).toContain(hits);
    if (hits > before) expect(tookMs).toBeGreaterThanOrEqual(100);
    expect(proof.strength).toBe(hits > 0 ? "observed" : "none");
    expect(proof.acted).toEqual(hits > 0 ? { connections: hits, of: 10 } : null);
    proofs.push(proof);
  }
  // With this seed the first connection is spared, and some later one is not.
  expect(proofs[0]?.explanation).toMatch(
    /latency was drawn for \d of 10 connections; nothing crossed those: use more connections or a higher toxicity/,
  );
  expect(proofs.at(-1)?.explanation).toMatch(/latency acted on \d of 10 connections; 100 B crossed/);
});

test.each([
  ["limit_data", { bytes: 1_000_000_000 }, /no connection carried 1 GB; use a smaller limit/],
  ["slow_close", { delay: 5_000 }, /no connection ended while it was on; it takes connections that close/],
  [
    "reset_peer",
    { timeout: 3_600_000 },
    /no connection was there to be reset 1 h after .* use a shorter time/,
  ],
  ["slicer", { average_size: 2_000 }, /no data came downstream in pieces above 2 kB; use a smaller size/],
])("%s that traffic crossed and gave no occasion is no proof", async (type, attributes, why) => {
  const { plane, address } = await withCache();
  const client = await bench.client(address);
  await roundTrip(client);
  await plane.inject([toxic(type, attributes)]);
  client.socket.write("hello");
  await sleep(100);
  expect(await plane.prove()).toMatchObject({ proven: false, explanation: expect.stringMatching(why) });
});

test.each([
  ["limit_data", { bytes: 3 }],
  ["slow_close", { delay: 10 }],
  ["reset_peer", { timeout: 10 }],
])("%s that had its effect is observed", async (type, attributes) => {
  const up = await bench.upstream((peer) => peer.socket.on("data", (bytes) => peer.socket.end(bytes)));
  plane = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  const addresses = await plane.createProxies([
    { name: "cache", listen: "127.0.0.1:0", upstream: up.address },
  ]);
  await plane.inject([toxic(type, attributes)]);
  const client = await bench.client(addresses.get("cache") ?? "");
  client.socket.write("hello");
  await client.closed();
  expect(await plane.prove()).toMatchObject({
    strength: "observed",
    explanation: expect.stringContaining(`${type} acted on 1 of 1 connection`),
  });
});

test("each part of a fault needs proof of its own, but for one that another keeps all data from", async () => {
  const { plane, address } = await withCache();
  const client = await bench.client(address);
  await plane.inject([toxic("latency", { latency: 1 }), toxic("limit_data", { bytes: 1_000 })]);
  await roundTrip(client);
  expect(await plane.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(/^cache: limit_data had no effect: no connection carried 1 kB/),
  });
  await plane.clear();
  // Cut both ways, no answer comes that the second toxic could swallow.
  await plane.inject([toxic("timeout", {}, { stream: "upstream" }), toxic("timeout")]);
  client.socket.write("lost");
  await sleep(100);
  expect(await plane.prove()).toMatchObject({
    strength: "observed",
    explanation: "cache: timeout upstream acted on 1 of 1 connection; 4 B crossed",
  });
});

test("down: proven by use until then and refusal now; clear lets connections in again at the same address", async () => {
  const { plane, address } = await withCache();
  await plane.markBaseline();
  const client = await bench.client(address);
  await roundTrip(client);
  await plane.inject([down]);
  await client.closed();
  await expect(bench.client(address)).rejects.toThrow(/ECONNREFUSED/);
  expect(await plane.prove()).toMatchObject({ strength: "observed", proven: true });
  await plane.clear();
  await roundTrip(await bench.client(address));
});

test("down on a proxy that was connected to but carried nothing in the baseline is no proof", async () => {
  const { plane, address } = await withCache();
  await plane.markBaseline();
  await bench.client(address);
  await sleep(50);
  await plane.inject([down]);
  expect(await plane.prove()).toMatchObject({
    strength: "none",
    explanation:
      "cache: 1 connection open, but not a byte crossed in the baseline: does the load reach what uses it?",
  });
});

test("a proxy that was used only before the baseline is no proof, and it is not said that it never was", async () => {
  const { plane, address } = await withCache();
  const client = await bench.client(address);
  await roundTrip(client);
  client.socket.destroy();
  await sleep(50);
  await plane.markBaseline();
  for (const [injection, when] of [
    [toxic("latency", { latency: 1 }), "while the fault was on"],
    [down, "in the baseline"],
  ] as const) {
    await plane.inject([injection]);
    expect(await plane.prove()).toMatchObject({
      strength: "none",
      explanation: `cache: the service was connected to ${address} earlier (1 connection, 10 B), but not ${when}: does the load reach what uses it?`,
    });
    await plane.clear();
  }
});

test("down on a proxy that nobody used is no proof", async () => {
  const { plane } = await withCache();
  await plane.markBaseline();
  await plane.inject([down]);
  expect(await plane.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(/never connected/),
  });
});

test("the stages of a fault follow one another: updated in place, added, taken away", async () => {
  const { plane, address } = await withCache({ url: bench.server.url });
  const client = await bench.client(address);
  await plane.inject([toxic("latency", { latency: 50, jitter: 5 })]);
  const [first] = await toxicsOf();
  await plane.inject([toxic("latency", { latency: 150 }), toxic("slicer", { average_size: 100 })]);
  expect(await toxicsOf()).toMatchObject([
    { name: first.name, attributes: { latency: 150, jitter: 0 } },
    { type: "slicer" },
  ]);
  expect(await roundTrip(client)).toBeGreaterThanOrEqual(150);
  await plane.inject([down]);
  await client.closed();
  expect(await toxicsOf()).toEqual([]);
  await plane.inject([toxic("latency", { latency: 20 })]);
  await roundTrip(await bench.client(address));
  await plane.clear();
  expect(await toxicsOf()).toEqual([]);
});

test("injections go in all or none", async () => {
  const { plane, address } = await withCache({ url: bench.server.url });
  await plane.inject([toxic("latency", { latency: 1 })]);
  const failing = plane.inject([toxic("latency", { latency: 99_000 }), toxic("noop"), toxic("slicer")]);
  await expect(failing).rejects.toMatchObject({
    code: "TOXIPROXY_REFUSED",
    message: expect.stringMatching(
      /Toxiproxy says "bad request body: attribute average_size must be above 0, not 0"/,
    ),
  });
  expect(await toxicsOf()).toMatchObject([{ type: "latency", attributes: { latency: 1 } }]);
  await roundTrip(await bench.client(address));
});

test("a real server: proxies and toxics that were there are left as they were found", async () => {
  const up = await bench.upstream(hold);
  const made = await bench.api("POST", "/proxies", {
    name: "a b/%",
    listen: "127.0.0.1:0",
    upstream: up.address,
  });
  expect(made.status).toBe(201);
  await bench.api("POST", "/proxies", {
    name: "cache",
    listen: "127.0.0.1:0",
    upstream: up.address,
    enabled: false,
  });
  await bench.api("POST", "/proxies/cache/toxics", { type: "slow_close", name: "theirs" });
  const before = (await bench.api("GET", "/proxies")).json;
  const journal: unknown[] = [];
  plane = await openFaultPlane({
    toxiproxyUrl: `${bench.server.url}/`,
    seed: 1,
    journal: { undoable: ({ undo }) => journal.push(undo) },
  });
  const addresses = await plane.createProxies([
    { name: "cache", listen: "127.0.0.1:0", upstream: up.address },
    { name: "new one?", listen: "127.0.0.1:0", upstream: up.address },
  ]);
  await plane.inject([toxic("latency", { latency: 1 }), toxicOn("new one?", "timeout")]);
  const { url } = bench.server;
  expect(journal).toEqual([
    { kind: "proxy", url, proxy: "cache", upstream: up.address, found: before.cache },
    { kind: "proxy", url, proxy: "new one?", upstream: up.address, found: null },
    { kind: "toxic", url, proxy: "cache", toxic: expect.any(String) },
    { kind: "toxic", url, proxy: "new one?", toxic: expect.any(String) },
  ]);
  await bench.client(addresses.get("cache") ?? "");
  await plane.close();
  const after = (await bench.api("GET", "/proxies")).json;
  // Its port was chosen by the system when it was enabled, and is kept.
  expect(after).toEqual({ ...before, cache: { ...before.cache, listen: expect.any(String) } });
});

test("an injection that is under way when the plane is closed is undone; none comes after", async () => {
  const up = await bench.upstream(hold);
  await bench.api("POST", "/proxies", { name: "cache", listen: "127.0.0.1:0", upstream: up.address });
  plane = await openFaultPlane({ toxiproxyUrl: bench.server.url, seed: 1 });
  await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: up.address }]);
  const injecting = plane.inject([toxic("latency"), toxic("noop")]);
  await Promise.all([plane.close(), plane.clear(), injecting]);
  await expect(plane.inject([toxic("latency")])).rejects.toThrow(/closed/);
  expect(await toxicsOf()).toEqual([]);
});

test("a proxy of the same name with another upstream or port is refused and left alone", async () => {
  await bench.api("POST", "/proxies", { name: "cache", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" });
  const before = (await bench.api("GET", "/proxies")).json;
  plane = await openFaultPlane({ toxiproxyUrl: bench.server.url, seed: 1 });
  const wanted = { name: "cache", listen: "127.0.0.1:0", upstream: "127.0.0.1:10" };
  await expect(plane.createProxies([wanted])).rejects.toMatchObject({
    code: "PROXY_CONFLICT",
    message: 'Proxy "cache" is already there, with upstream 127.0.0.1:9 instead of 127.0.0.1:10.',
  });
  await expect(
    plane.createProxies([{ ...wanted, upstream: "127.0.0.1:9", listen: "127.0.0.1:1" }]),
  ).rejects.toMatchObject({
    code: "PROXY_CONFLICT",
  });
  await plane.close();
  expect((await bench.api("GET", "/proxies")).json).toEqual(before);
});

test("a listen port in use is PORT_IN_USE and names the address", async () => {
  const up = await bench.upstream(hold);
  plane = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  await expect(
    plane.createProxies([{ name: "cache", listen: up.address, upstream: "127.0.0.1:9" }]),
  ).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: `proxy "cache" on ${up.address}: the address is in use.`,
  });
});

test("a server that is not there, or is no Toxiproxy, is TOXIPROXY_UNREACHABLE", async () => {
  const up = await bench.upstream(hold);
  up.stop();
  const gone = up.address;
  await expect(openFaultPlane({ toxiproxyUrl: `http://${gone}`, seed: 1 })).rejects.toMatchObject({
    code: "TOXIPROXY_UNREACHABLE",
    message: `Toxiproxy at http://${gone}: connect ECONNREFUSED ${gone}.`,
  });
  const other = createServer((_, response) => response.end("<html>hello</html>"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const bound = other.address();
  const url = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
  await expect(openFaultPlane({ toxiproxyUrl: url, seed: 1 })).rejects.toMatchObject({
    code: "TOXIPROXY_UNREACHABLE",
    message: expect.stringMatching(/does not answer as a Toxiproxy does/),
  });
  other.closeAllConnections();
  other.close();
});

test("the embedded server's death is told once, and clear and close have nothing left to do", async () => {
  const reasons: string[] = [];
  const threads: Worker[] = [];
  const onThread = (message: unknown) => threads.push((message as { worker: Worker }).worker);
  subscribe("worker_threads", onThread);
  plane = await openFaultPlane({ toxiproxyUrl: null, seed: 1, onLost: (reason) => reasons.push(reason) });
  unsubscribe("worker_threads", onThread);
  const up = await bench.upstream(hold);
  const address = (
    await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: up.address }])
  ).get("cache");
  await plane.inject([toxic("latency", { latency: 1 })]);
  await threads[0]?.terminate();
  await sleep(50);
  expect(reasons).toEqual([expect.stringMatching(/the embedded Toxiproxy ended by itself/)]);
  await expect(bench.client(address ?? "")).rejects.toThrow(/ECONNREFUSED/);
  await plane.clear();
  await plane.close();
});

test("where a toxic cannot be removed, the proxy is replaced without it; the fault is over all the same", async () => {
  const front = await hangingInFront(
    bench.server.url,
    (method, path) => method === "DELETE" && path.includes("/toxics/"),
  );
  const { plane, address } = await withCache({ url: front.url });
  await plane.inject([toxic("timeout")]);
  await plane.clear();
  expect(await toxicsOf()).toEqual([]);
  await roundTrip(await bench.client(address));
  front.close();
}, 30_000);

test("where the proxy cannot be deleted either, the rollback has failed", async () => {
  const front = await hangingInFront(bench.server.url, (method) => method === "DELETE");
  const { plane } = await withCache({ url: front.url });
  await plane.inject([toxic("timeout")]);
  await expect(plane.clear()).rejects.toMatchObject({
    code: "ROLLBACK_FAILED",
    message: expect.stringMatching(/proxy "cache": .* no answer within 3 s/),
  });
  front.close();
}, 30_000);

const hasProc = existsSync("/proc/net/tcp");

test.skipIf(!hasProc)(
  "on a server without counters an open connection is no proof, a new one is",
  async () => {
    const uncounted = await ProxyBench.open(1, false);
    const { plane, address } = await withCache({ url: uncounted.server.url });
    await plane.markBaseline();
    await bench.client(address);
    await sleep(200);
    await plane.inject([toxic("latency", { latency: 1 })]);
    await sleep(200);
    expect(await plane.prove()).toMatchObject({
      strength: "listed",
      explanation: expect.stringContaining(
        `1 connection open to ${address} on this machine, but whether traffic`,
      ),
    });
    await bench.client(address);
    await sleep(200);
    expect(await plane.prove()).toMatchObject({
      strength: "observed",
      explanation: `cache: connections were made to ${address}, as this machine sees them`,
    });
    await plane.clear();
    await plane.inject([down]);
    expect(await plane.prove()).toMatchObject({
      strength: "observed",
      explanation: expect.stringMatching(/refuses connections; used in the baseline, 2 connections cut/),
    });
    await plane.close();
    await uncounted.close();
  },
);

const hasSs = hasProc && spawnSync("ss", ["-V"]).status === 0;

test.skipIf(!hasSs)("on a server without counters bytes on a pool that stays open are proof", async () => {
  const uncounted = await ProxyBench.open(1, false);
  const { plane, address } = await withCache({ url: uncounted.server.url });
  const client = await bench.client(address);
  await roundTrip(client);
  await plane.markBaseline();
  await plane.inject([toxic("latency", { latency: 1 })]);
  expect(await plane.prove()).toMatchObject({ strength: "listed" });
  await roundTrip(client);
  const bytes = `10 B on 1 connection to ${address}, as this machine sees them`;
  expect(await plane.prove()).toMatchObject({ strength: "observed", explanation: `cache: ${bytes}` });
  // Nobody used it in the baseline.
  await plane.clear();
  await plane.inject([down]);
  expect(await plane.prove()).toMatchObject({ strength: "probed" });
  await plane.clear();
  // Traffic does not tell what these did.
  for (const [injection, why] of [
    [toxic("limit_data", { bytes: 1_000 }), /whether limit_data had an effect was not counted/],
    [toxic("latency", { latency: 1 }, { toxicity: 0.4 }), /which connections toxicity 0.4 chose for latency/],
  ] as const) {
    const next = await bench.client(address);
    await plane.inject([injection]);
    await roundTrip(next);
    expect(await plane.prove()).toMatchObject({
      strength: "listed",
      explanation: expect.stringMatching(why),
    });
    await plane.clear();
  }
  await plane.close();
  await uncounted.close();
});

test.skipIf(!hasProc)("a connection of ours to one proxy does not count as use of the next", async () => {
  const uncounted = await ProxyBench.open(1, false);
  const { plane, address } = await withCache({ url: uncounted.server.url });
  const front = await plane.createProxies([{ name: "front", listen: "127.0.0.1:0", upstream: address }]);
  const reset = { ...toxic("reset_peer", { timeout: 400 }, { stream: "upstream" }), target: "front" };
  await plane.inject([reset]);
  const client = await bench.client(front.get("front") ?? "");
  await sleep(300);
  client.socket.destroy();
  await sleep(600);
  // Nobody uses "cache" from here on; the probe of "front" is held, and its way on to "cache" with it.
  await plane.inject([reset, toxic("latency", { latency: 1 })]);
  const { explanation, strength } = await plane.prove();
  expect(explanation).toMatch(/front: .*connections were made/);
  expect(explanation).toMatch(/cache: the server lists the toxics/);
  expect(strength).toBe("listed");
  await plane.close();
  await uncounted.close();
});

test("each stage of a fault needs proof of its own, whatever the others have done; a pause needs none", async () => {
  const up = await bench.upstream(echo);
  plane = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  const addresses = await plane.createProxies(
    ["cache", "unused"].map((name) => ({ name, listen: "127.0.0.1:0", upstream: up.address })),
  );
  await plane.markBaseline();
  const client = await bench.client(addresses.get("cache") ?? "");
  await roundTrip(client);
  const slow = (latency: number) => toxic("latency", { latency });
  await plane.inject([slow(1)]);
  await roundTrip(client);
  await plane.inject([]);
  expect(await plane.prove()).toMatchObject({ strength: "observed" });
  await plane.inject([slow(2)]);
  await roundTrip(client);
  await plane.inject([slow(3)]);
  await roundTrip(client);
  expect(await plane.prove()).toMatchObject({
    strength: "observed",
    explanation: [1, 2, 3]
      .map(
        (ms) =>
          `in the stage "latency ${ms} ms on cache", cache: latency acted on 1 of 1 connection; 10 B crossed`,
      )
      .join("; "),
    targets: [
      {
        target: "cache",
        traffic: { fault: { bytes: 30 } },
        parts: [
          expect.stringMatching(/_1_latency_downstream$/),
          expect.stringMatching(/_2_latency_downstream$/),
        ],
      },
    ],
  });
  // Nothing crosses while it holds, and what comes after makes up for nothing.
  await plane.inject([slow(4)]);
  await plane.inject([down]);
  const proof = await plane.prove();
  expect(proof.explanation).toMatch(/^in the stage "latency 4 ms on cache", cache: .* not a byte crossed/);
  expect(proof.explanation).not.toMatch(/refuse|latency 3/);
  expect(proof.strength).toBe("none");
  await plane.clear();
  await plane.inject([{ ...slow(1), target: "unused" }]);
  await plane.inject([slow(1)]);
  await roundTrip(await bench.client(addresses.get("cache") ?? ""));
  expect(await plane.prove()).toMatchObject({
    strength: "none",
    explanation: expect.stringMatching(
      /^in the stage "latency 1 ms on unused", unused: the service never connected/,
    ),
  });
});

test("what a toxic did in one stage is no proof for the next one that still has it", async () => {
  const { plane, address } = await withCache();
  const client = await bench.client(address);
  const limit = toxic("limit_data", { bytes: 5 });
  await plane.inject([limit]);
  client.socket.write("hello");
  await client.closed();
  await plane.inject([limit, toxic("latency", { latency: 1 })]);
  const next = await bench.client(address);
  next.socket.write("hey");
  await next.got(3);
  expect(await plane.prove()).toMatchObject({
    strength: "none",
    explanation: expect.stringMatching(
      /^in the stage "closed after 5 B on cache, .*limit_data had no effect/,
    ),
  });
});

test("proof on a server without counters: resets are probed, the rest rests on the server's word", async () => {
  const uncounted = await ProxyBench.open(1, false);
  const { plane } = await withCache({ url: uncounted.server.url });
  await plane.inject([toxic("latency", { latency: 1 })]);
  expect(await plane.prove()).toMatchObject({
    strength: "listed",
    proven: true,
    explanation:
      "cache: the server lists the toxics; whether traffic crossed was not seen (to know, start Toxiproxy with -proxy-metrics)",
  });
  await plane.clear();
  await plane.inject([toxic("reset_peer", { timeout: 0 }, { stream: "upstream" })]);
  expect(await plane.prove()).toMatchObject({
    strength: "probed",
    explanation: expect.stringMatching(/was reset/),
  });
  await uncounted.api("POST", "/reset");
  expect(await plane.prove()).toMatchObject({
    strength: "none",
    explanation: expect.stringMatching(/no longer lists toxic/),
  });
  await plane.close();
  await uncounted.close();
});

test("proof on a real server with metrics is observed once bytes show", async () => {
  const { plane, address } = await withCache({ url: bench.server.url });
  await plane.markBaseline();
  await plane.inject([toxic("latency", { latency: 1 })]);
  await roundTrip(await bench.client(address));
  expect(await plane.prove()).toMatchObject({ strength: "observed", explanation: "cache: 10 B crossed" });
});

test("what was tried of an upstream is counted since it was asked last, and what it refused", async () => {
  const { plane, up, address } = await withCache();
  const connected = async () => {
    const client = await bench.client(address);
    await roundTrip(client);
    client.socket.destroy();
  };
  await connected();
  await connected();
  expect(await plane.upstreamDials()).toEqual([
    { proxy: "cache", listen: address, upstream: up.address, dials: 2, refused: 0 },
  ]);
  up.stop();
  const client = await bench.client(address);
  await client.closed();
  expect(await plane.upstreamDials()).toMatchObject([{ dials: 1, refused: 1 }]);
  expect(await plane.upstreamDials()).toMatchObject([{ dials: 0, refused: 0 }]);
});

test("of a real server's upstream on this machine it is tried by a connection of ours, once it was there", async () => {
  const { plane, up } = await withCache({ url: bench.server.url });
  expect(await plane.upstreamDials()).toMatchObject([{ dials: 1, refused: 0, isOurs: true }]);
  up.stop();
  expect(await plane.upstreamDials()).toMatchObject([{ dials: 1, refused: 1, isOurs: true }]);
});

test("of an upstream that never was there nothing is said: it may be where only the server finds it", async () => {
  const other = await bench.upstream(echo);
  other.stop();
  plane = await openFaultPlane({ toxiproxyUrl: bench.server.url, seed: 1 });
  await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: other.address }]);
  expect(await plane.upstreamDials()).toEqual([]);
});
