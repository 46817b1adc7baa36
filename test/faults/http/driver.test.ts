import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { driversFor, loadDrivers } from "../../../src/faults/compose.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { ProxySpec } from "../../../src/faults/fault-driver.js";
import { type HttpRule, httpAction } from "../../../src/faults/http-rule.js";
import { redact } from "../../../src/support/redact.js";
import { toxicOn } from "../../helpers/actions.js";
import { driverContext } from "../../helpers/driver-context.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A service of HTTP behind a proxy that knows it, with Toxiproxy before the gateway. */
async function standing(secrets: readonly string[] = []) {
  const server = createServer((request, response) => response.end(`${request.method} ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxies: ProxySpec[] = [{ name: "payments", listen: "127.0.0.1:0", upstream, protocol: "http" }];
  const faults = await loadDrivers(driversFor([], proxies));
  ends.push(() => faults.close());
  const names = await faults.prepare(driverContext({ proxies, mask: (text) => redact(text, secrets) }));
  await faults.markBaseline();
  const listen = names.get("proxies.payments.listen") ?? "";
  const ask = (path: string) => fetch(`http://${listen}${path}`, { headers: { connection: "close" } });
  const get = async (path: string) => (await ask(path)).text();
  return { faults, upstream, listen, server, ask, get };
}

test("a gateway stands between the proxy and its upstream, and toxics act before it", async () => {
  const { faults, get, listen, upstream } = await standing();
  expect(faults.listens).toHaveLength(2);
  expect(await get("/a")).toBe("GET /a");
  await faults.inject([toxicOn("payments", "latency", { latency: 1 })]);
  expect(await get("/b")).toBe("GET /b");
  expect(await faults.prove()).toMatchObject({
    strength: "observed",
    targets: [{ target: "payments", traffic: { listen, upstream } }],
  });
});

test("connections that the upstream refuses are seen behind the gateway", async () => {
  const { faults, get, listen, upstream, server } = await standing();
  await get("/");
  expect(await faults.upstreamDials()).toEqual([
    { proxy: "payments", listen, upstream, dials: 1, refused: 0 },
  ]);
  await new Promise((resolve) => server.close(resolve));
  ends.splice(0, 1);
  await expect(get("/")).rejects.toThrow();
  expect(await faults.upstreamDials()).toEqual([
    { proxy: "payments", listen, upstream, dials: 1, refused: 1 },
  ]);
});

test("a Toxiproxy elsewhere could not reach the gateway", async () => {
  const proxies: ProxySpec[] = [
    { name: "payments", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", protocol: "http" },
  ];
  const faults = await loadDrivers(driversFor([], proxies));
  await expect(
    faults.prepare(driverContext({ proxies, toxiproxyUrl: "http://toxiproxy.example:8474" })),
  ).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining("protocol: http") });
  await faults.close();
});

const on = (rule: HttpRule): FaultAction => httpAction("payments", rule);

test("a rule is proven by the requests that it acted on, beside toxics on the same proxy", async () => {
  const { faults, ask } = await standing();
  await ask("/before");
  await faults.inject([on({ status: 503, every: 2 }), toxicOn("payments", "latency", { latency: 1 })]);
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await ask("/a")).status);
  expect(statuses).toEqual([200, 503, 200, 503]);
  expect(await faults.prove()).toMatchObject({
    strength: "observed",
    proven: true,
    explanation: expect.stringMatching(/payments: acted on 2 of 4 requests.*latency acted on 4 of 4/),
    acted: { connections: 2, of: 4, unit: "request" },
    targets: [
      {
        driver: "http",
        target: "payments",
        traffic: { baseline: { clientReads: 1, connections: 1 }, fault: { clientReads: 4 } },
        evidence: {
          rules: [{ status: 503, every: 2, matched: 4, chosen: 2, acted: 2 }],
          routes: [{ route: "GET /a", requests: 4, actedOn: 2, statuses: { "200": 2, "503": 2 } }],
        },
      },
      { driver: "toxiproxy" },
    ],
  });
  await faults.clear();
  expect((await ask("/a")).status).toBe(200);
});

test.each(["request", "answer"] as const)(
  "a delay of no time before the %s holds nothing, and is proven by who met it",
  async (before) => {
    const { faults, ask } = await standing();
    await faults.inject([on({ delayMs: 0, before })]);
    await ask("/a");
    expect(await faults.prove()).toMatchObject({
      proven: true,
      acted: null,
      explanation: "payments: 1 request met the rule, and its delay of 0 ms held none of them",
      targets: [{ evidence: { rules: [{ matched: 1, chosen: 1, acted: 0 }], routes: [{ actedOn: 0 }] } }],
    });
  },
);

test("a rule that no request met is no proof, and says what crossed instead", async () => {
  const { faults, ask } = await standing();
  await faults.inject([on({ status: 500, method: "POST", path: "/charges*" })]);
  await ask("/charges/17");
  await ask("/health");
  await ask("/health");
  expect(await faults.prove()).toMatchObject({
    strength: "none",
    proven: false,
    isIdle: false,
    explanation:
      "payments: no request was POST /charges*; what crossed: GET /health (2), GET /charges/{id} (1)",
  });
});

test("a rule that had no occasion to act is idle", async () => {
  const { faults, ask } = await standing();
  await faults.inject([on({ status: 429, abovePerS: 1000 })]);
  await ask("/");
  expect(await faults.prove()).toMatchObject({ proven: false, isIdle: true });
});

test("each stage has to be proven; a rule that stays keeps its count", async () => {
  const { faults, ask } = await standing();
  const first = on({ status: 500, first: 2 });
  await faults.inject([first]);
  await ask("/");
  await faults.inject([first, on({ status: 404, path: "/nobody" })]);
  expect([(await ask("/")).status, (await ask("/")).status]).toEqual([500, 200]);
  await faults.inject([]);
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: "payments: no request was /nobody; what crossed: GET / (3)",
  });
});

test("of secrets that cross nothing is left, where a path or the first bytes are cut", async () => {
  const secret = "k5y.t2hq9w.z8x7c6v5b4n3";
  const { faults, get, listen } = await standing([secret]);
  await faults.inject([on({ status: 500, path: "/nobody" })]);
  for (const length of [100, 110, 120]) await get(`/find.${"a".repeat(length)}.${secret}.more`);
  const half = secret.slice(0, 4);
  const proof = JSON.stringify(await faults.prove());
  expect(proof).toContain("/find.aaa");
  expect(proof).not.toContain(half);
  expect(JSON.stringify(await faults.crossed())).not.toContain(half);
  await faults.inject([]);
  await faults.inject([on({ status: 500 })]);
  const [host = "", port = ""] = listen.split(":");
  const client = connect(Number(port), host);
  client.write(`*2\r\n$4\r\nAUTH\r\n$${secret.length}\r\n${secret}\r\n`);
  await new Promise((resolve) => client.once("close", resolve).resume());
  const { explanation } = await faults.prove();
  expect(explanation).toContain("the protocol of Redis");
  expect(explanation).not.toContain(half);
});

test("what is no HTTP is named as the cause", async () => {
  const { faults, listen } = await standing();
  await faults.inject([on({ status: 500 })]);
  const [host = "", port = ""] = listen.split(":");
  const client = connect(Number(port), host);
  client.write("*1\r\n$4\r\nPING\r\n");
  await new Promise((resolve) => client.once("close", resolve).resume());
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(/^payments: what crosses is no HTTP: .*\(the protocol of Redis\)/),
  });
});

test("a reset by a rule arrives as a reset, through the embedded Toxiproxy too", async () => {
  const { faults, listen } = await standing();
  await faults.inject([on({ ends: "reset" })]);
  const [host = "", port = ""] = listen.split(":");
  const client = connect(Number(port), host);
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const error = await new Promise((resolve) =>
    client.once("error", resolve).once("end", () => resolve("end")),
  );
  expect(error).toMatchObject({ code: "ECONNRESET" });
});

test("what crossed is told by route and second, from one question to the next", async () => {
  const { faults, ask } = await standing();
  await faults.crossed();
  await ask("/users/17");
  await ask("/users/18?x=1");
  const [crossed] = await faults.crossed();
  expect(crossed).toMatchObject({
    proxy: "payments",
    routes: [{ route: "GET /users/{id}", requests: 2, actedOn: 0, statuses: { "200": 2 } }],
    unreadable: 0,
    exchanges: {
      omitted: 0,
      status: [200, 200],
      route: [0, 0],
      end: [0, 0],
      connection: [1, 2],
      flags: [0, 0],
    },
  });
  const [a, b] = crossed?.exchanges.digest ?? [];
  expect(a).not.toBe(b);
  const [again] = await faults.crossed();
  expect(again?.routes).toEqual([]);
});
