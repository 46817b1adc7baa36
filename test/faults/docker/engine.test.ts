import { chmodSync, copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { engineAccess } from "../../../src/faults/docker/client/engine-access.js";
import { answersAt } from "../../../src/faults/docker/driver.js";
import type { DriverContext } from "../../../src/faults/fault-driver.js";
import { undoEntries } from "../../../src/faults/undo-entries.js";
import { onTestFinished, testAtOnce as test } from "../../helpers/at-once.js";
import { DockerDouble, type DockerDoubleOptions, type Trouble } from "../../helpers/docker/docker-double.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";
import { ofCompose } from "../../helpers/docker/double-container.js";

const PAUSE = dockerActions({ service: "cache", pause: true });

async function problemAt(host: string, changes: Partial<DriverContext> = {}): Promise<string> {
  const error = await dockerFaults(host, PAUSE, changes).then(
    () => null,
    (thrown) => thrown,
  );
  return error === null ? "none" : `${error.code}: ${error.message}`;
}

async function problemWith(trouble: Trouble, options: DockerDoubleOptions = {}): Promise<string> {
  const double = await DockerDouble.start({ containers: [ofCompose("shop", "cache")], ...options });
  double.troubles.push(trouble);
  return (await problemAt(double.host)).replace(double.host, "HOST");
}

test("no engine", async () => {
  expect(await problemAt("unix:///tmp/faultline-no-such.sock")).toBe(
    "DOCKER_UNREACHABLE: the Docker engine at unix:///tmp/faultline-no-such.sock cannot be asked: there is no such socket",
  );
  expect(await problemAt("tcp://127.0.0.1:1")).toBe(
    "DOCKER_UNREACHABLE: the Docker engine at tcp://127.0.0.1:1 cannot be asked: nothing listens there",
  );
});

test("an address that is not understood, and one of another machine", async () => {
  expect(await problemAt("ssh://me@host")).toMatch(
    /^USAGE: .*"ssh:\/\/me@host", is not understood\. ssh:\/\/ is not spoken/,
  );
  const remote = "tcp://engine.test:2375";
  expect(await problemAt(remote)).toBe(
    "HOST_NOT_ALLOWED: the Docker engine is at tcp://engine.test:2375, and engine.test is not this machine",
  );
  // From the environment, too.
  expect(await problemAt("", { docker: null, env: { DOCKER_HOST: remote } })).toContain("HOST_NOT_ALLOWED");
  expect(await problemAt(remote, { allowedHosts: ["engine.test"] })).toContain("DOCKER_UNREACHABLE");
});

test("a socket that this user may not use", async () => {
  // root may use any.
  if (process.getuid?.() === 0) return;
  const double = await DockerDouble.start();
  chmodSync(double.host.replace("unix://", ""), 0o000);
  expect(await problemAt(double.host)).toContain("this user may not use the socket");
});

test("an engine that takes connections and answers nothing", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "faultline-docker-")), "docker.sock");
  const server = createServer(() => {}).listen(path);
  onTestFinished(() => void server.close());
  const beganMs = Date.now();
  expect(await problemAt(`unix://${path}`)).toMatch(/^DOCKER_UNREACHABLE: .*: no whole answer after 5 s$/);
  expect(Date.now() - beganMs).toBeLessThan(9_000);
});

test("an answer that ends in the middle", async () => {
  expect(await problemWith({ at: /json$/, does: "cut" })).toBe(
    "DOCKER_UNREACHABLE: the Docker engine at HOST cannot be asked: the connection was closed before the answer was whole",
  );
});

test("something else that answers there", async () => {
  expect(await problemWith({ at: /version/, does: "page" })).toBe(
    "DOCKER_UNREACHABLE: the Docker engine at HOST cannot be asked: its answer to GET /version is none of a Docker engine (502)",
  );
  expect(await problemWith({ at: /json$/, does: { status: 200, message: "hello" } })).toBe(
    "DOCKER_UNREACHABLE: the Docker engine at HOST cannot be asked: what it says is not the list of containers",
  );
});

test("an engine that answers a deed with a word, as Podman's does", async () => {
  const double = await DockerDouble.start({ containers: [ofCompose("shop", "cache")] });
  double.troubles.push({ at: /^POST/, does: "ok" });
  const actions = dockerActions({ service: "cache", disconnect: true });
  const { faults } = await dockerFaults(double.host, actions);
  await faults.inject(actions);
  expect((await faults.prove()).proven).toBe(true);
  await faults.clear();
  expect(Object.keys(double.container("shop-cache-1").networks)).toEqual(["shop_default"]);
});

test("an engine, or what stands before it, that refuses", async () => {
  expect(await problemWith({ at: /json$/, does: { status: 500, message: "no space\nleft" } })).toBe(
    "DOCKER_REFUSED: the Docker engine refuses GET /containers/json: no space left (500)",
  );
  expect(
    await problemWith({ at: /json$/, does: { status: 403, message: "authorization denied by plugin" } }),
  ).toContain(
    "DOCKER_REFUSED: the Docker engine refuses GET /containers/json: authorization denied by plugin (403)",
  );
});

test("an engine that is too old, and ones that are old or new", async () => {
  const of = (api: string, leastApi: string) =>
    DockerDouble.start({ containers: [ofCompose("shop", "cache")], api, leastApi });
  const old = await of("1.39", "1.12");
  expect(await problemAt(old.host)).toMatch(
    /^DOCKER_REFUSED: the Docker engine at .* speaks version 1\.39 of its API at most; 1\.40 \(Docker 19\.03\) or a later one is needed$/,
  );
  for (const [api, leastApi] of [
    ["1.40", "1.12"],
    ["1.47", "1.24"],
    ["1.55", "1.44"],
    ["1.60", "1.55"],
  ] as const) {
    const double = await of(api, leastApi);
    const { faults } = await dockerFaults(double.host, PAUSE);
    await faults.inject(PAUSE);
    expect(double.container("shop-cache-1").state).toBe("paused");
    await faults.clear();
    expect(double.strayed).toEqual([]);
  }
});

test("an engine on TCP", async () => {
  const double = await DockerDouble.start({ containers: [ofCompose("shop", "cache")], tcp: true });
  const { faults } = await dockerFaults(double.host, PAUSE);
  await faults.inject(PAUSE);
  expect(double.container("shop-cache-1").state).toBe("paused");
});

test("an engine on TLS that wants a certificate of its clients, as Docker's own variables say", async () => {
  const file = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "faultline-certs-"));
  for (const [own, name] of Object.entries({ ca: "ca.pem", cert: "client.pem", key: "client.key" }))
    copyFileSync(file(name), join(folder, `${own}.pem`));
  const pem = (name: string) => readFileSync(file(name));
  const double = await DockerDouble.start({
    containers: [ofCompose("shop", "cache")],
    tls: { key: pem("server.key"), cert: pem("server.pem"), ca: pem("ca.pem"), requestCert: true },
  });
  const env = { DOCKER_HOST: double.host, DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: "1" };
  const { faults, entries } = await dockerFaults("", PAUSE, { docker: null, env });
  await faults.inject(PAUSE);
  expect(double.container("shop-cache-1").state).toBe("paused");
  // Another process finds the certificates by their folder. No key is written down.
  expect(JSON.stringify(entries)).not.toContain("PRIVATE");
  const { did } = await undoEntries(entries, { dryRun: false });
  expect(did).toEqual(['let container "shop-cache-1" go on']);
  expect(await problemAt("", { docker: null, env: { DOCKER_HOST: double.host } })).toContain(
    "DOCKER_UNREACHABLE",
  );
});

test("certificates that are not there are named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-certs-"));
  writeFileSync(join(folder, "ca.pem"), "");
  const env = { DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: "1" };
  expect(await problemAt("tcp://127.0.0.1:2376", { env })).toMatch(
    /^DOCKER_UNREACHABLE: the certificate of the Docker client cannot be read: .*cert\.pem/,
  );
});

test("a key that cannot be read is named with its folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-certs-"));
  for (const name of ["ca", "cert", "key"]) writeFileSync(join(folder, `${name}.pem`), "no PEM");
  const env = { DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: "1" };
  const problem = await problemAt("tcp://127.0.0.1:2376", { env });
  expect(problem).toContain(
    "DOCKER_UNREACHABLE: the Docker engine at tcp://127.0.0.1:2376 cannot be asked: ",
  );
  expect(problem).toContain(`the certificates in ${folder} cannot be used: `);
});

test("a context of Docker's own client is not read, and not passed over", async () => {
  const env = { DOCKER_CONTEXT: "staging" };
  const refused = (changes: object) =>
    dockerFaults("", PAUSE, { docker: null, ...changes }).catch(({ code, message }) => `${code}: ${message}`);
  expect(await refused({ env })).toMatch(
    /^USAGE: DOCKER_CONTEXT names "staging", and contexts are not read\./,
  );
  const host = "unix:///tmp/faultline-no-such.sock";
  expect(await refused({ env: { ...env, DOCKER_HOST: host } })).toMatch(/^DOCKER_UNREACHABLE/);
});

test("the certificate of an engine is checked wherever no folder of certificates is given, and by its absolute path", async () => {
  expect(engineAccess("https://engine.test", {})).toMatchObject({ certs: null, verify: true });
  const access = engineAccess(null, { DOCKER_CERT_PATH: "certs" });
  expect(access).toMatchObject({ certs: resolve("certs"), verify: false });
});

test("a published port is one of the engine's machine", async () => {
  const published = [{ host: "0.0.0.0", port: 6379 }];
  const container = { name: "cache", networks: {}, published };
  expect(answersAt(container, "127.0.0.1:6379", null)).toBe(true);
  expect(answersAt(container, "127.0.0.1:6379", "127.0.0.1")).toBe(true);
  expect(answersAt(container, "127.0.0.1:6379", "engine.test")).toBe(false);
  expect(answersAt(container, "engine.test:6379", "engine.test")).toBe(true);
});

test("a deed whose answer is lost is undone all the same", async () => {
  const double = await DockerDouble.start({ containers: [ofCompose("shop", "cache")] });
  double.troubles.push({ at: /\/pause$/, does: "cut", carriesOut: true });
  const { faults } = await dockerFaults(double.host, PAUSE);
  await expect(faults.inject(PAUSE)).rejects.toMatchObject({ code: "DOCKER_UNREACHABLE" });
  expect(double.changes.map((change) => change.split("/").at(-1))).toEqual(["pause", "unpause"]);
  expect(double.container("shop-cache-1").state).toBe("running");
});

test("an engine that cannot be asked in the fault proves nothing, and what it holds is told", async () => {
  const double = await DockerDouble.start({ containers: [ofCompose("shop", "cache")] });
  const { faults } = await dockerFaults(double.host, PAUSE);
  await faults.inject(PAUSE);
  double.troubles.push({ at: /./, does: { status: 500, message: "shutting down" } });
  const { proven, explanation } = await faults.prove();
  expect(proven).toBe(false);
  expect(explanation).toMatch(
    /^shop-cache-1 could not be looked at in the end: the engine did not answer \d+ of \d+ looks$/,
  );
  await expect(faults.clear()).rejects.toThrow("shutting down");
  double.troubles.length = 0;
  // What could not be undone is tried once more at the end.
  await faults.close();
  expect(double.container("shop-cache-1").state).toBe("running");
});
