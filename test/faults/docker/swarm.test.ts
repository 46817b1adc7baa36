import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { undoEntries } from "../../../src/faults/undo-entries.js";
import { testAtOnce as test } from "../../helpers/at-once.js";
import { DockerDouble } from "../../helpers/docker/docker-double.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";

const swarm = (takesMs = 0) =>
  DockerDouble.start({ services: [{ name: "api", replicas: 3, takesMs }], isManager: true });

test("a service is scaled to zero and back, and all else of it stays", async () => {
  const double = await swarm(200);
  const [api] = double.services;
  const before = structuredClone(api!.spec);
  const actions = dockerActions({ swarm: "api", scale: 0 });
  const { faults, entries } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(api!.replicas).toBe(0);
  expect(entries.map(({ text }) => text)).toEqual(['scaled Swarm service "api"']);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(true);
  expect(explanation).toMatch(/^api was scaled from 3 to 0, which it had after \S+ s$/);
  await faults.clear();
  expect(api!.spec).toEqual(before);
  expect(double.strayed).toEqual([]);
});

test("tasks that never come to an end make no fault", async () => {
  const double = await swarm(60_000);
  const actions = dockerActions({ swarm: "api", scale: 1 });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(/^api was scaled from 3 to 1, and never had so many: 3 ran after \S+ s$/);
});

test("a service that somebody scales meanwhile is left at that, and changes of others are kept", async () => {
  const double = await swarm();
  const [api] = double.services;
  const actions = dockerActions({ swarm: "api", scale: 0 });
  const { faults, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  api!.scale(5);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toBe("api was scaled from 3 to 0, and somebody else scaled it to 5 meanwhile");
  await faults.clear();
  expect(api!.replicas).toBe(5);
  expect(events).toEqual(['Swarm service "api" is left as it is: somebody else has scaled it to 5 since']);
});

test("a change of others at the same moment is not lost", async () => {
  const double = await swarm();
  const [api] = double.services;
  const actions = dockerActions({ swarm: "api", scale: 0 });
  const { faults } = await dockerFaults(double.host, actions);
  // Between reading and writing somebody changes a label.
  double.beforeUpdate = () => {
    api!.update(api!.version, { ...api!.spec, Labels: { team: "checkout" } });
    double.beforeUpdate = null;
  };
  await faults.inject(actions);
  expect(api!.replicas).toBe(0);
  await faults.clear();
  expect(api!.replicas).toBe(3);
  expect(api!.spec.Labels).toEqual({ team: "checkout" });
});

test("update by force replaces the tasks, and leaves nothing to undo", async () => {
  const double = await swarm(300);
  const actions = dockerActions({ swarm: "api", update: "force" });
  const { faults, entries } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect((await faults.prove()).proven).toBe(false);
  await wait(1_000);
  expect(faults.overSinceMs()).not.toBeNull();
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(true);
  expect(explanation).toMatch(/^api had 3 of 3 tasks replaced after \S+ s$/);
  expect(entries).toEqual([]);
  await faults.clear();
  expect(double.services[0]!.spec.TaskTemplate.ForceUpdate).toBe(1);
  expect(double.strayed).toEqual([]);
});

test("a service that runs as few tasks as are asked for has met no fault", async () => {
  const double = await swarm();
  const actions = dockerActions({ swarm: "api", scale: 1 });
  const { faults } = await dockerFaults(double.host, actions);
  double.services[0]!.lose(2);
  await expect(faults.inject(actions)).rejects.toMatchObject({
    code: "FAULT_NOT_PLACED",
    message: "Swarm service api is to have 3 tasks, and 1 runs, so that scale: 1 changes nothing",
  });
  expect(double.changes).toEqual([]);
});

test("what others scale after the fault is over is left alone by another process", async () => {
  const double = await swarm();
  const actions = dockerActions({ swarm: "api", scale: 0 });
  const { faults, entries } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  await faults.clear();
  double.services[0]!.scale(0);
  expect(await undoEntries(entries, { dryRun: false })).toEqual({ did: [], failures: [] });
  expect(double.services[0]!.replicas).toBe(0);
});

test("an update counts only tasks of its own: neither what has crashed nor what is rolled back", async () => {
  const double = await swarm(60_000);
  const actions = dockerActions({ swarm: "api", update: "force" });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  // Of the spec before: somebody rolls it back.
  double.services[0]!.crash(0);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(/^api had 0 of 3 tasks replaced after /);
});

const here = (more: object = {}) =>
  DockerDouble.start({
    services: [{ name: "api", replicas: 3, takesMs: 300, here: 2, ...more }],
    isManager: true,
  });

test("a task is killed, and Swarm starts another in its place: nothing is left to undo", async () => {
  const double = await here();
  const actions = dockerActions({ swarm: "api", kill: "SIGKILL", pick: 1 });
  const { faults, entries, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(double.changes).toHaveLength(1);
  expect(double.changes[0]).toMatch(/^\/containers\/api\.[12]\.apitask[01]\/kill\?signal=SIGKILL$/);
  const before = await faults.prove();
  expect([before.proven, faults.overSinceMs()]).toEqual([true, null]);
  expect(before.explanation).toMatch(
    /^api had 1 of 3 tasks killed \(SIGKILL\), and Swarm had not started another in its place \S+ s later$/,
  );
  await expect.poll(() => faults.overSinceMs(), { timeout: 10_000 }).not.toBeNull();
  const { proven, explanation, targets } = await faults.prove();
  expect(proven).toBe(true);
  expect(explanation).toMatch(
    /^api had 1 of 3 tasks killed \(SIGKILL\), and another ran in its place after \S+ s$/,
  );
  expect(targets).toMatchObject([{ target: "api", evidence: { deed: "kill_task", of: 3 } }]);
  expect(events).toHaveLength(2);
  await faults.clear();
  expect(entries).toEqual([]);
  expect(double.strayed).toEqual([]);
});

test("more tasks than are allowed are refused; all of them are those of this engine", async () => {
  const double = await here();
  const refused = await dockerFaults(double.host, dockerActions({ swarm: "api", kill: "SIGKILL" })).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({
    code: "DOCKER_TARGET",
    message: expect.stringContaining("at most 1 may be hit"),
  });
  const actions = dockerActions({ swarm: "api", kill: "SIGKILL", atMost: 2 });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(double.changes).toHaveLength(2);
  await expect.poll(() => faults.overSinceMs(), { timeout: 10_000 }).not.toBeNull();
  expect((await faults.prove()).explanation).toMatch(
    /^api had 2 of 3 tasks killed \(SIGKILL\), and 2 others ran in their place after /,
  );
});

test("a task that does not end on its signal makes no fault", async () => {
  const double = await here({ endsAfterMs: null });
  const actions = dockerActions({ swarm: "api", kill: "SIGTERM", pick: 1 });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(/^api had api\.\S+ sent SIGTERM, which still ran \S+ s later$/);
});

const REFUSED: readonly (readonly [string, object, string, string])[] = [
  ["of another node", { here: 0 }, "SIGKILL", "runs on the node of this engine; 3 run on others"],
  ["that nothing replaces", { restartCondition: "none" }, "SIGKILL", 'has the restart condition "none"'],
  ["that may end well", { restartCondition: "on-failure" }, "SIGTERM", "use kill: SIGKILL"],
];

for (const [which, more, kill, said] of REFUSED)
  test(`tasks ${which} are refused, and nothing is done`, async () => {
    const double = await here(more);
    const opened = dockerFaults(double.host, dockerActions({ swarm: "api", kill, pick: 1 }));
    await expect(opened).rejects.toMatchObject({
      code: "DOCKER_TARGET",
      message: expect.stringContaining(said),
    });
    expect(double.changes).toEqual([]);
  });

test("a failing process is replaced on SIGKILL, where only failures are", async () => {
  const double = await here({ restartCondition: "on-failure" });
  const actions = dockerActions({ swarm: "api", kill: "SIGKILL", pick: 1 });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  await expect.poll(() => faults.overSinceMs(), { timeout: 10_000 }).not.toBeNull();
});
