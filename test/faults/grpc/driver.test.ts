import { readFile } from "node:fs/promises";
import { connect as connectHttp2, createSecureServer } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { driversFor, loadDrivers } from "../../../src/faults/compose.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { ProxySpec } from "../../../src/faults/fault-driver.js";
import { type GrpcRule, grpcAction } from "../../../src/faults/kinds/grpc/grpc-rule.js";
import { RunCertificates } from "../../../src/faults/tls/certificates/run-certificates.js";
import { toxicOn } from "../../helpers/actions.js";
import { driverContext } from "../../helpers/driver-context.js";
import { ShopClient, startGrpcShop } from "../../helpers/grpc-shop.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A service of gRPC behind a proxy that knows it, with Toxiproxy before the gateway. */
async function standing(spec: Partial<ProxySpec> = {}) {
  const shop = await startGrpcShop();
  ends.push(() => shop.stop());
  const upstream = `127.0.0.1:${shop.port}`;
  const proxies: ProxySpec[] = [
    { name: "quotes", listen: "127.0.0.1:0", upstream, protocol: "grpc", ...spec },
  ];
  const faults = await loadDrivers(driversFor([], proxies));
  ends.push(() => faults.close());
  const names = await faults.prepare(driverContext({ proxies }));
  await faults.markBaseline();
  const listen = names.get("proxies.quotes.listen") ?? "";
  const client = new ShopClient(listen);
  ends.push(() => client.close());
  const get = async () => (await client.get(Buffer.from("A1"))).code;
  return { faults, names, listen, client, get };
}

const on = (rule: GrpcRule): FaultAction => grpcAction("quotes", rule);

test("a rule is proven by the calls that it acted on, beside toxics on the same proxy", async () => {
  const { faults, get } = await standing();
  expect(await get()).toBe(0);
  await faults.inject([
    on({ status: "UNAVAILABLE", every: 2 }),
    toxicOn("quotes", "latency", { latency: 1 }),
  ]);
  expect([await get(), await get(), await get(), await get()]).toEqual([0, 14, 0, 14]);
  expect(await faults.prove()).toMatchObject({
    strength: "observed",
    proven: true,
    explanation: expect.stringMatching(/quotes: acted on 2 of 4 calls.*latency acted on 1 of 1/),
    acted: { connections: 2, of: 4, unit: "request" },
    targets: [
      {
        driver: "grpc",
        target: "quotes",
        traffic: { baseline: { clientReads: 1, connections: 1 }, fault: { clientReads: 4, connections: 1 } },
        evidence: {
          rules: [{ status: "UNAVAILABLE", every: 2, matched: 4, chosen: 2, acted: 2 }],
          routes: [
            { route: "shop.Quotes/Get", requests: 4, actedOn: 2, statuses: { OK: 2, UNAVAILABLE: 2 } },
          ],
        },
      },
      { driver: "toxiproxy" },
    ],
  });
  await faults.clear();
  expect(await get()).toBe(0);
});

test("a rule that no call met is no proof, and says what crossed instead", async () => {
  const { faults, client, get } = await standing();
  await faults.inject([on({ status: "UNAVAILABLE", method: "shop.Quotes/Gte" })]);
  await get();
  await get();
  await client.watch(1, 1);
  expect(await faults.prove()).toMatchObject({
    strength: "none",
    proven: false,
    isIdle: false,
    explanation:
      "quotes: no call was shop.Quotes/Gte; what crossed: shop.Quotes/Get (2), shop.Quotes/Watch (1)",
  });
});

test("a stage without a call, one with too few, and an answer with too few messages prove nothing", async () => {
  const { faults, client, get } = await standing();
  await faults.inject([on({ status: "UNAVAILABLE" })]);
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(
      /^quotes: no call crossed to 127\.0\.0\.1:\d+: is the service's address set/,
    ),
  });
  await faults.clear();
  await faults.inject([on({ status: "UNAVAILABLE", abovePerS: 1000 })]);
  await get();
  expect(await faults.prove()).toMatchObject({ proven: false, isIdle: true });
  await faults.clear();
  await faults.inject([on({ cutAfter: 5 })]);
  expect((await client.watch(2, 10)).code).toBe(0);
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringContaining("they had fewer messages than pass"),
  });
});

test("what is no HTTP/2 is named as the cause", async () => {
  const { faults, listen } = await standing();
  await faults.inject([on({ status: "UNAVAILABLE" })]);
  const [host = "", port = ""] = listen.split(":");
  const client = connect(Number(port), host);
  client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await new Promise((resolve) => client.once("close", resolve).resume());
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(
      /^quotes: what crosses is no HTTP\/2: .*\(HTTP\/1\)\. Write `protocol: http`/,
    ),
  });
});

test("a Toxiproxy elsewhere could not reach the gateway", async () => {
  const proxies: ProxySpec[] = [
    { name: "quotes", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", protocol: "grpc" },
  ];
  const faults = await loadDrivers(driversFor([], proxies));
  await expect(
    faults.prepare(driverContext({ proxies, toxiproxyUrl: "http://toxiproxy.example:8474" })),
  ).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining("protocol: grpc") });
  await faults.close();
});

test("services connect over TLS, with HTTP/2 by ALPN", async () => {
  const { faults, names } = await standing({ tls: { servesTls: true, upstream: null } });
  await faults.inject([on({ status: "UNAVAILABLE" })]);
  const url = names.get("proxies.quotes.url") ?? "";
  expect(url).toMatch(/^https:/);
  const ca = await readFile(names.get("proxies.quotes.ca") ?? "", "utf8");
  const session = connectHttp2(url, { ca });
  ends.push(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/a.B/C",
    "content-type": "application/grpc",
  });
  stream.end();
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.once("response", resolve);
    session.once("error", reject);
  });
  expect(session.alpnProtocol).toBe("h2");
  expect(headers["grpc-status"]).toBe("14");
  expect(await faults.prove()).toMatchObject({ proven: true });
});

test("an upstream over TLS is spoken to in HTTP/2, by ALPN", async () => {
  const authority = await RunCertificates.create(Date.now());
  const protocols: unknown[] = [];
  const server = createSecureServer(await authority.issue("good", ["127.0.0.1"]));
  server.on("stream", (stream) => {
    protocols.push(stream.session?.alpnProtocol);
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": "3" },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  const trusted = { ca: authority.ca, cert: null, key: null, servername: null, verify: true };
  const { get } = await standing({
    upstream: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tls: { servesTls: false, upstream: trusted },
  });
  expect(await get()).toBe(3);
  expect(protocols).toEqual(["h2"]);
});

test("what crossed is told by method and second", async () => {
  const { faults, client, get } = await standing();
  await faults.crossed();
  await get();
  await client.get(Buffer.from("B2"), { metadata: { fail: "5" } });
  const [crossed] = await faults.crossed();
  expect(crossed).toMatchObject({
    proxy: "quotes",
    routes: [{ route: "shop.Quotes/Get", requests: 2, actedOn: 0, statuses: { OK: 1, NOT_FOUND: 1 } }],
    unreadable: 0,
    exchanges: { omitted: 0, status: [0, 5], route: [0, 0], end: [0, 0], connection: [1, 1], flags: [8, 8] },
  });
  const [a, b] = crossed?.exchanges.digest ?? [];
  expect(a).not.toBe(b);
});

test("a stream that was open before the rule is named where no call began", async () => {
  const { faults, client } = await standing();
  const stream = client.watching(1_000, 50_000);
  stream.on("error", () => {});
  await new Promise<void>((resolve) => stream.once("data", () => resolve()));
  stream.pause();
  await faults.inject([on({ cutAfter: 1 })]);
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation:
      "quotes: no call that met the rule began; 1 call is open still, and a rule acts on calls that begin under it",
  });
  stream.cancel();
});

test("large messages that are held are told beside the proof", async () => {
  const { faults, client } = await standing();
  await faults.inject([on({ delayMs: 200 })]);
  await client.get(Buffer.alloc(50_000));
  expect(await faults.prove()).toMatchObject({
    proven: true,
    explanation: expect.stringMatching(/acted on 1 of 1 call.*of calls were held at once on one connection/),
  });
});
