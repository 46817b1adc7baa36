import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { lookupHost } from "../../src/support/lookup-host.js";
import { closedModel, loadPlan, runLoad, totals } from "../helpers/load-plans.js";

function found(host: string, all: boolean): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookupHost(host, { all }, (error, address) => {
      if (error) reject(error);
      else resolve(typeof address === "string" ? [address] : address.map((each) => each.address));
    });
  });
}

test("names below localhost are this machine, whatever a name server would say", async () => {
  for (const host of ["localhost", "localhost.", "evil.localhost", "a.b.LOCALHOST."]) {
    for (const all of [true, false]) {
      const addresses = await found(host, all);
      expect(addresses.length, host).toBeGreaterThan(0);
      for (const address of addresses) expect(address).toMatch(/^(127\.|::1$)/);
    }
  }
});

test("any other name is looked up as ever", async () => {
  expect(await found("127.0.0.1", false)).toEqual(["127.0.0.1"]);
  await expect(found("nosuch.invalid", true)).rejects.toThrow(/nosuch\.invalid/);
});

test("a socket connects with it", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on a port, so an address is an object.
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "shop.localhost", port, lookup: lookupHost });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.destroy();
  server.close();
});

test("the load goes there, with the name as its Host", async () => {
  const hosts = new Set<string | undefined>();
  const server = createServer((request, response) => {
    hosts.add(request.headers.host);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const measured = await runLoad(loadPlan(`http://shop.localhost:${port}`, closedModel(1)), 300);
  expect(totals(measured.all).ok).toBeGreaterThan(0);
  expect([...hosts]).toEqual([`shop.localhost:${port}`]);
  server.closeAllConnections();
  server.close();
}, 30_000);
