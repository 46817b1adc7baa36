import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { driver } from "../../../src/faults/docker/driver.js";
import { onTestFinished, testAtOnce as test } from "../../helpers/at-once.js";
import { DockerDouble } from "../../helpers/docker/docker-double.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";
import { ofCompose } from "../../helpers/docker/double-container.js";
import { driverContext } from "../../helpers/driver-context.js";

const cache = () => DockerDouble.start({ containers: [ofCompose("shop", "cache"), ofCompose("shop", "db")] });

test("a killed container is started again when the fault ends, and was down until then", async () => {
  const double = await cache();
  const actions = dockerActions({ service: "cache", kill: "SIGKILL" });
  const { faults, entries, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(double.container("shop-cache-1").state).toBe("exited");
  expect(faults.overSinceMs()).toBeNull();
  expect(entries).toHaveLength(1);
  const proof = await faults.prove();
  expect(proof).toMatchObject({ proven: true, strength: "observed" });
  expect(proof.explanation).toMatch(/^shop-cache-1 was killed \(SIGKILL\), exit code 137, and stayed down$/);
  await faults.clear();
  expect(double.container("shop-cache-1").state).toBe("running");
  expect(double.changes).toEqual([
    "/containers/shop-cache-1/kill?signal=SIGKILL",
    "/containers/shop-cache-1/start",
  ]);
  expect(events).toEqual(["container shop-cache-1 is gone, exit code 137"]);
  expect(double.strayed).toEqual([]);
});

test("with restart it runs again within the fault, which is over then", async () => {
  const double = await cache();
  const actions = dockerActions({ service: "cache", kill: "SIGKILL", restart: "1s" });
  const { faults, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(faults.overSinceMs()).toBeNull();
  await wait(2_200);
  expect(double.container("shop-cache-1").state).toBe("running");
  expect(faults.overSinceMs()).not.toBeNull();
  const { proven, targets } = await faults.prove();
  expect(proven).toBe(true);
  const evidence = targets[0]?.evidence as { readonly backAfterS: number; readonly backBy: string };
  expect(evidence.backBy).toBe("faultline");
  // Its second, and at most one more until a busy machine has looked.
  expect(evidence.backAfterS).toBeGreaterThanOrEqual(1);
  expect(evidence.backAfterS).toBeLessThan(2.2);
  expect(events.at(-1)).toMatch(/^container shop-cache-1 was started again after 1/);
  await faults.clear();
  expect(double.changes.filter((change) => change.endsWith("/start"))).toHaveLength(1);
  expect(double.strayed).toEqual([]);
});

test("a restart policy that brings it back at once is told, and nothing is started", async () => {
  const double = await DockerDouble.start({
    containers: [ofCompose("shop", "cache", 1, { restartPolicy: "always", comesBackAfterMs: 50 })],
  });
  const actions = dockerActions({ service: "cache", kill: "SIGKILL", restart: "10s" });
  const { faults, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  await wait(900);
  expect(faults.overSinceMs()).not.toBeNull();
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(true);
  expect(explanation).toMatch(
    /^shop-cache-1 was killed \(SIGKILL\).*, but its restart policy \(always\) started it again after \S+ s, so that the fault was over then$/,
  );
  expect(events.at(-1)).toBe("container shop-cache-1 runs again: started by its restart policy (always)");
  await faults.clear();
  expect(double.changes.filter((change) => change.endsWith("/start"))).toEqual([]);
});

test("a container that ignores the signal has met no fault", async () => {
  const double = await DockerDouble.start({
    containers: [ofCompose("shop", "cache", 1, { endsAfterMs: null })],
  });
  const actions = dockerActions({ service: "cache", kill: "SIGTERM" });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(/^shop-cache-1 did not end on SIGTERM: it still ran \S+ s later$/);
  await faults.clear();
  expect(double.container("shop-cache-1").state).toBe("running");
  // What it may still do is waited for when the run ends.
  double.container("shop-cache-1").end(0);
  await faults.close();
  expect(double.container("shop-cache-1").state).toBe("running");
});

test("a container that ends only after its fault was over is started again when the run ends", async () => {
  const double = await DockerDouble.start({
    containers: [ofCompose("shop", "cache", 1, { endsAfterMs: 1_500 })],
  });
  const actions = dockerActions({ service: "cache", kill: "SIGTERM" });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  await faults.clear();
  expect(double.container("shop-cache-1").state).toBe("running");
  await wait(1_700);
  expect(double.container("shop-cache-1").state).toBe("exited");
  await faults.close();
  expect(double.container("shop-cache-1").state).toBe("running");
});

test("stop waits for its grace in the phase of the fault, restart has it run again at once", async () => {
  const double = await DockerDouble.start({
    containers: [
      ofCompose("shop", "cache", 1, { endsAfterMs: null }),
      ofCompose("shop", "db", 1, { endsAfterMs: 200 }),
    ],
  });
  const actions = [
    ...dockerActions({ service: "cache", stop: true, grace: "2s" }),
    ...dockerActions({ service: "db", restart: true, grace: "5s" }),
  ];
  const { faults } = await dockerFaults(double.host, actions);
  const beganMs = Date.now();
  await faults.inject(actions);
  // Its second, and not the two that the stop takes.
  expect(Date.now() - beganMs).toBeLessThan(1_900);
  expect(double.container("shop-cache-1").state).toBe("running");
  await wait(2_000);
  const { proven, explanation } = await faults.prove();
  expect(explanation).toMatch(
    /^shop-cache-1 was stopped, which took \S+ s, exit code 137, and stayed down; shop-db-1 was restarted, and ran again after \S+ s$/,
  );
  expect(proven).toBe(true);
  await faults.clear();
  expect(double.container("shop-cache-1").state).toBe("running");
  expect(double.changes).toEqual([
    "/containers/shop-cache-1/stop?t=2",
    "/containers/shop-db-1/restart?t=5",
    "/containers/shop-cache-1/start",
  ]);
  expect(double.strayed).toEqual([]);
});

test("a fault that ends while a stop is under way waits for it, and starts the container again", async () => {
  const double = await DockerDouble.start({
    containers: [ofCompose("shop", "cache", 1, { endsAfterMs: null })],
  });
  const actions = dockerActions({ service: "cache", stop: true, grace: "2s" });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  await faults.clear();
  expect(double.container("shop-cache-1").state).toBe("running");
  expect(double.changes.at(-1)).toBe("/containers/shop-cache-1/start");
});

test("a paused container goes on, and one that somebody lets go on was not paused", async () => {
  const double = await cache();
  const actions = dockerActions({ container: "shop-cache-1", pause: true });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(double.container("shop-cache-1").state).toBe("paused");
  expect((await faults.prove()).explanation).toMatch(/^shop-cache-1 was paused at each of \d+ looks?$/);
  double.container("shop-cache-1").become("running");
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(
    /did not stay paused: at \d+ of \d+ looks it ran, so somebody else let it go on$/,
  );
  await faults.clear();
  expect(double.container("shop-cache-1").state).toBe("running");
  expect(double.strayed).toEqual([]);
});

test("a container is put back on its networks with its aliases and fixed addresses", async () => {
  const double = await DockerDouble.start({
    containers: [
      ofCompose("shop", "cache", 1, {
        networks: {
          shop_back: { aliases: ["cache", "redis"], address: "172.20.0.7" },
          shop_front: { aliases: ["cache"] },
        },
      }),
    ],
  });
  const container = double.container("shop-cache-1");
  const before = structuredClone(container.networks);
  const actions = dockerActions({ service: "cache", disconnect: true });
  const { faults, entries, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(container.networks).toEqual({});
  expect(entries).toHaveLength(2);
  const proof = await faults.prove();
  expect(proof.explanation).toMatch(
    /^shop-cache-1 was cut off from shop_back, shop_front at each of \d+ looks?$/,
  );
  await faults.clear();
  expect(container.networks.shop_back).toEqual(before.shop_back);
  expect(container.networks.shop_front?.Aliases).toEqual(before.shop_front?.Aliases);
  // Its address was none of its own, and the engine gives another one. That is told.
  expect(events).toEqual([
    "container shop-cache-1 is back on shop_front with the address 172.18.0.10 instead of 172.18.0.2",
  ]);
  expect(double.strayed).toEqual([]);
});

test("only the network that is named is cut, and a container that was removed meanwhile is said", async () => {
  const double = await DockerDouble.start({
    containers: [ofCompose("shop", "cache", 1, { networks: { back: {}, front: {} } })],
  });
  const actions = dockerActions({ service: "cache", disconnect: "back" });
  const { faults, events } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect(Object.keys(double.container("shop-cache-1").networks)).toEqual(["front"]);
  double.container("shop-cache-1").isRemoved = true;
  expect((await faults.prove()).proven).toBe(false);
  await faults.clear();
  expect(events).toEqual(['container "shop-cache-1" is left as it is: it was removed meanwhile']);
});

test("a stage takes out what the one before it has done", async () => {
  const double = await cache();
  const [first, second] = [
    dockerActions({ service: "cache", pause: true }),
    dockerActions({ service: "db", pause: true }),
  ];
  const { faults } = await dockerFaults(double.host, [...first, ...second]);
  await faults.inject(first);
  await faults.inject(second);
  expect(double.containers.map(({ state }) => state)).toEqual(["running", "paused"]);
  expect((await faults.prove()).targets.map(({ target }) => target)).toEqual(["shop-cache-1", "shop-db-1"]);
  await faults.clear();
  expect(double.containers.map(({ state }) => state)).toEqual(["running", "running"]);
});

test("when one container refuses, none is left with the fault", async () => {
  const double = await DockerDouble.start({
    containers: [1, 2, 3].map((n) => ofCompose("shop", "web", n)),
  });
  const id = double.container("shop-web-2").id;
  double.troubles.push({
    at: new RegExp(`/containers/${id}/pause`),
    does: { status: 500, message: "cgroup is frozen" },
  });
  const actions = dockerActions({ service: "web", pause: true, atMost: 3 });
  const { faults } = await dockerFaults(double.host, actions);
  await expect(faults.inject(actions)).rejects.toMatchObject({
    code: "FAULT_NOT_PLACED",
    message: expect.stringMatching(
      /^the Docker engine refuses POST \/containers\/[0-9a-f]{12}\/pause: cgroup is frozen \(500\)$/,
    ),
  });
  expect(double.containers.map(({ state }) => state)).toEqual(["running", "running", "running"]);
});

test("what is down is known by its published ports, addresses and names", async () => {
  const published = { "6379/tcp": [{ HostIp: "0.0.0.0", HostPort: "16379" }] };
  const double = await DockerDouble.start({
    containers: [
      ofCompose("shop", "cache", 1, { published, networks: { shop_default: { aliases: ["cache"] } } }),
    ],
  });
  const actions = dockerActions({ service: "cache", kill: "SIGKILL" });
  const docker = driver();
  onTestFinished(() => docker.close());
  await docker.prepare({ ...driverContext(), actions, docker: { host: double.host, project: null } });
  await docker.inject(actions);
  const isDown = docker.keptDown?.();
  expect(isDown?.("127.0.0.1:16379")).toBe(true);
  expect(isDown?.("172.18.0.2:6379")).toBe(true);
  expect(isDown?.("cache:6379")).toBe(true);
  expect(isDown?.("127.0.0.1:16380")).toBe(false);
  await docker.clear();
  // Until now it was down.
  expect(docker.keptDown?.()("127.0.0.1:16379")).toBe(true);
  expect(docker.keptDown?.()("127.0.0.1:16379")).toBe(false);
});
