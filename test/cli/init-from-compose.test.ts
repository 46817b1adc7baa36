import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { main } from "../../src/cli/main.js";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { faultSteps, folderWith } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

async function init(cwd: string, ...args: string[]) {
  const io = testIo({ cwd });
  const exitCode = await main(["init", ...args], io);
  return { exitCode, out: io.out(), err: io.err() };
}

const SHOP = `
x-logging: &logging { driver: json-file }
services:
  web:
    build: .
    ports: ["3000:8080", "127.0.0.1:9229:9229"]
    depends_on: { db: { condition: service_healthy } }
    environment:
      - DATABASE_URL=postgres://shop:\${DB_PASSWORD}@db:5432/shop
      - ORDERS=http://orders:8000/v1
      - CACHE_HOST=cache
    logging: *logging
  orders: { build: ./orders, environment: { CACHE: "$CACHE_ADDRESS" } }
  db: { image: "postgres:\${PG_VERSION:-16}", ports: ["5432:5432"] }
  cache: { image: redis:7, ports: ["6379:6379", "8001:8001"] }
  queue: { image: rabbitmq:3 }
  batch: { build: ./batch, profiles: [nightly] }
`;

test("a compose file becomes a scenario, and a second compose file that leads its services through the proxies", async () => {
  const cwd = folderWith({
    "docker-compose.yml": SHOP,
    ".env": "DB_PASSWORD=hunter2\nCACHE_ADDRESS=cache:6379\n",
  });
  const { exitCode, out, err } = await init(cwd, "chaos/shop.yaml", "--from", "docker-compose.yml");
  expect({ exitCode, out }).toEqual({ exitCode: 0, out: "chaos/shop.yaml\nchaos/compose.faultline.yml\n" });
  const { plan, diagnostics } = await checkAndPlan("chaos/shop.yaml", { env: {}, cwd });
  expect(diagnostics).toEqual([]);
  expect(plan).toMatchObject({
    load: { target: { url: "http://127.0.0.1:3000" } },
    services: [{ command: "docker compose -f ../docker-compose.yml -f compose.faultline.yml up".split(" ") }],
    proxies: [
      // web knows where orders is by one variable, and it can be told another place.
      { name: "orders", listen: "0.0.0.0:18000", upstream: "127.0.0.1:28000", protocol: "http" },
      { name: "db", listen: "0.0.0.0:15432", upstream: "127.0.0.1:5432" },
      // CACHE_HOST has no port, so the proxy takes the cache's own, and the cache moves.
      { name: "cache", listen: "0.0.0.0:6379", upstream: "127.0.0.1:26379" },
    ],
  });
  const override = readFileSync(join(cwd, "chaos/compose.faultline.yml"), "utf8");
  expect(parse(override, { logLevel: "silent" })).toEqual({
    services: {
      web: {
        environment: {
          DATABASE_URL: "postgres://shop:${DB_PASSWORD}@host.docker.internal:15432/shop",
          ORDERS: "http://host.docker.internal:18000/v1",
        },
        extra_hosts: ["cache:host-gateway", "host.docker.internal:host-gateway"],
      },
      orders: {
        environment: { CACHE: "host.docker.internal:6379" },
        extra_hosts: ["host.docker.internal:host-gateway"],
        ports: ["127.0.0.1:28000:8000"],
      },
      cache: { ports: ["8001:8001", "127.0.0.1:26379:6379"] },
    },
  });
  expect(override).toContain("ports: !override");
  const scenario = readFileSync(join(cwd, "chaos/shop.yaml"), "utf8");
  for (const written of [override, scenario, err]) expect(written).not.toContain("hunter2");
  for (const said of [
    "Nothing in the file says which service uses queue.",
    "Services that start only with a profile were left out: batch.",
    "orders: taken for HTTP",
  ]) {
    expect(err).toContain(said);
    expect(scenario).toContain(said);
  }
});

test("faults on the containers themselves stand there as comments, ready to be used", async () => {
  const cwd = folderWith({ "docker-compose.yml": SHOP, ".env": "CACHE_ADDRESS=cache:6379\n" });
  await init(cwd, "--from", "docker-compose.yml");
  const [file = ""] = readdirSync(cwd).filter((name) => name.endsWith(".yaml"));
  const scenario = readFileSync(join(cwd, file), "utf8");
  expect(scenario).not.toMatch(/^ {2}- .*docker:/m);
  writeFileSync(join(cwd, file), scenario.replaceAll("  # - { name", "  - { name"));
  const { plan, diagnostics } = await checkAndPlan(file, { env: {}, cwd });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const kills = faultSteps(plan!).flatMap(({ actions }) => actions.filter(({ kind }) => kind === "docker"));
  expect(kills.map(({ target }) => target)).toEqual(["orders", "db", "cache"]);
});

test("a setting that may hold a password is not copied: its service is led by the dependency's name", async () => {
  const cwd = folderWith({
    "compose.yaml":
      "services:\n  web: { build: ., ports: ['80:80'], environment: [DATABASE_URL] }\n  db: { image: postgres }\n",
    ".env": "DATABASE_URL=postgres://shop:hunter2@db:5432/shop\n",
  });
  await init(cwd, "--from", "compose.yaml");
  const override = readFileSync(join(cwd, "compose.faultline.yml"), "utf8");
  expect(parse(override)).toEqual({
    services: { web: { extra_hosts: ["db:host-gateway"] }, db: { ports: ["127.0.0.1:25432:5432"] } },
  });
});

test("what cannot be led is said, and gets no proxy", async () => {
  const cwd = folderWith({
    "compose.yaml": `services:
  web: { build: ., ports: ["5432:80"], depends_on: [db, other], network_mode: bridge }
  host: { build: ., network_mode: host, environment: { URL: "http://web:80" } }
  db: { image: postgres }
  other: { build: . }
  events: { image: "apache/kafka" }
  app: { build: ., environment: { KAFKA: "events:9092" }, extends: { file: base.yaml, service: app } }
`,
  });
  const { exitCode, err } = await init(cwd, "--from", "compose.yaml", "--target", "http://127.0.0.1:8081");
  expect(exitCode).toBe(0);
  for (const said of [
    "web can reach db at port 5432 only, which something else needs on this machine: it has no proxy.",
    "web depends on other, and nothing says on which port: it has no proxy.",
    "host runs in this machine's own network: give it the proxy of web by hand.",
    "events: It tells its clients where to go on",
    "What these keys bring was not read: services.app.extends.",
  ])
    expect(err).toContain(said);
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics).toEqual([]);
  expect(plan?.proxies.map(({ name }) => name)).toEqual(["events"]);
  expect(plan?.load.target).toMatchObject({ url: "http://127.0.0.1:8081" });
});

test("without a dependency it is a load test, and that is said", async () => {
  const cwd = folderWith({ "compose.yaml": "services: { web: { build: . } }\n" });
  const { exitCode, out, err } = await init(cwd, "--from", "compose.yaml");
  expect({ exitCode, out }).toEqual({ exitCode: 0, out: "scenario.yaml\n" });
  expect(err).toContain("No dependency was found");
  expect(err).toContain("`load.target` is a guess");
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics).toEqual([]);
  // There is no second compose file to read.
  expect(plan?.services.map(({ command }) => command.join(" "))).toEqual([
    "docker compose -f compose.yaml up",
  ]);
});

test("files that are there stay as they are without --force", async () => {
  const cwd = folderWith({ "compose.yaml": SHOP, "compose.faultline.yml": "mine" });
  expect(await init(cwd, "--from", "compose.yaml")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("compose.faultline.yml is there already"),
  });
  expect(existsSync(join(cwd, "scenario.yaml"))).toBe(false);
  expect(await init(cwd, "--from", "compose.yaml", "--force")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(cwd, "compose.faultline.yml"), "utf8")).not.toContain("mine");
});

test("what is no compose file is refused with its place, and nothing is written", async () => {
  const bomb = `services: { web: { x: &a0 [1] } }\n${Array.from({ length: 20 }, (_, n) => `x${n}: &a${n + 1} [*a${n}, *a${n}, *a${n}]\n`).join("")}`;
  const cwd = folderWith({
    "none.yaml": "version: '3'\n",
    "list.yaml": "- a\n",
    "broken.yaml": "services:\n  web: { image: 'x\n",
    "form.yaml": "services:\n  web:\n    ports: 80\n",
    "bomb.yaml": bomb,
    "latin.yaml": Buffer.from([0xff, 0xfe, 0x80]),
  });
  mkdirSync(join(cwd, "folder"));
  for (const [file, said] of [
    ["none.yaml", "none.yaml:1:1 is no compose file: it has no `services:`"],
    ["list.yaml", "list.yaml:1:1 is no compose file"],
    ["broken.yaml", "broken.yaml:3:1 is no YAML: Missing closing 'quote\n"],
    ["form.yaml", "form.yaml:3:12 `services.web.ports` has a form that Compose does not know"],
    ["bomb.yaml", "bomb.yaml:1:1 has too many aliases"],
    ["latin.yaml", "is not UTF-8"],
    ["folder", "it is not a file"],
    ["missing.yaml", "missing.yaml does not exist"],
  ] as const) {
    expect(await init(cwd, "--from", file), file).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(said),
    });
  }
  for (const option of ["--dependency", "--run", "--variable"]) {
    expect(await init(cwd, "--from", "none.yaml", option, "x")).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(`${option} is not for --from`),
    });
  }
  expect(existsSync(join(cwd, "scenario.yaml"))).toBe(false);
});

test("a .env that cannot be read is an error, not a guess", async () => {
  const cwd = folderWith({ "compose.yaml": SHOP });
  mkdirSync(join(cwd, ".env"));
  expect(await init(cwd, "--from", "compose.yaml")).toMatchObject({ exitCode: 2 });
});
