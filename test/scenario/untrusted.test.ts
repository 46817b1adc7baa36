import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { findScenarios } from "../../src/scenario/read/find-scenarios.js";
import type { Grants } from "../../src/scenario/read/grants.js";
import { FaultlineError } from "../../src/support/errors.js";
import { folderWith, scenarioText } from "../helpers/scenario-files.js";

const NOTHING: Grants = { env: [], run: [], shell: [], sockets: [], docker: [], folders: [] };

/** Codes and messages of all errors under these grants. */
async function errorsOf(cwd: string, grants: Partial<Grants>, file = "scenario.yaml", env = {}) {
  try {
    const { diagnostics } = await checkAndPlan(file, { env, cwd, untrusted: { ...NOTHING, ...grants } });
    return diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ code, message, help }) => `${code}: ${message} = ${help}`);
  } catch (error) {
    if (error instanceof FaultlineError) return [`${error.code}: ${error.message}`];
    throw error;
  }
}

const written = (text: string) => folderWith({ "scenario.yaml": text });

test("services start only when they are named, a shell only when that is", async () => {
  const cwd = written(
    scenarioText("services: { plain: { run: node a.js }, wild: { run: node b.js | cat, shell: true } }"),
  );
  expect(await errorsOf(cwd, {})).toEqual([
    expect.stringMatching(/^untrusted: .* starts nothing = .* --allow-run plain\.$/),
    expect.stringMatching(/^untrusted: .* gets no shell = .* --allow-shell wild\.$/),
  ]);
  expect(await errorsOf(cwd, { run: ["plain", "wild"] })).toHaveLength(1);
  expect(await errorsOf(cwd, { run: ["plain"], shell: ["wild"] })).toEqual([]);
});

test("the command of a signal starts only when it is named", async () => {
  const cwd = written(
    scenarioText("signals: { plain: { run: depth a }, wild: { run: depth | tail, shell: true, cwd: .. } }"),
  );
  expect(await errorsOf(cwd, {})).toEqual([
    expect.stringMatching(/^untrusted: .* starts nothing = .* --allow-run plain\.$/),
    expect.stringMatching(/^untrusted: .* gets no shell = .* --allow-shell wild\.$/),
    expect.stringMatching(/^untrusted: cannot run in \.\.: .*--allow-read DIR\.$/),
  ]);
  expect(await errorsOf(cwd, { run: ["plain"], shell: ["wild"] })).toHaveLength(1);
});

test("the environment holds only what is named; a default counts for the rest", async () => {
  const cwd = written(scenarioText("hypothesis: ${env.TOKEN:-none} ${env.OTHER}"));
  const env = { TOKEN: "secret-token", OTHER: "other-secret" };
  expect(await errorsOf(cwd, {}, "scenario.yaml", env)).toEqual([
    "template: the environment has no OTHER = A scenario that is not trusted gets what the command line names: --allow-env OTHER.",
  ]);
  const { plan } = await checkAndPlan("scenario.yaml", {
    env,
    cwd,
    untrusted: { ...NOTHING, env: ["OTHER"] },
  });
  expect(plan?.hypothesis).toBe("none other-secret");
  expect(plan?.serviceEnv).toEqual(["OTHER"]);
});

test("hosts that it allows itself do not count, those of the command line do", async () => {
  const cwd = written(scenarioText("allowHosts: [staging.test]").replace("127.0.0.1:3000", "staging.test"));
  expect(await errorsOf(cwd, {})).toEqual([
    "host-not-allowed: staging.test is not this machine = If it may be loaded and disturbed, allow it: --allow-host staging.test.",
  ]);
  const { diagnostics } = await checkAndPlan("scenario.yaml", {
    env: {},
    cwd,
    untrusted: NOTHING,
    allowHosts: ["staging.test"],
  });
  expect(diagnostics).toEqual([]);
});

test("a unix socket is loaded only when it is named, by whatever path", async () => {
  const cwd = written(scenarioText("", "  rate: 100/s\n  socket: run/shop.sock"));
  mkdirSync(join(cwd, "run"));
  symlinkSync(join(cwd, "run"), join(cwd, "other"));
  expect(await errorsOf(cwd, {})).toEqual([
    expect.stringMatching(/^untrusted: .*--allow-socket run\/shop\.sock/),
  ]);
  expect(await errorsOf(cwd, { sockets: ["run/other.sock"] })).toHaveLength(1);
  expect(await errorsOf(cwd, { sockets: ["./run/shop.sock"] })).toEqual([]);
});

test("nothing outside its folder is read, by whichever key and through whichever link", async () => {
  const outside = folderWith({ "part.yaml": "slos: [p99 < 5s]\n", "d.csv": "id\n1\n", "ca.pem": "x" });
  const cwd = folderWith({ "in.yaml": "slos: [p99 < 5s]\n" });
  symlinkSync(join(outside, "part.yaml"), join(cwd, "link.yaml"));
  symlinkSync(outside, join(cwd, "folder"));
  const places = [
    `include: ${join(outside, "part.yaml")}`,
    "include: link.yaml",
    "extends: folder/part.yaml",
    `include: ${join(cwd, "..", "no-such-file.yaml")}`,
    "services: { a: { run: node x, cwd: folder } }",
  ].map((more) => scenarioText(more));
  const files = [`data: { f: { file: folder/d.csv } }`, "tls: { ca: folder/ca.pem }"].map((more) =>
    scenarioText("", `  rate: 100/s\n  ${more}`),
  );
  const upstream = scenarioText().replace(
    / {2}cache: .*/,
    '  cache: { protocol: http, listen: "127.0.0.1:1", upstream: "https://localhost", tls: { ca: folder/ca.pem } }',
  );
  for (const text of [...places, ...files, upstream]) {
    writeFileSync(join(cwd, "scenario.yaml"), text);
    const errors = await errorsOf(cwd, { run: ["a"] });
    expect(errors.join("\n")).toMatch(/outside the folder of the scenario|does not exist/);
  }
  writeFileSync(join(cwd, "scenario.yaml"), scenarioText("include: [in.yaml, link.yaml]"));
  expect(await errorsOf(cwd, { folders: [outside] })).toEqual([]);
});

test("a link, or a folder that is one, is no way out for the scenario itself", async () => {
  const outside = folderWith({ "scenario.yaml": scenarioText() });
  const cwd = mkdtempSync(join(tmpdir(), "faultline-scenario-"));
  symlinkSync(join(outside, "scenario.yaml"), join(cwd, "link.yaml"));
  symlinkSync(outside, join(cwd, "folder"));
  expect(await errorsOf(cwd, {}, "link.yaml")).toEqual([
    expect.stringMatching(/^FILE_UNREADABLE: .*outside/),
  ]);
  expect(await errorsOf(cwd, {}, "folder/scenario.yaml")).toEqual([
    expect.stringMatching(/^FILE_UNREADABLE: .*leads out of the current folder/),
  ]);
  // In a folder that is validated as a whole, a link is neither read nor passed over.
  expect(await findScenarios(["."], cwd, { isTrusted: false })).toEqual(["link.yaml"]);
});

test("faults act on the containers that are named, with their project, and on no other", async () => {
  const cwd = written(
    scenarioText(`  - { name: a, docker: { service: cache, pause: true } }
  - { name: b, docker: { container: x, pause: true } }
docker: { project: shop }`),
  );
  expect(await errorsOf(cwd, { docker: ["cache"] })).toEqual([
    expect.stringMatching(/^untrusted: .*does nothing to `shop\/cache`.*--allow-docker shop\/cache\.$/),
    expect.stringMatching(/^untrusted: .*does nothing to `container:x`.*--allow-docker container:x\.$/),
  ]);
  expect(await errorsOf(cwd, { docker: ["shop/cache", "container:x"] })).toEqual([]);
  // A compose service is no Swarm service of the same name, and no container.
  const swarm = written(scenarioText("  - { name: a, docker: { swarm: api, scale: 10000 } }"));
  expect(await errorsOf(swarm, { docker: ["api", "container:api"] })).toHaveLength(1);
  expect(await errorsOf(swarm, { docker: ["swarm:api"] })).toEqual([]);
});

test("a stranger chooses no Docker engine on TCP, not even one on this machine", async () => {
  const host = "tcp://127.0.0.1:2375";
  const cwd = written(
    scenarioText(`  - { name: a, docker: { service: cache, pause: true } }\ndocker: { host: "${host}" }`),
  );
  expect(await errorsOf(cwd, { docker: ["cache"] })).toEqual([
    expect.stringMatching(/^untrusted: .*gets no Docker engine of its own = .*--allow-host 127\.0\.0\.1\.$/),
  ]);
  const { diagnostics } = await checkAndPlan("scenario.yaml", {
    env: {},
    cwd,
    allowHosts: ["127.0.0.1"],
    untrusted: { ...NOTHING, docker: ["cache"] },
  });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("faults act in a cluster only where the command line lets them, and the scenario does not choose the cluster", async () => {
  const where = "namespaces: [shop], nodes: [worker-1]";
  const cwd = written(scenarioText(`kubernetes: { ${where} }`));
  expect(await errorsOf(cwd, {})).toEqual([
    expect.stringMatching(/no fault or load in the namespace `shop` = .* --allow-kubernetes shop\.$/),
    expect.stringMatching(/no fault on the node `worker-1` = .* --allow-kubernetes node\/worker-1\.$/),
  ]);
  expect(await errorsOf(cwd, { kubernetes: ["shop", "worker-1"] })).toHaveLength(1);
  const granted = { kubernetes: ["shop", "node/worker-1"] };
  expect(await errorsOf(cwd, granted)).toEqual([]);
  const choosing = written(scenarioText(`kubernetes: { context: prod, ${where} }`));
  expect(await errorsOf(choosing, granted)).toEqual([expect.stringMatching(/does not choose the cluster/)]);
});

test("a body comes from the folder of the scenario alone", async () => {
  const load = "  rate: 1/s\n  requests:\n";
  const upload = (file: string) =>
    `${load}    - { method: POST, path: /, multipart: [{ name: a, file: ${file} }] }\n    - { name: b, method: PUT, path: /, body: { file: ${file} } }`;
  const outside = folderWith({ "key.pem": "secret" });
  const cwd = folderWith({ "own.png": "x", "scenario.yaml": scenarioText("", upload("own.png")) });
  symlinkSync(join(outside, "key.pem"), join(cwd, "link.png"));
  expect(await errorsOf(cwd, {})).toEqual([]);
  for (const file of [join(outside, "key.pem"), "link.png", "/proc/self/environ"]) {
    writeFileSync(join(cwd, "scenario.yaml"), scenarioText("", upload(file)));
    const errors = await errorsOf(cwd, {});
    expect(errors).toHaveLength(2);
    for (const error of errors)
      expect(error).toMatch(/it is outside the folder of the scenario, which is not trusted/);
  }
});
