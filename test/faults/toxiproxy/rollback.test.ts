import { expect } from "vitest";
import type { DriverJournal } from "../../../src/faults/fault-driver.js";
import { openFaultPlane } from "../../../src/faults/toxiproxy/open.js";
import { undo } from "../../../src/faults/toxiproxy/undo.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { toxicOn } from "../../helpers/actions.js";
import { testAtOnce as test } from "../../helpers/at-once.js";
import { fakeToxiproxy } from "../../helpers/fake-toxiproxy.js";

const UPSTREAM = "127.0.0.1:2";
const latency = toxicOn("cache", "latency", { latency: 1 });

async function planeOn(server: { readonly url: string }) {
  const entries: UndoEntry[] = [];
  const journal: DriverJournal = {
    undoable: (entry) => void entries.push({ driver: "toxiproxy", ...entry }),
  };
  const plane = await openFaultPlane({ toxiproxyUrl: server.url, seed: 1, journal });
  const spec = { name: "cache", listen: "127.0.0.1:0", upstream: UPSTREAM };
  return { plane, entries, create: () => plane.createProxies([spec]) };
}

for (const order of ["as asked", "backwards"] as const) {
  test(`a server that sleeps while the fault comes out keeps what was found on it, whatever it does on waking (${order})`, async () => {
    const cache = { upstream: UPSTREAM, enabled: true, toxics: ["theirs"] };
    const server = await fakeToxiproxy({ cache: { ...cache } });
    const { plane, entries, create } = await planeOn(server);
    await create();
    await plane.inject([latency]);
    expect(server.proxies.cache?.toxics).toHaveLength(2);
    server.asleep = true;
    await expect(plane.clear()).rejects.toMatchObject({ code: "ROLLBACK_FAILED" });
    await expect(plane.close()).rejects.toMatchObject({
      code: "ROLLBACK_FAILED",
      message: expect.stringContaining(
        `proxy "cache" of ${server.url}: Toxiproxy at ${server.url}: no answer`,
      ),
    });
    await server.wake(order);
    expect(server.changes).not.toContain("DELETE /proxies/cache");
    expect((await undo(entries, { dryRun: false })).failures).toEqual([]);
    expect(server.proxies).toEqual({ cache });
  });
}

test("a proxy that the server makes after the run gave up on it is known to the journal", async () => {
  const server = await fakeToxiproxy({});
  const { plane, entries, create } = await planeOn(server);
  server.asleep = "POST";
  await expect(create()).rejects.toMatchObject({ code: "TOXIPROXY_UNREACHABLE" });
  server.asleep = true;
  await expect(plane.close()).rejects.toMatchObject({ code: "ROLLBACK_FAILED" });
  await server.wake();
  expect(Object.keys(server.proxies)).toEqual(["cache"]);
  expect((await undo(entries, { dryRun: false })).did).toEqual([`delete proxy "cache" of ${server.url}`]);
  expect(server.proxies).toEqual({});
});

test("a call that had no answer and is carried out while cleaning up is undone, too", async () => {
  const server = await fakeToxiproxy({});
  const { plane, create } = await planeOn(server);
  server.asleep = "POST";
  await expect(create()).rejects.toMatchObject({ code: "TOXIPROXY_UNREACHABLE" });
  const late = setTimeout(() => void server.wake(), 150);
  await plane.close();
  clearTimeout(late);
  expect(server.changes).toEqual(["POST /proxies", "DELETE /proxies/cache"]);
  expect(server.proxies).toEqual({});
});

test("a proxy that was found and is gone when the run ends is made again with all its toxics", async () => {
  const cache = { upstream: UPSTREAM, enabled: true, toxics: ["theirs", "theirs too"] };
  const server = await fakeToxiproxy({ cache: { ...cache } });
  const { plane, create } = await planeOn(server);
  await create();
  server.proxies = {};
  await plane.close();
  expect(server.proxies).toEqual({ cache });
});
