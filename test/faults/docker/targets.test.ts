import { expect, test } from "vitest";
import { DockerDouble, type DockerDoubleOptions } from "../../helpers/docker/docker-double.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";
import { ofCompose } from "../../helpers/docker/double-container.js";

const SHOP = {
  containers: [
    ofCompose("shop", "cache"),
    ...[1, 2, 3].map((n) => ofCompose("shop", "web", n)),
    ofCompose("shop", "migrate", 1, { state: "exited" }),
    ofCompose("other", "cache"),
    ofCompose("other", "mail"),
    { name: "lonely" },
    { name: "brief", autoRemove: true },
    { name: "hosted", networkMode: "host", networks: { host: {} } },
    { name: "frozen", state: "paused" as const },
    { name: "api.1.x", labels: { "com.docker.swarm.service.name": "api" } },
  ],
  services: [
    { name: "api", replicas: 3 },
    { name: "agent", replicas: null },
  ],
  isManager: true,
};

async function refusal(input: object, options: DockerDoubleOptions = SHOP, project: string | null = "shop") {
  const double = await DockerDouble.start(options);
  const docker = { host: double.host, project };
  const error = await dockerFaults(double.host, dockerActions(input), { docker }).then(
    () => null,
    (thrown) => thrown,
  );
  expect(double.changes).toEqual([]);
  expect(double.strayed).toEqual([]);
  return error === null ? null : `${error.code}: ${error.message}`;
}

test.each<[string, object, string]>([
  [
    "a slip in a service",
    { service: "cahce", pause: true },
    'there is no container of a compose service "cahce" in the compose project "shop"; did you mean "cache"?',
  ],
  [
    "a service of another project",
    { service: "mail", pause: true },
    'there is no container of a compose service "mail" in the compose project "shop"; running services: cache, web',
  ],
  [
    "a service that does not run",
    { service: "migrate", pause: true },
    'no container of service "migrate" in the compose project "shop" runs: shop-migrate-1 is exited',
  ],
  [
    "more than one",
    { service: "web", pause: true },
    'service "web" has 3 running containers (shop-web-1, shop-web-2, shop-web-3), and at most 1 may be hit. Write pick: 1 for one of them, or atMost: 3 for all',
  ],
  [
    "more than atMost",
    { service: "web", pause: true, atMost: 2 },
    'service "web" has 3 running containers (shop-web-1, shop-web-2, shop-web-3), and at most 2 may be hit',
  ],
  [
    "more than there are",
    { service: "web", pause: true, pick: 4 },
    '`pick: 4` of service "web", which has 3 running containers',
  ],
  [
    "a slip in a container",
    { container: "lonley", kill: "SIGKILL" },
    'there is no container "lonley"; did you mean "lonely"?',
  ],
  [
    "another container's name",
    { container: "web", kill: "SIGKILL" },
    'there is no container "web"; running containers: shop-cache-1',
  ],
  [
    "a container that is not there any more when it ends",
    { container: "brief", kill: "SIGKILL" },
    "container brief was started with --rm",
  ],
  [
    "a container that ended",
    { container: "shop-migrate-1", pause: true },
    'container "shop-migrate-1" does not run: it is exited',
  ],
  ["a container that is paused", { container: "frozen", pause: true }, "container frozen is paused already"],
  [
    "a container without networks of its own",
    { container: "hosted", disconnect: true },
    'container hosted cannot be cut off: its network is "host"',
  ],
  [
    "a network that it is not on",
    { container: "lonely", disconnect: "back" },
    'container lonely is not on a network "back"; it is on shop_default',
  ],
  [
    "a task of a Swarm",
    { container: "api.1.x", kill: "SIGKILL" },
    'container api.1.x is a task of Swarm service "api"',
  ],
  [
    "a slip in a Swarm service",
    { swarm: "apo", scale: 0 },
    'there is no Swarm service "apo"; did you mean "api"?',
  ],
  ["a service on each node", { swarm: "agent", scale: 0 }, 'Swarm service "agent" cannot be scaled'],
  ["a number that it has", { swarm: "api", scale: 3 }, 'Swarm service "api" has 3 tasks already'],
])("refused before anything is done: %s", async (_, input, message) => {
  expect(await refusal(input)).toContain(`DOCKER_TARGET: ${message}`);
});

test("a service of two projects is refused, unless one is named", async () => {
  const input = { service: "cache", pause: true };
  expect(await refusal(input, SHOP, null)).toBe(
    'DOCKER_TARGET: 2 compose projects have a service "cache": other, shop. Name one: docker: { project: other } at the top of the scenario',
  );
  expect(await refusal(input)).toBeNull();
  expect(await refusal(input, SHOP, "shopp")).toBe(
    'DOCKER_TARGET: there is no container of the compose project "shopp"; did you mean "shop"?',
  );
});

test("services of a Swarm are asked of a manager alone", async () => {
  expect(await refusal({ swarm: "api", scale: 0 }, { ...SHOP, isManager: false })).toMatch(
    /^DOCKER_TARGET: Swarm services are known to managers alone: .*This node is not a swarm manager\. \(503\)$/,
  );
});

test("an engine with nothing says that there is nothing", async () => {
  expect(await refusal({ container: "x", pause: true }, {})).toBe(
    'DOCKER_TARGET: there is no container "x"; there are no running containers',
  );
});

test("one container of several is chosen by the seed", async () => {
  const hit = async (seed: number) => {
    const double = await DockerDouble.start(SHOP);
    const actions = dockerActions({ service: "web", pause: true, pick: 1 });
    const { faults } = await dockerFaults(double.host, actions, {
      seed,
      docker: { host: double.host, project: "shop" },
    });
    await faults.inject(actions);
    const paused = double.containers.filter(({ state, name }) => state === "paused" && name !== "frozen");
    await faults.clear();
    return paused.map(({ name }) => name).join();
  };
  const names = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(hit));
  for (const name of names) expect(name).toMatch(/^shop-web-[123]$/);
  expect(new Set(names).size).toBe(3);
  expect(await hit(7)).toBe(names[6]);
});

test("two parts of a fault cannot do something to one container", async () => {
  const double = await DockerDouble.start(SHOP);
  const actions = [
    ...dockerActions({ service: "cache", pause: true }),
    ...dockerActions({ container: "shop-cache-1", kill: "SIGKILL" }),
  ];
  const { faults } = await dockerFaults(double.host, actions, {
    docker: { host: double.host, project: "shop" },
  });
  await expect(faults.inject(actions)).rejects.toMatchObject({
    code: "FAULT_NOT_PLACED",
    message: "shop-cache-1 is named by two parts of the fault; one thing can be done to it at a time",
  });
  expect(double.changes).toEqual([]);
});

test("the project comes from the environment as compose has it", async () => {
  const double = await DockerDouble.start(SHOP);
  const actions = dockerActions({ service: "cache", pause: true });
  const env = { COMPOSE_PROJECT_NAME: "other", DOCKER_HOST: double.host };
  const { faults } = await dockerFaults(double.host, actions, { docker: null, env });
  await faults.inject(actions);
  expect(double.container("other-cache-1").state).toBe("paused");
  expect(double.container("shop-cache-1").state).toBe("running");
});
