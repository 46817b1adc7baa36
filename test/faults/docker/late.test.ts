import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { undoEntries } from "../../../src/faults/undo-entries.js";
import { testAtOnce as test } from "../../helpers/at-once.js";
import { DockerDouble } from "../../helpers/docker/docker-double.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";
import { type ContainerOptions, ofCompose } from "../../helpers/docker/double-container.js";

/** One container, the faults of `input` on it, and all that is to be looked at. */
async function on(input: object, options: Partial<ContainerOptions> = {}) {
  const double = await DockerDouble.start({ containers: [ofCompose("shop", "cache", 1, options)] });
  const actions = dockerActions({ service: "cache", ...input });
  const made = await dockerFaults(double.host, actions);
  return { double, actions, ...made, container: double.container("shop-cache-1") };
}

const state = async ({ container }: { readonly container: { readonly state: string } }) => container.state;

test("a container that dies only seconds after SIGKILL is started again by another process", async () => {
  const { faults, actions, entries, container } = await on({ kill: "SIGKILL" }, { killTakesMs: 2_500 });
  await faults.inject(actions);
  expect(container.state).toBe("running");
  const { did, failures } = await undoEntries(entries, { dryRun: false });
  expect({ did, failures }).toEqual({ did: ['start container "shop-cache-1" again'], failures: [] });
  expect(await state({ container })).toBe("running");
});

test("a pause and a cut that reach the engine a second after their run has died are taken back", async () => {
  const paused = await on({ pause: true });
  const cut = await on({ disconnect: true });
  for (const { faults, actions } of [paused, cut]) await faults.inject(actions);
  paused.container.become("running");
  setTimeout(() => paused.container.become("paused"), 1_500);
  cut.container.connect("shop_default", [...cut.double.networks.keys()][0]!, {});
  setTimeout(() => cut.container.disconnect("shop_default"), 1_500);
  const [first, second] = await Promise.all(
    [paused, cut].map(({ entries }) => undoEntries(entries, { dryRun: false })),
  );
  expect(first?.did).toEqual(['let container "shop-cache-1" go on']);
  expect(second?.did).toEqual(['put container "shop-cache-1" back on network "shop_default"']);
  expect(paused.container.state).toBe("running");
  expect(Object.keys(cut.container.networks)).toEqual(["shop_default"]);
});

test("a pause whose call fails and that is carried out all the same, later, is taken back when the run ends", async () => {
  const { double, faults, actions, container } = await on({ pause: true });
  double.troubles.push({ at: /\/pause$/, does: "cut" });
  setTimeout(() => container.become("paused"), 1_500);
  await expect(faults.inject(actions)).rejects.toMatchObject({ code: "DOCKER_UNREACHABLE" });
  await faults.close();
  expect(container.state).toBe("running");
  expect(double.changes.at(-1)).toBe("/containers/shop-cache-1/unpause");
});

test("what somebody else has done a moment before, so that the engine refuses, is not undone", async () => {
  const paused = await on({ pause: true });
  const killed = await on({ kill: "SIGKILL" });
  const stopped = await on({ stop: true });
  paused.double.troubles.push({
    at: /\/pause$/,
    does: { status: 409, message: "Container is already paused" },
    first: () => paused.container.become("paused"),
  });
  killed.double.troubles.push({
    at: /\/kill$/,
    does: { status: 409, message: "Container is not running" },
    first: () => killed.container.end(1),
  });
  // The engine answers 304.
  stopped.double.troubles.push({
    at: /\/stop$/,
    does: { status: 304, message: "" },
    first: () => stopped.container.end(1),
  });
  for (const { faults, actions, entries, double, container } of [paused, killed, stopped]) {
    const before = container.state;
    expect(before).toBe("running");
    await expect(faults.inject(actions)).rejects.toMatchObject({ code: "FAULT_NOT_PLACED" });
    await faults.close();
    expect(await undoEntries(entries, { dryRun: false })).toEqual({ did: [], failures: [] });
    expect(double.changes.filter((change) => /start|unpause/.test(change))).toEqual([]);
  }
  expect([paused, killed, stopped].map(({ container }) => container.state)).toEqual([
    "paused",
    "exited",
    "exited",
  ]);
});

test("a refusal that comes late is told with the engine's reason, though the container ends by itself", async () => {
  const { double, faults, actions, container } = await on({ kill: "SIGKILL" });
  double.troubles.push({
    at: /\/kill$/,
    does: { status: 500, message: "tried to kill container, but did not receive an exit event" },
    afterMs: 1_400,
  });
  await faults.inject(actions);
  await wait(800);
  container.end(1);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(
    /^shop-cache-1 was not killed \(SIGKILL\): the Docker engine refuses .*did not receive an exit event \(500\)$/,
  );
  await faults.clear();
  expect(container.state).toBe("running");
});

test("an end that comes long after a stop should have ended it proves nothing", async () => {
  const { double, faults, actions, container } = await on({ stop: true, grace: "0s" });
  double.troubles.push({ at: /\/stop$/, does: "page", afterMs: 2_800 });
  await faults.inject(actions);
  await wait(2_000);
  container.end(1);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(/^shop-cache-1 was not stopped: it ended only \S+ s later, by something else$/);
});

test("a container that others replace was not kept down", async () => {
  const { faults, actions, container, events } = await on({ kill: "SIGTERM" }, { endsAfterMs: null });
  await faults.inject(actions);
  container.isRemoved = true;
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(
    /^shop-cache-1 was removed by somebody else \S+ s after it was to be killed \(SIGTERM\), so that another one may serve/,
  );
  expect(events).toContain("container shop-cache-1 was removed by somebody else");
});

test("a container that takes longer to end than its restart is started again within the fault", async () => {
  const { faults, actions, container } = await on(
    { kill: "SIGTERM", restart: "500ms" },
    { endsAfterMs: 1_800 },
  );
  await faults.inject(actions);
  await wait(1_800);
  expect(container.state).toBe("running");
  expect(faults.overSinceMs()).not.toBeNull();
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(true);
  expect(explanation).toMatch(
    /^shop-cache-1 was killed \(SIGTERM\), which took \S+ s, exit code 0, and was started again after \S+ s$/,
  );
});

test("a fault that ends before the engine's stop could is told with what to do", async () => {
  const { faults, actions } = await on({ restart: true, grace: "2s" }, { endsAfterMs: null });
  await faults.inject(actions);
  expect((await faults.prove()).explanation).toMatch(
    /^shop-cache-1 was not stopped: it still ran .+ s later\. The engine waits 2 s before SIGKILL: write `grace: 1s`, or let the fault last longer$/,
  );
});

test("what a fault has undone is others' to do again", async () => {
  const { faults, actions, entries, container } = await on({ pause: true });
  await faults.inject(actions);
  await faults.clear();
  container.become("paused");
  expect(await undoEntries(entries, { dryRun: false })).toEqual({ did: [], failures: [] });
  await faults.close();
  expect(container.state).toBe("paused");
});

test("a network that cannot be joined keeps a container off no other one, and the first is joined first", async () => {
  const networks = { back: {}, front: {}, third: {} };
  const { double, faults, actions, entries, container } = await on({ disconnect: true }, { networks });
  await faults.inject(actions);
  const [back = ""] = double.networks.keys();
  double.networks.delete(back);
  await expect(faults.clear()).rejects.toThrow(/not found/);
  expect(Object.keys(container.networks)).toEqual(["front", "third"]);
  double.networks.set(back, "back");
  for (const name of ["front", "third"]) container.disconnect(name);
  // As a killed run would have left it.
  const open = entries.filter(({ undo }) => (undo as { isOver?: boolean }).isOver !== true);
  await undoEntries(open, { dryRun: false });
  expect(Object.keys(container.networks)).toEqual(["back", "front", "third"]);
});
