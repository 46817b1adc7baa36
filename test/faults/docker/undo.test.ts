import { setTimeout as wait } from "node:timers/promises";
import { test as each, expect } from "vitest";
import { undoEntries } from "../../../src/faults/undo-entries.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { testAtOnce as test } from "../../helpers/at-once.js";
import { DockerDouble, type DockerDoubleOptions } from "../../helpers/docker/docker-double.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";
import { ofCompose } from "../../helpers/docker/double-container.js";

const SHOP: DockerDoubleOptions = {
  containers: [ofCompose("shop", "cache"), ofCompose("shop", "db"), ofCompose("shop", "web")],
  services: [{ name: "api", replicas: 3 }],
  isManager: true,
};

/** Leaves the faults in place, as a killed run does. */
async function left(inputs: readonly object[], options = SHOP) {
  const double = await DockerDouble.start(options);
  const actions = inputs.flatMap(dockerActions);
  const { faults, entries } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  return { double, entries: journaled(entries) };
}

/** As another process reads them. */
function journaled(entries: readonly UndoEntry[]): readonly UndoEntry[] {
  return JSON.parse(JSON.stringify(entries));
}

/** Written down so long ago that the engine is no longer waited for. */
function longAgo(entries: readonly UndoEntry[]): readonly UndoEntry[] {
  return entries.map((entry) => ({ ...entry, undo: { ...(entry.undo as object), atMs: 0 } }));
}

const ALL = [
  { service: "cache", kill: "SIGKILL" },
  { service: "db", pause: true },
  { service: "web", disconnect: true },
  { swarm: "api", scale: 0 },
];

test("another process puts all of it back, and only says so in a dry run", async () => {
  const { double, entries } = await left(ALL);
  const would = await undoEntries(entries, { dryRun: true });
  expect(would.failures).toEqual([]);
  expect(double.containers.map(({ state }) => state)).toEqual(["exited", "paused", "running"]);
  const done = await undoEntries(entries, { dryRun: false });
  expect(done).toEqual(would);
  expect([...done.did].sort()).toEqual([
    'let container "shop-db-1" go on',
    'put container "shop-web-1" back on network "shop_default"',
    'scale Swarm service "api" back to 3',
    'start container "shop-cache-1" again',
  ]);
  expect(double.containers.map(({ state }) => state)).toEqual(["running", "running", "running"]);
  expect(Object.keys(double.container("shop-web-1").networks)).toEqual(["shop_default"]);
  expect(double.services[0]?.replicas).toBe(3);
  // A second time there is nothing to do.
  expect(await undoEntries(longAgo(entries), { dryRun: false })).toEqual({ did: [], failures: [] });
  expect(double.strayed).toEqual([]);
});

test("what a user has changed meanwhile is not overwritten", async () => {
  const { double, entries } = await left(ALL);
  const [cache, db, web] = double.containers;
  // Started, and stopped again; restarted, and paused; removed; scaled.
  cache?.start();
  cache?.end(0);
  db?.become("running");
  db?.end(0);
  db?.start();
  db?.become("paused");
  if (web) web.isRemoved = true;
  double.services[0]?.scale(1);
  const before = double.changes.length;
  const { did, failures } = await undoEntries(entries, { dryRun: false });
  expect(failures).toEqual([]);
  expect([...did].sort()).toEqual([
    'leave Swarm service "api" as it is: somebody else has scaled it to 1 since',
    'leave container "shop-cache-1" as it is: it was started anew since, and has ended again',
    'leave container "shop-db-1" as it is: it was started anew since, and somebody else has paused it',
    'leave container "shop-web-1" as it is: it was removed meanwhile',
  ]);
  expect(double.changes.slice(before)).toEqual([]);
});

test("what was never done, or was undone by hand, is nothing to undo", async () => {
  const { double, entries } = await left(ALL);
  const [cache, db, web] = double.containers;
  cache?.start();
  db?.become("running");
  web?.connect("shop_default", [...double.networks.keys()][0]!, {});
  double.services[0]?.scale(3);
  const before = double.changes.length;
  expect(await undoEntries(longAgo(entries), { dryRun: false })).toEqual({ did: [], failures: [] });
  expect(double.changes.slice(before)).toEqual([]);
});

test("a stop that is still under way when its run dies is waited for", async () => {
  const { double, entries } = await left([{ service: "cache", stop: true, grace: "2s" }], {
    containers: [ofCompose("shop", "cache", 1, { endsAfterMs: null })],
  });
  expect(double.container("shop-cache-1").state).toBe("running");
  const { did, failures } = await undoEntries(entries, { dryRun: false });
  expect(failures).toEqual([]);
  expect(did).toEqual(['start container "shop-cache-1" again']);
  expect(double.container("shop-cache-1").state).toBe("running");
  await wait(200);
  expect(double.container("shop-cache-1").state).toBe("running");
});

test("a pause that reaches the engine a moment after its run has died is taken back", async () => {
  const { double, entries } = await left([{ service: "db", pause: true }]);
  double.container("shop-db-1").become("running");
  setTimeout(() => double.container("shop-db-1").become("paused"), 150);
  expect((await undoEntries(entries, { dryRun: false })).did).toEqual(['let container "shop-db-1" go on']);
  expect(double.container("shop-db-1").state).toBe("running");
});

test("of several faults on one container the last one counts", async () => {
  const double = await DockerDouble.start(SHOP);
  const [zero, one] = [dockerActions({ swarm: "api", scale: 0 }), dockerActions({ swarm: "api", scale: 1 })];
  const { faults, entries } = await dockerFaults(double.host, [...zero, ...one]);
  await faults.inject(zero);
  await faults.clear();
  await faults.inject(one);
  const { did, failures } = await undoEntries(journaled(entries), { dryRun: false });
  expect({ did, failures }).toEqual({ did: ['scale Swarm service "api" back to 3'], failures: [] });
});

test("what cannot be undone is said, with the engine's reason, and the rest is undone", async () => {
  const { double, entries } = await left(ALL);
  const { id } = double.container("shop-db-1");
  double.troubles.push({
    at: new RegExp(`/${id}/unpause`),
    does: { status: 500, message: "frozen for good" },
  });
  const { did, failures } = await undoEntries(entries, { dryRun: false });
  expect(failures).toEqual([
    `paused container "shop-db-1": the Docker engine refuses POST /containers/${id.slice(0, 12)}/unpause: frozen for good (500)`,
  ]);
  expect(did).toHaveLength(3);
});

test("a network that is gone is said, and so is an engine that does not answer", async () => {
  const { double, entries } = await left([{ service: "web", disconnect: true }]);
  double.networks.clear();
  const gone = await undoEntries(entries, { dryRun: false });
  expect(gone.failures).toEqual([
    expect.stringMatching(
      /^container "shop-web-1" cut off from network "shop_default": .*network or container not found \(404\)$/,
    ),
  ]);
  const elsewhere = entries.map((entry) => {
    const undo = entry.undo as { readonly engine: object };
    return {
      ...entry,
      undo: { ...undo, engine: { ...undo.engine, host: "unix:///tmp/faultline-no-such.sock" } },
    };
  });
  const { failures } = await undoEntries(elsewhere, { dryRun: true });
  expect(failures).toEqual([expect.stringContaining("there is no such socket")]);
});

each.each([
  ["no deed", { deed: "remove" }],
  ["a way out of the path", { id: "../../images/prune" }],
  ["no engine", { engine: { host: 7 } }],
  ["a way out of the network's path", { networkId: "x/../../y" }],
])("what cannot be read is never done: %s", async (_, change) => {
  const { double, entries } = await left([{ service: "web", disconnect: true }]);
  const before = double.changes.length;
  const wrong = entries.map((entry) => ({ ...entry, undo: { ...(entry.undo as object), ...change } }));
  const { did, failures } = await undoEntries(wrong, { dryRun: false });
  expect(did).toEqual([]);
  expect(failures).toEqual([
    'container "shop-web-1" cut off from network "shop_default": how to undo it cannot be read',
  ]);
  expect(double.changes.slice(before)).toEqual([]);
});
