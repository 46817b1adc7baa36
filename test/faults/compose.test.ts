import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ComposedFaults } from "../../src/faults/compose.js";
import type { FaultAction } from "../../src/faults/fault-action.js";
import type { FaultDriver } from "../../src/faults/fault-driver.js";
import { openFaultPlane } from "../../src/faults/toxiproxy/open.js";
import { downOf, toxicOn } from "../helpers/actions.js";
import { echo, ProxyBench } from "../helpers/proxy-line.js";

const fileOn = (target: string): FaultAction => ({ kind: "file", driver: "file", target, spec: {} });

/** A driver whose fault is a file that is there; a target that is a folder's own name cannot be written. */
class FileDriver implements FaultDriver {
  readonly folder = mkdtempSync(join(tmpdir(), "faultline-driver-"));
  #files: string[] = [];

  async markBaseline(): Promise<void> {}
  async inject(actions: readonly FaultAction[]): Promise<void> {
    await this.clear();
    for (const { target } of actions) {
      writeFileSync(join(this.folder, target), "");
      this.#files.push(target);
    }
  }
  async prove() {
    const proven = this.#files.every((file) => this.has(file));
    const strength = proven ? ("observed" as const) : ("none" as const);
    return { strength, proven, explanation: `files: ${this.#files.join()}`, proxies: [] };
  }
  async clear(): Promise<void> {
    for (const file of this.#files.splice(0)) rmSync(join(this.folder, file));
  }
  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true });
  }
  has(file: string): boolean {
    return existsSync(join(this.folder, file));
  }
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function twoDrivers() {
  const bench = await ProxyBench.open();
  ends.push(() => bench.close());
  const up = await bench.upstream(echo);
  const plane = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  const listens = await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: up.address }]);
  const files = new FileDriver();
  const faults = new ComposedFaults(
    new Map<string, FaultDriver>([
      ["file", files],
      ["toxiproxy", plane],
    ]),
  );
  ends.push(() => faults.close());
  await faults.markBaseline();
  const send = async () => {
    const client = await bench.client(listens.get("cache") ?? "");
    client.socket.write("hello");
    await client.got(5);
  };
  return { faults, files, send };
}

test("each driver gets the actions that name it, and they are proven and cleared together", async () => {
  const { faults, files, send } = await twoDrivers();
  await faults.inject([toxicOn("cache", "latency", { latency: 1 }), fileOn("a")]);
  expect(files.has("a")).toBe(true);
  expect(await faults.prove()).toMatchObject({
    strength: "none",
    explanation: expect.stringMatching(/^cache: the service never connected/),
  });
  await send();
  expect(await faults.prove()).toMatchObject({
    strength: "observed",
    explanation: expect.stringMatching(/^cache: latency acted on .*; files: a$/),
    proxies: [{ proxy: "cache" }],
  });
  await faults.clear();
  expect(files.has("a")).toBe(false);
});

test("when one driver fails, the others have again what they had before", async () => {
  const { faults, files, send } = await twoDrivers();
  await faults.inject([fileOn("a")]);
  await expect(faults.inject([fileOn("b"), toxicOn("cache", "nope")])).rejects.toMatchObject({
    code: "TOXIPROXY_REFUSED",
  });
  expect([files.has("a"), files.has("b")]).toEqual([true, false]);
  await send();
  await faults.inject([downOf("cache")]);
  expect(files.has("a")).toBe(false);
  await expect(send()).rejects.toThrow(/ECONNREFUSED/);
});

test("an action without a target, or that nobody carries out, is an error before anything is done", async () => {
  const { faults, files } = await twoDrivers();
  await expect(faults.inject([fileOn("a"), downOf("")])).rejects.toThrow('"down" has no target');
  const stranger = { ...fileOn("b"), driver: "moon" };
  await expect(faults.inject([fileOn("a"), stranger])).rejects.toThrow('no driver "moon" for "file"');
  expect(files.has("a")).toBe(false);
});
