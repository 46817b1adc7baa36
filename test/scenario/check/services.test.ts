import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import { dryRunText } from "../../../src/plan/dry-run-text.js";
import { checkText, folderWith, scenarioText } from "../../helpers/scenario-files.js";

/** Lines of `services:`. They begin at line 12 of the file. */
const withServices = (lines: string) => scenarioText(`services:\n${lines}`);

async function problems(lines: string) {
  const { diagnostics } = await checkText(withServices(lines));
  return diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test("services start behind those that they come after, and else as they are written", async () => {
  const { plan } = await checkText(
    withServices(`
  shop: { run: node shop.js, after: [db, cache] }
  worker: { run: node worker.js }
  cache: { run: redis-server }
  db: { run: postgres, after: disk }
  disk: { run: minio }`),
  );
  expect(plan?.services.map(({ name }) => name)).toEqual(["disk", "db", "cache", "shop", "worker"]);
});

test("`after` names other services, and leads to no circle", async () => {
  expect(await problems("  shop: { run: a, after: [databse] }\n  database: { run: b }")).toEqual([
    "12:27 no service `databse`; did you mean `database`?",
  ]);
  expect(await problems("  shop: { run: a, after: shop }")).toEqual(["12:26 `shop` waits for itself"]);
  expect(
    await problems(
      "  a: { run: x, after: [b] }\n  b: { run: x, after: [d, c] }\n  c: { run: x, after: a }\n  d: { run: x, after: c }\n  e: { run: x, after: a }",
    ),
  ).toEqual([expect.stringMatching(/^12:24 these wait for each other: a → b → (d → )?c → a$/)]);
  expect(await problems("  shop: { run: a, depends_on: [db] }\n  db: { run: b }")).toEqual([
    expect.stringMatching(/^12:19 unknown key `depends_on` in services\.shop; .*`after`/),
  ]);
});

test("commands are split as `run` is, unless a shell reads them", async () => {
  const { plan } = await checkText(
    withServices(`
  db:
    run: postgres
    prepare: ["createdb 'the shop'", [psql, -c, "select 1; -- x"], "psql -f \${env.FILE}"]
    cleanup: dropdb shop
    commandTimeout: 5s
    ready: { command: "pg_isready -q -p \${env.PG_PORT}", log: "ready|listening" }
  shop: { run: "node a.js | cat", shell: true, prepare: ["a | b", "c && d"], cleanup: "e; f", ready: { command: "g | h" } }`),
    { env: { FILE: "two words.sql", PG_PORT: "54 32" } },
  );
  expect(plan?.services).toMatchObject([
    {
      prepare: [
        ["createdb", "the shop"],
        ["psql", "-c", "select 1; -- x"],
        ["psql", "-f", "two words.sql"],
      ],
      cleanup: [["dropdb", "shop"]],
      commandTimeoutMs: 5_000,
      ready: null,
      readyLog: "ready|listening",
      readyCommand: ["pg_isready", "-q", "-p", "54 32"],
    },
    { prepare: [["a | b"], ["c && d"]], cleanup: [["e; f"]], readyCommand: ["g | h"] },
  ]);
});

test.each([
  ["  shop: { run: a, prepare: [a | b] }", "12:29 `|` works in a shell only"],
  ["  shop: { run: a, ready: { command: a > b } }", "12:37 `>` works in a shell only"],
  ["  shop: { run: a, shell: true, cleanup: [[a, b]] }", "12:42 with `shell: true` a command is one text"],
  ["  shop: { run: a, ready: { log: '(?i)up' } }", "12:33 not a regular expression: Invalid group"],
  ["  shop: { run: a, ready: {} }", /^12:19 .*expected http.*, or a map with `url`, `log` or `command`/],
  ["  shop: { run: a, ready: { file: x } }", "12:28 unknown key `file` in services.shop.ready"],
  [
    "  shop: { run: a, ready: { url: 127.0.0.1 } }",
    "12:33 expected http://…, https://…, grpc://host:port, tcp://host:port or k8s://NAMESPACE/KIND/NAME",
  ],
  ["  shop: { run: a, ready: { url: 'http://example.com' } }", "12:33 example.com is not this machine"],
  [
    "  shop: { run: a, commandTimeout: 5s }",
    "12:19 `commandTimeout` is for `prepare` and `cleanup`, and neither is there",
  ],
  ["  shop: { run: a, commandTimeout: 0s, prepare: b }", /^12:35 .*expected a duration longer than 0/],
  ["  shop: { run: a, ready: 'tcp://127.0.0.1:80/${run.dir}' }", "12:46 `${run.dir}` cannot stand here"],
  ["  shop: { run: a, cwd: '${run.dir}' }", "12:25 `${run.dir}` cannot stand here"],
  ["  shop: { run: 'a ${run.folder}' }", "12:19 expected `${run.dir}`"],
])("%s is refused with its place", async (lines, problem) => {
  const found = await problems(lines);
  expect(found).toEqual([
    typeof problem === "string" ? expect.stringContaining(problem) : expect.stringMatching(problem),
  ]);
});

test("the run's folder may stand in commands and in the environment; a variable may be called run", async () => {
  const { plan, diagnostics } = await checkText(
    withServices(`
  db:
    run: "postgres -D \${run.dir}/\${run}"
    prepare: ["initdb \${run.dir}/db"]
    cleanup: ["ls \${run.dir}"]
    env: { PGDATA: "\${run.dir}/db" }
    ready: { command: "test -e \${run.dir}/up" }
vars: { run: data }`),
  );
  expect(diagnostics).toEqual([]);
  expect(plan?.services[0]?.command).toEqual(["postgres", "-D", "${run.dir}/data"]);
});

const ENV_FILES = "  shop: { run: node a.js, envFile: [base.env, own.env], env: { PORT: 1, HOST: a } }";

test("variables come from files: a later file wins, and `env` wins over all", async () => {
  const cwd = folderWith({
    "scenario.yaml": withServices(ENV_FILES),
    "base.env": "PORT=0\nREGION=eu\nTEMPLATE=${services.x.port}\nA=base\n",
    "own.env": "A=own\nDB_PASSWORD=hunter2-hunter2\nURL=postgres://shop:p4ssw0rd@db/shop\n",
  });
  const { plan } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(plan?.services[0]?.env).toMatchObject({ PORT: "1", HOST: "a", REGION: "eu", A: "own" });
  // As written, when the run fills in its own values.
  expect(plan?.services[0]?.env.TEMPLATE).toBe("$${services.x.port}");
  expect(plan?.secrets).toEqual(["hunter2-hunter2", "p4ssw0rd"]);
});

test("a file that is missing or malformed is told at the key that names it, without its content", async () => {
  const files = { "scenario.yaml": withServices(ENV_FILES), "own.env": "A=1\nhunter2" };
  const { diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd: folderWith(files) });
  expect(diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    "12:37 cannot read base.env: it does not exist",
    "12:47 own.env line 2 is not NAME=value",
  ]);
  expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
});

test("a scenario that is not trusted reads files of its own folder only", async () => {
  const outside = folderWith({ "secret.env": "TOKEN=hunter2" });
  const cwd = folderWith({ "scenario.yaml": withServices(ENV_FILES), "own.env": "A=1" });
  symlinkSync(join(outside, "secret.env"), join(cwd, "base.env"));
  const errors = async (folders: readonly string[]) => {
    const untrusted = { env: [], run: ["shop"], shell: [], sockets: [], docker: [], folders };
    const { diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd, untrusted });
    return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  };
  expect(await errors([])).toEqual([
    "cannot read base.env: it is outside the folder of the scenario, which is not trusted",
  ]);
  expect(await errors([outside])).toEqual([]);
});

test("all commands of a service need the leave that its `run` needs", async () => {
  const lines = "  shop: { run: a, prepare: b, cleanup: c, ready: { command: d } }";
  const untrusted = { env: [], run: [], shell: [], sockets: [], docker: [], folders: [] };
  const { diagnostics } = await checkText(withServices(lines), { untrusted });
  expect(diagnostics.map(({ code }) => code)).toEqual(["untrusted"]);
});

test("a dry run shows the order, the commands and what is waited for", async () => {
  const { plan } = await checkText(
    withServices(
      "  shop: { run: node a.js, after: db, prepare: node migrate.js }\n  db: { run: postgres, ready: { log: up, command: pg_isready }, cleanup: [rm x] }",
    ),
  );
  if (!plan) throw new Error("no plan");
  expect(dryRunText(plan)).toContain(
    'Service db: postgres, ready when it prints "up" and when `pg_isready` exits with 0\n  cleanup  rm x\nService shop: node a.js\n  prepare  node migrate.js\n',
  );
});

test("files are not read through what is no file", async () => {
  const cwd = folderWith({ "scenario.yaml": withServices("  shop: { run: a, envFile: /dev/zero }") });
  const { diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringContaining("cannot read /dev/zero"),
  ]);
});
