import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { driversFor, loadDrivers } from "../../../src/faults/compose.js";
import type { ProxySpec } from "../../../src/faults/fault-driver.js";
import { toxicOn } from "../../helpers/actions.js";
import { driverContext } from "../../helpers/driver-context.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A service of HTTP behind a proxy that knows it, with Toxiproxy before the gateway. */
async function standing() {
  const server = createServer((request, response) => response.end(`${request.method} ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxies: ProxySpec[] = [{ name: "payments", listen: "127.0.0.1:0", upstream, protocol: "http" }];
  const faults = await loadDrivers(driversFor([], proxies));
  ends.push(() => faults.close());
  const names = await faults.prepare(driverContext({ proxies }));
  await faults.markBaseline();
  const listen = names.get("proxies.payments.listen") ?? "";
  const get = async (path: string) =>
    (await fetch(`http://${listen}${path}`, { headers: { connection: "close" } })).text();
  return { faults, upstream, listen, server, get };
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
