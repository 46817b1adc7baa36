import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ComposedFaults, loadDrivers } from "../../src/faults/compose.js";
import type { FaultAction } from "../../src/faults/fault-action.js";
import type { FaultDriver } from "../../src/faults/fault-driver.js";
import { driver as toxiproxyDriver } from "../../src/faults/toxiproxy/driver.js";
import type { UndoEntry } from "../../src/faults/undo-entry.js";
import { driver as fileDriver } from "../fixtures/file-driver/file/driver.js";
import { downOf, toxicOn } from "../helpers/actions.js";
import { driverContext } from "../helpers/driver-context.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { echo, ProxyBench } from "../helpers/proxy-line.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Toxiproxy with a proxy "cache", and a driver whose fault is a file that is there. */
async function twoDrivers() {
  const folder = await temporaryFolder();
  const bench = await ProxyBench.open();
  ends.push(() => bench.close());
  const up = await bench.upstream(echo);
  const faults = new ComposedFaults(
    new Map<string, FaultDriver>([
      ["file", fileDriver()],
      ["toxiproxy", toxiproxyDriver()],
    ]),
  );
  ends.push(() => faults.close());
  const journal: UndoEntry[] = [];
  const names = await faults.prepare({
    ...driverContext({ proxies: [{ name: "cache", listen: "127.0.0.1:0", upstream: up.address }] }),
    journal: { undoable: (entry) => void journal.push(entry) },
  });
  await faults.markBaseline();
  const send = async () => {
    const client = await bench.client(names.get("proxies.cache.listen") ?? "");
    client.socket.write("hello");
    await client.got(5);
  };
  const fileOn = (name: string): FaultAction => {
    return { kind: "file", driver: "file", target: join(folder, name), spec: {} };
  };
  return { faults, journal, send, fileOn, has: (name: string) => existsSync(join(folder, name)) };
}

test("each driver gets the actions that name it, and they are proven and cleared together", async () => {
  const { faults, send, fileOn, has } = await twoDrivers();
  await faults.inject([toxicOn("cache", "latency", { latency: 1 }), fileOn("a")]);
  expect(has("a")).toBe(true);
  expect(await faults.prove()).toMatchObject({
    strength: "none",
    explanation: expect.stringMatching(/^cache: the service never connected/),
  });
  await send();
  expect(await faults.prove()).toMatchObject({
    strength: "observed",
    explanation: expect.stringMatching(/cache: latency acted on .*; there until the end: .*a$/),
    // The driver of files tells no data, and takes none away.
    because: [{ id: "acted", facts: { proxy: "cache" } }],
    targets: [{ driver: "toxiproxy", target: "cache" }, { driver: "file" }],
  });
  await faults.clear();
  expect(has("a")).toBe(false);
});

test("when one driver fails, the others have again what they had before", async () => {
  const { faults, send, fileOn, has } = await twoDrivers();
  await faults.inject([fileOn("a")]);
  await expect(faults.inject([fileOn("b"), toxicOn("cache", "nope")])).rejects.toMatchObject({
    code: "TOXIPROXY_REFUSED",
  });
  expect([has("a"), has("b")]).toEqual([true, false]);
  await send();
  await faults.inject([downOf("cache")]);
  expect(has("a")).toBe(false);
  await expect(send()).rejects.toThrow(/ECONNREFUSED/);
});

test("an action without a target, or that nobody carries out, is an error before anything is done", async () => {
  const { faults, fileOn, has } = await twoDrivers();
  await expect(faults.inject([fileOn("a"), downOf("")])).rejects.toThrow('"down" has no target');
  const stranger = { ...fileOn("b"), driver: "moon" };
  await expect(faults.inject([fileOn("a"), stranger])).rejects.toThrow('no driver "moon" for "file"');
  expect(has("a")).toBe(false);
});

test("what is written down before a deed names the driver that can undo it", async () => {
  const { faults, journal, fileOn } = await twoDrivers();
  await faults.inject([fileOn("a")]);
  expect(journal).toMatchObject([{ driver: "file", text: expect.stringMatching(/^file .*a$/) }]);
});

test("the drivers that are not needed are not loaded, and one that there is not is an error", async () => {
  const faults = await loadDrivers(["toxiproxy"]);
  await expect(faults.inject([downOf("cache")])).rejects.toThrow("Toxiproxy was not opened");
  await faults.close();
  await expect(loadDrivers(["moon"])).rejects.toThrow('there is no driver "moon"');
});
