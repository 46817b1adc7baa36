import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { Report } from "../../src/analysis/document/report.js";
import { DEPLOYMENT, fieldAt, LEASE, NETWORK_POLICY, POD } from "../../src/kubernetes/objects.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { hasProgram } from "../helpers/has-program.js";
import { killRun } from "../helpers/kill/kill-run.js";
import { type ApiDouble, startApiDouble } from "../helpers/kubernetes/api-double.js";
import { isReady } from "../helpers/kubernetes/controllers.js";
import { PodFront } from "../helpers/kubernetes/pod-front.js";
import { deployment } from "../helpers/kubernetes/workloads.js";
import { runProgram } from "../helpers/validators.js";

interface Surroundings {
  readonly double: ApiDouble;
  readonly folder: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const SECRET = "t0ken-of-the-cluster";

async function surroundings(
  faults: readonly object[],
  phases: object = {},
  enforces = false,
): Promise<Surroundings> {
  const folder = await temporaryFolder();
  const double = await startApiDouble({ tls: true, token: SECRET, podMs: 300 });
  onTestFinished(() => double.close());
  double.put(DEPLOYMENT, deployment("cart", 2));
  while (double.store.list(POD, "shop").filter(isReady).length < 2) await sleep(20);
  const front = await PodFront.start(double, "cart", { enforces });
  onTestFinished(() => front.close());
  const scenario = {
    faultline: 1,
    name: "Cart in a cluster",
    evidence: "observed",
    kubernetes: { context: "test", namespaces: ["shop"] },
    load: { target: front.url, rate: "100/s" },
    phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s", ...phases },
    slos: ["availability >= 99%"],
    faults,
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  return {
    double,
    folder,
    file,
    env: { KUBECONFIG: double.kubeconfig, FAULTLINE_STATE_DIR: join(folder, "state") },
  };
}

const toZero = { name: "cart gone", kubernetes: { namespace: "shop", deployment: "cart", scale: 0 } };
const onePod = { name: "a pod dies", kubernetes: { namespace: "shop", pods: "app=cart", kill: 1 } };
const cutOff = {
  name: "cart cut off",
  kubernetes: { namespace: "shop", pods: "app=cart", isolate: "ingress" },
};
const replicas = (double: ApiDouble) => fieldAt(double.get(DEPLOYMENT, "shop", "cart"), ["spec", "replicas"]);

testAtOnce(
  "a run kills a pod, scales to zero and cuts off, judges each, and leaves the cluster as it was",
  async ({ expect }) => {
    const { double, folder, file, env } = await surroundings([onePod, toZero, cutOff]);
    const { code, stdout, stderr } = await faultline(
      ["run", file, "--json", "--out", join(folder, "reports")],
      { env, cwd: folder },
    );
    const report: Report = JSON.parse(stdout);
    const verdicts = report.faults.map(({ name, verdict }) => [name, verdict]);
    // The double's network enforces no policy: it held, and nobody has seen that the traffic met the fault.
    expect(verdicts, stderr).toEqual([
      ["a pod dies", "pass"],
      ["cart gone", "fail"],
      ["cart cut off", "inconclusive"],
    ]);
    expect(code).toBe(1);
    const [loss, gone, cut] = report.faults;
    expect(loss?.injection.description).toBe("1 pod (app=cart) in shop killed");
    expect(loss?.findings[0]).toMatch(
      /^Pods app=cart in shop had 1 of 2 ready pods killed, and as many were ready again after/,
    );
    expect(gone?.injection.explanation).toMatch(/^deployment shop\/cart was scaled from 2 to 0, which took /);
    expect(cut?.reason).toContain("whether the cluster's network enforces it, only traffic shows");
    expect([
      replicas(double),
      double.store.list(LEASE, null),
      double.store.list(NETWORK_POLICY, null),
    ]).toEqual([2, [], []]);
    expect(`${stdout}${stderr}`).not.toContain(SECRET);
  },
);

testAtOnce("a policy that is enforced breaks the SLO", async ({ expect }) => {
  const { folder, file, env } = await surroundings([cutOff], {}, true);
  const { code, stdout } = await faultline(
    ["run", file, "--json", "--no-history", "--out", join(folder, "reports")],
    { env, cwd: folder },
  );
  const report: Report = JSON.parse(stdout);
  expect([code, report.faults[0]?.verdict]).toEqual([1, "fail"]);
});

testAtOnce(
  "after a SIGKILL of the run in the middle of a fault the watchdog puts the cluster back",
  async ({ expect }) => {
    const { double, folder, file, env } = await surroundings([toZero], { fault: "60s" });
    const run = startFaultline(["run", file], { env, cwd: folder });
    onTestFinished(() => void run.child.kill("SIGKILL"));
    await expect.poll(() => replicas(double), { timeout: 30_000 }).toBe(0);
    run.child.kill("SIGKILL");
    await run.finished;
    await expect
      .poll(() => [replicas(double), double.store.list(LEASE, null)], { timeout: 15_000 })
      .toEqual([2, []]);
  },
);

testAtOnce(
  "when the watchdog is killed as well, `heal` does it, with another environment",
  async ({ expect }) => {
    const { double, folder, file, env } = await surroundings([cutOff, toZero], { fault: "60s" });
    const run = startFaultline(["run", file], { env, cwd: folder });
    onTestFinished(() => void run.child.kill("SIGKILL"));
    await expect.poll(() => double.store.list(NETWORK_POLICY, null).length, { timeout: 30_000 }).toBe(1);
    await killRun(run, { withWatchdog: true });
    const elsewhere = { FAULTLINE_STATE_DIR: env.FAULTLINE_STATE_DIR ?? "", KUBECONFIG: "" };
    const preview = await faultline(["heal", "--dry-run"], { env: elsewhere, cwd: folder });
    expect(preview.stdout).toMatch(/remove networkpolicy shop\/faultline-/);
    expect(double.store.list(NETWORK_POLICY, null)).toHaveLength(1);
    const healed = await faultline(["heal"], { env: elsewhere, cwd: folder });
    expect(healed.code, healed.stdout).toBe(0);
    expect([double.store.list(NETWORK_POLICY, null), double.store.list(LEASE, null)]).toEqual([[], []]);
  },
);

testAtOnce("what is wrong with the cluster is said before anything is loaded", async ({ expect }) => {
  const { double, folder, file, env } = await surroundings([toZero]);
  const errorOf = async (changed: Readonly<Record<string, string>> = {}) => {
    const { code, stdout } = await faultline(["run", file, "--json"], {
      env: { ...env, ...changed },
      cwd: folder,
    });
    const { error } = JSON.parse(stdout);
    return [code, error.code, error.message];
  };
  const missing = { KUBECONFIG: join(folder, "none") };
  expect(await errorOf(missing)).toEqual([2, "KUBECONFIG_INVALID", expect.stringContaining("no kubeconfig")]);
  double.may = ({ resource }) => resource !== "deployments/scale";
  expect(await errorOf()).toEqual([
    4,
    "KUBERNETES_FORBIDDEN",
    expect.stringContaining("patch deployments/scale.apps in namespace shop"),
  ]);
  expect(double.requests.some(({ method, path }) => method !== "GET" && !path.includes("selfsubject"))).toBe(
    false,
  );
});

testAtOnce(
  "rbac prints the roles that the faults need, as the published schemas have them",
  async ({ expect }) => {
    const { folder, file, env } = await surroundings([toZero]);
    const list = await faultline(["rbac", file, "--emit", "list"], { env, cwd: folder });
    expect(list.stdout.trim().split("\n")).toEqual([
      "get namespaces in namespace shop: shop",
      "list leases.coordination.k8s.io in namespace shop",
      "delete leases.coordination.k8s.io in namespace shop",
      "create leases.coordination.k8s.io in namespace shop",
      "patch leases.coordination.k8s.io in namespace shop",
      "get deployments.apps in namespace shop: cart",
      "get deployments/scale.apps in namespace shop: cart",
      "patch deployments/scale.apps in namespace shop: cart",
      "list horizontalpodautoscalers.autoscaling in namespace shop",
    ]);
    const { stdout } = await faultline(["rbac", file, "--to", "user:jane"], { env, cwd: folder });
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(objects.map(({ kind }) => kind)).toEqual(["Role", "RoleBinding"]);
    expect(objects[1].subjects).toEqual([
      { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" },
    ]);
    const { name } = objects[0].metadata;
    // After the scenario: another one does not take these rights away.
    expect([name, objects[1].roleRef.name]).toEqual([expect.stringMatching(/^faultline-[a-z0-9-]+$/), name]);
    const named = await faultline(["rbac", file, "--name", "ours"], { env, cwd: folder });
    expect(named.stdout).toContain("  name: ours\n");
    const wrong = await faultline(["rbac", file, "--to", "jane"], { env, cwd: folder });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("--to: expected user:NAME")]);
    if (!hasProgram("kubernetes-validate")) return;
    const manifest = join(folder, "rbac.yaml");
    await writeFile(manifest, (await faultline(["rbac", file], { env, cwd: folder })).stdout);
    const checked = runProgram("kubernetes-validate", ["--strict", manifest]);
    expect(checked.code, checked.text).toBe(0);
  },
);
