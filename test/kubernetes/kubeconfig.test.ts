import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { ExecPlugin } from "../../src/kubernetes/access/exec-plugin.js";
import { findAccess, refuseElsewhere } from "../../src/kubernetes/access/find-access.js";
import { Cluster } from "../../src/kubernetes/cluster.js";
import { POD } from "../../src/kubernetes/objects.js";
import { ClusterProblem } from "../../src/kubernetes/problem.js";
import { FaultlineError } from "../../src/support/errors.js";
import { startOf } from "../../src/support/processes/process-table.js";

const folder = () => mkdtempSync(join(tmpdir(), "faultline-kubeconfig-"));
const base64 = (text: string) => Buffer.from(text).toString("base64");

interface Parts {
  readonly context?: Record<string, unknown>;
  readonly cluster?: Record<string, unknown>;
  readonly user?: Record<string, unknown>;
}

function config(
  name: string,
  { context = {}, cluster = {}, user = {} }: Parts = {},
): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    clusters: [{ name, cluster: { server: `https://127.0.0.1:6443/${name}`, ...cluster } }],
    users: [{ name, user }],
  };
}

function write(value: unknown, name = "config", into = folder()): string {
  const file = join(into, name);
  writeFileSync(file, typeof value === "string" ? value : stringify(value));
  return file;
}

const open = (file: string, context: string | null = null, env: Record<string, string> = {}) =>
  findAccess({
    context,
    env: { PATH: process.env.PATH ?? "", ...env, KUBECONFIG: file },
    cwd: "/",
    files: null,
  });

async function whyNot(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error("it was no error"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClusterProblem);
  expect((error as ClusterProblem).code).toBe("KUBECONFIG_INVALID");
  return (error as ClusterProblem).message;
}

test("several files are one: the first that has a name decides, and files that are not there are passed over", async () => {
  const into = folder();
  const one = write(config("kind-shop"), "one", into);
  const other = write(
    { ...config("kind-shop", { cluster: { server: "https://127.0.0.1:1/other" } }), "current-context": "x" },
    "two",
    into,
  );
  const staging = write(config("staging"), "three", into);
  const files = [join(into, "missing"), one, other, staging].join(":");
  const access = await open(files);
  expect([access.context, access.server.href]).toEqual(["kind-shop", "https://127.0.0.1:6443/kind-shop"]);
  expect((await open(files, "staging")).server.href).toBe("https://127.0.0.1:6443/staging");
  expect(access.files).toEqual([one, other, staging]);
});

test("certificates are read inline, or from files that are relative to their kubeconfig", async () => {
  const into = folder();
  mkdirSync(join(into, "pki"));
  for (const name of ["ca", "cert", "key"]) writeFileSync(join(into, "pki", name), `${name} of a file`);
  const byFile = await open(
    write(
      config("a", {
        cluster: { "certificate-authority": "pki/ca", "tls-server-name": "api.test" },
        user: { "client-certificate": "pki/cert", "client-key": "pki/key" },
      }),
      "config",
      into,
    ),
  );
  expect([byFile.ca, byFile.servername]).toEqual(["ca of a file", "api.test"]);
  expect(await byFile.credentials.get(false)).toEqual({
    cert: "cert of a file",
    key: "key of a file",
    headers: {},
  });
  const inline = await open(
    write(
      config("a", {
        cluster: { "certificate-authority-data": base64("ca"), "certificate-authority": "not/there" },
        user: { "client-certificate-data": base64("cert"), "client-key-data": base64("key") },
      }),
    ),
  );
  expect(inline.ca).toBe("ca");
  expect(await inline.credentials.get(false)).toMatchObject({ cert: "cert", key: "key" });
});

test("a token is sent as it is; one in a file is read again when it was refused", async () => {
  const fixed = await open(
    write(config("a", { user: { token: "t-1", as: "robot", "as-groups": ["a", "b"] } })),
  );
  expect((await fixed.credentials.get(false)).headers).toEqual({
    Authorization: "Bearer t-1",
    "Impersonate-User": "robot",
    "Impersonate-Group": ["a", "b"],
  });
  const into = folder();
  writeFileSync(join(into, "token"), "first\n");
  const { credentials } = await open(write(config("a", { user: { tokenFile: "token" } }), "config", into));
  const header = async (isRefused: boolean) => (await credentials.get(isRefused)).headers.Authorization;
  expect(await header(false)).toBe("Bearer first");
  writeFileSync(join(into, "token"), "second\n");
  expect(await header(false)).toBe("Bearer first");
  expect(await header(true)).toBe("Bearer second");
});

/** A program that prints credentials and counts its runs. */
function plugin(into: string, script: string): Record<string, unknown> {
  writeFileSync(join(into, "plugin.sh"), `#!/bin/sh\necho run >> "${into}/runs"\n${script}\n`, {
    mode: 0o755,
  });
  return {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "./plugin.sh",
      env: [{ name: "WHO", value: "me" }],
    },
  };
}

const credential = (status: unknown) =>
  JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });

test("an exec plug-in is asked once, again when the server refuses what it gave, and again before that ends", async () => {
  const into = folder();
  const inAMinute = new Date(Date.now() + 60_000).toISOString();
  const user = plugin(into, `printf '%s' '${credential({ token: "t", expirationTimestamp: inAMinute })}'`);
  const { credentials } = await open(write(config("a", { user }), "config", into));
  expect((await credentials.get(false)).headers.Authorization).toBe("Bearer t");
  await Promise.all([credentials.get(false), credentials.get(false)]);
  const runs = () => readFileSync(join(into, "runs"), "utf8").trim().split("\n").length;
  expect(runs()).toBe(1);
  await credentials.get(true);
  expect(runs()).toBe(2);

  const long = folder();
  const ended = credential({ token: "t", expirationTimestamp: new Date(Date.now() - 1).toISOString() });
  const short = await open(
    write(config("a", { user: plugin(long, `printf '%s' '${ended}'`) }), "config", long),
  );
  await short.credentials.get(false);
  await short.credentials.get(false);
  expect(readFileSync(join(long, "runs"), "utf8").trim().split("\n")).toHaveLength(2);
});

test("credentials that still hold are given at once while an exec plug-in renews them", async () => {
  const into = folder();
  const until = (token: string, inMs: number) =>
    credential({ token, expirationTimestamp: new Date(Date.now() + inMs).toISOString() });
  const script = `if [ -e again ]; then sleep 2; printf '%s' '${until("new", 3_600_000)}'
else touch again; printf '%s' '${until("old", 25_000)}'; fi`;
  const { exec } = plugin(into, script);
  const context = { env: { PATH: process.env.PATH ?? "" }, cluster: {}, againMs: 0 };
  const source = new ExecPlugin({ value: exec, folder: into }, context);
  const header = async () => (await source.get(false)).headers.Authorization;
  expect(await header()).toBe("Bearer old");
  const fromMs = performance.now();
  // The second one finds the plug-in at work.
  expect([await header(), await header()]).toEqual(["Bearer old", "Bearer old"]);
  expect(performance.now() - fromMs).toBeLessThan(1_000);
  await expect.poll(header, { timeout: 10_000 }).toBe("Bearer new");
  expect(readFileSync(join(into, "runs"), "utf8").trim().split("\n")).toHaveLength(2);
});

test("an exec plug-in that fails, prints nonsense or wants a terminal is said; what it printed is not", async () => {
  const broken = async (script: string) => {
    const into = folder();
    const { credentials } = await open(write(config("a", { user: plugin(into, script) }), "config", into));
    return whyNot(credentials.get(false));
  };
  expect(await broken("echo s3cret; exit 3")).toBe(
    "the `exec` plug-in ./plugin.sh of the kubeconfig gave no credentials: it exited with code 3",
  );
  expect(await broken("echo s3cret")).toMatch(/printed no JSON$/);
  expect(await broken("echo '{\"status\":{}}'")).toMatch(/neither a token nor a client's certificate/);
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-program-here" };
  const missing = await open(write(config("a", { user: { exec } })));
  expect(await whyNot(missing.credentials.get(false))).toContain(
    'there is no program "no-such-program-here"',
  );
  expect(
    await whyNot(open(write(config("a", { user: { exec: { ...exec, interactiveMode: "Always" } } })))),
  ).toContain("terminal");
  expect(
    await whyNot(open(write(config("a", { user: { exec: { ...exec, apiVersion: "v1alpha1" } } })))),
  ).toContain('"v1alpha1"');
});

test("an exec plug-in that hangs is ended, with what it has started", async () => {
  const into = folder();
  const { exec } = plugin(into, `sleep 60 & echo $! > "${into}/child"; wait`);
  const context = { env: { PATH: process.env.PATH ?? "" }, cluster: {}, timeoutMs: 500 };
  const hanging = new ExecPlugin({ value: exec, folder: into }, context);
  const from = performance.now();
  expect(await whyNot(hanging.get(false))).toContain("the command was ended after 0.5 s");
  // Its time, and a second of grace; generous, as the machine may be busy.
  expect(performance.now() - from).toBeLessThan(10_000);
  const child = Number(readFileSync(join(into, "child"), "utf8"));
  await expect.poll(() => startOf(child)).toBe(null);
});

test("an exec plug-in ends with the run, and one that is asked for the undoing after that goes on", async () => {
  const into = folder();
  // The first one ends by force alone, a second later.
  const script = `if [ -e again ]; then printf '%s' '${credential({ token: "t" })}'
else touch again; trap '' TERM; sleep 60 & echo $! > "${into}/child"; wait; fi`;
  const { exec } = plugin(into, script);
  const run = new AbortController();
  const context = { env: { PATH: process.env.PATH ?? "" }, cluster: {}, stopping: run.signal };
  const source = new ExecPlugin({ value: exec, folder: into }, context);
  const asked = whyNot(source.get(false));
  const child = () => Number(readFileSync(join(into, "child"), { encoding: "utf8", flag: "a+" }));
  await expect.poll(child, { timeout: 10_000 }).toBeGreaterThan(0);
  run.abort();
  // What is to be undone at once waits for none that is being ended.
  expect((await source.get(false)).headers.Authorization).toBe("Bearer t");
  expect(await asked).toContain("gave no credentials: the command was stopped");
  await expect.poll(() => startOf(child())).toBe(null);
  await source.end();
});

test("closing a cluster ends the exec plug-in that a request waits for", async () => {
  const into = folder();
  const { exec } = plugin(into, `sleep 60 & echo $! > "${into}/child"; wait`);
  const cluster = new Cluster(await open(write(config("a", { user: { exec } }), "config", into)));
  const asked = whyNot(cluster.serves(POD));
  const child = () => Number(readFileSync(join(into, "child"), { encoding: "utf8", flag: "a+" }));
  await expect.poll(child, { timeout: 10_000 }).toBeGreaterThan(0);
  await cluster.close();
  await expect.poll(() => startOf(child())).toBe(null);
  expect(await asked).toContain("the command was stopped");
});

test("what is wrong with a kubeconfig is said, without its secrets", async () => {
  expect(await whyNot(open(join(folder(), "none")))).toMatch(/^no kubeconfig: there is no file/);
  expect(await whyNot(open(write("users: [{name: a, user: {token: s3cret}"), null))).toMatch(/line \d+/);
  expect(await whyNot(open(write("just a text")))).toMatch(/is no map of keys$/);
  expect(await whyNot(open(write({ ...config("a"), contexts: "x" })))).toMatch(
    /`contexts` in the kubeconfig .* is no list/,
  );
  expect(await whyNot(open(write({ ...config("a"), "current-context": "" })))).toMatch(/no context is named/);
  expect(await whyNot(open(write(config("kind-shop")), "kind-shp"))).toMatch(/did you mean "kind-shop"\?$/);
  expect(await whyNot(open(write(config("a", { context: { user: "b" } }))))).toMatch(
    /names the user "b", which/,
  );
  expect(await whyNot(open(write(config("a", { cluster: { server: "ftp://x" } }))))).toMatch(/no `server`/);
  expect(await whyNot(open(write(config("a", { cluster: { server: "http://10.1.2.3:80" } }))))).toMatch(
    /without TLS/,
  );
  expect(await whyNot(open(write(config("a", { cluster: { "proxy-url": "http://p" } }))))).toMatch(
    /proxy-url/,
  );
  expect(await whyNot(open(write(config("a", { user: { "client-key-data": base64("k") } }))))).toMatch(
    /without its certificate/,
  );
  expect(
    await whyNot(open(write(config("a", { user: { "client-certificate": "no", "client-key": "no" } })))),
  ).toMatch(/cannot read .*no/);
  expect(await whyNot(open(write(config("a", { user: { "auth-provider": { name: "gcp" } } }))))).toMatch(
    /use `exec`/,
  );
});

test("in a pod the service account is taken, when no kubeconfig is there and no context is named", async () => {
  const into = folder();
  writeFileSync(join(into, "token"), "pod-token");
  writeFileSync(join(into, "ca.crt"), "pod ca");
  const env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
  const choice = { context: null, env, cwd: "/", files: null, serviceAccount: into };
  const access = await findAccess(choice);
  expect([access.server.href, access.ca, access.files]).toEqual(["https://10.96.0.1/", "pod ca", null]);
  expect((await access.credentials.get(false)).headers.Authorization).toBe("Bearer pod-token");
  expect(() => refuseElsewhere(access, [])).not.toThrow();
  expect(await whyNot(findAccess({ ...choice, context: "x" }))).toMatch(/^no kubeconfig/);
  expect(await whyNot(findAccess({ ...choice, env: {} }))).toMatch(/no pod with a service account$/);
});

test("a cluster that is not on this machine has to be allowed by its host", async () => {
  const access = await open(write(config("prod", { cluster: { server: "https://api.example.com:6443" } })));
  let refused: unknown;
  try {
    refuseElsewhere(access, []);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(FaultlineError);
  expect(refused).toMatchObject({
    code: "HOST_NOT_ALLOWED",
    message: expect.stringContaining("--allow-host api.example.com"),
  });
  expect(() => refuseElsewhere(access, ["*.example.com"])).not.toThrow();
});

test("a tunnel that ends on this machine is allowed by the host that its certificate is for", async () => {
  const cluster = { server: "https://127.0.0.1:6443", "tls-server-name": "api.prod.example.com" };
  const access = await open(write(config("tunnel", { cluster })));
  expect(() => refuseElsewhere(access, [])).toThrow("--allow-host api.prod.example.com");
  expect(() => refuseElsewhere(access, ["api.prod.example.com"])).not.toThrow();
  const local = await open(
    write(config("kind", { cluster: { ...cluster, "tls-server-name": "localhost" } })),
  );
  expect(() => refuseElsewhere(local, [])).not.toThrow();
});

test("a file with a token wins over a token, and all that says as whom is sent", async () => {
  const into = folder();
  writeFileSync(join(into, "token"), "of-the-file");
  const user = {
    ...{ tokenFile: "token", token: "fixed", as: "robot", "as-uid": "u-1" },
    "as-user-extra": { "example.com/team": ["a", "b"] },
  };
  const access = await open(write(config("a", { user }), "config", into));
  expect((await access.credentials.get(false)).headers).toEqual({
    Authorization: "Bearer of-the-file",
    "Impersonate-User": "robot",
    "Impersonate-Uid": "u-1",
    "Impersonate-Extra-example.com%2Fteam": ["a", "b"],
  });
  const nobody = write(config("a", { user: { "as-uid": "u-1" } }));
  expect(await whyNot(open(nobody))).toContain("without `as`");
});

test("whoever undoes what was done from a pod takes its service account, also beside a kubeconfig", async () => {
  const into = folder();
  writeFileSync(join(into, "token"), "pod-token");
  writeFileSync(join(into, "ca.crt"), "pod ca");
  const env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBECONFIG: write(config("other")) };
  const choice = { context: null, env, cwd: "/", files: null, serviceAccount: into };
  expect((await findAccess(choice)).context).toBe("other");
  expect((await findAccess({ ...choice, isPod: true })).server.href).toBe("https://10.96.0.1/");
});
