import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { Report } from "../../src/analysis/document/report.js";
import { DEPLOYMENT, POD } from "../../src/kubernetes/objects.js";
import { startOf } from "../../src/support/processes/process-table.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { type ApiDouble, startApiDouble } from "../helpers/kubernetes/api-double.js";
import { isReady } from "../helpers/kubernetes/controllers.js";
import { PodFront } from "../helpers/kubernetes/pod-front.js";
import { OOM, readyPod, restartContainer } from "../helpers/kubernetes/pods.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

interface Surroundings {
  readonly double: ApiDouble;
  readonly folder: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const CART = "k8s://shop/deployment/cart";

async function surroundings(kubernetes: object, more: object = {}): Promise<Surroundings> {
  const folder = await temporaryFolder();
  const double = await startApiDouble({ podMs: 100 });
  onTestFinished(() => double.close());
  double.put(DEPLOYMENT, deployment("cart", 2));
  double.put(POD, readyPod("db-0", "db"));
  while (double.store.list(POD, "shop").filter(isReady).length < 3) await sleep(20);
  const front = await PodFront.start(double, "cart");
  onTestFinished(() => front.close());
  const scenario = {
    faultline: 1,
    name: "Looks at a cluster",
    evidence: "observed",
    kubernetes,
    proxies: { cart: { upstream: new URL(front.url).host } },
    load: { target: "http://${proxies.cart.listen}", rate: "50/s" },
    phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s" },
    slos: ["availability >= 99%"],
    faults: [{ name: "slow cart", proxy: "cart", latency: "20ms" }],
    ...more,
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const env = { KUBECONFIG: double.kubeconfig, FAULTLINE_STATE_DIR: join(folder, "state") };
  return { double, folder, file, env };
}

testAtOnce(
  "a pod that is killed for its memory under a latency fault is on the timeline, and a finding",
  async ({ expect }) => {
    const { double, folder, file, env } = await surroundings(
      { watch: ["shop"], ready: CART },
      {
        checks: [
          {
            name: "two carts",
            kubernetes: CART,
            when: ["fault", "end"],
            expect: { json: { "$.status.availableReplicas": ">= 2" } },
          },
          {
            name: "three carts",
            kubernetes: CART,
            expect: { json: { "$.status.availableReplicas": ">= 3" } },
          },
        ],
      },
    );
    const run = startFaultline(["run", file, "--json", "--out", join(folder, "reports")], {
      env,
      cwd: folder,
    });
    // The fault follows the baseline within some 100 ms, and lasts 2 s.
    await expect.poll(() => run.stderr(), { timeout: 30_000, interval: 20 }).toContain("baseline: ");
    await sleep(1_000);
    restartContainer(double, "db-0", OOM);
    const { code, stdout, stderr } = await run.finished;
    const report: Report = JSON.parse(stdout);
    const [fault] = report.faults;
    expect(fault?.verdict, stderr).toBe("pass");
    const at = fault?.findingIds?.indexOf("pods") ?? -1;
    expect(fault?.findings[at]).toMatch(/^In the cluster: shop\/db-0 was restarted once \(OOMKilled\)/);
    const told = report.events.filter(({ kind }) => kind === "pod").map(({ text }) => text);
    expect(told).toEqual(["container db of shop/db-0 was restarted (OOMKilled)"]);
    expect(stderr).toContain("pods: container db of shop/db-0 was restarted (OOMKilled)");
    const checks = report.checks?.map(({ name, verdict, asks }) => [name, verdict, asks]);
    expect(checks).toEqual([
      ["two carts", "pass", CART],
      ["three carts", "fail", CART],
    ]);
    expect(code).toBe(1);
    // What was looked at was not touched.
    expect(
      double.requests.filter(
        ({ method, path }) => method !== "GET" && !path.endsWith("/selfsubjectaccessreviews"),
      ),
    ).toEqual([]);
  },
);

testAtOnce("what it waits for, and what it lacks, is said before anything is loaded", async ({ expect }) => {
  const { double, folder, file, env } = await surroundings(
    { watch: ["shop"], ready: [CART, "k8s://shop/job/migrate"], readyTimeout: "700ms" },
    { checks: [{ name: "two carts", kubernetes: CART, expect: { json: { "$.spec.replicas": 2 } } }] },
  );
  const errorOf = async () => {
    const { code, stderr } = await faultline(["run", file], { env, cwd: folder });
    return `${code} ${stderr}`;
  };
  const late = await errorOf();
  expect(late).toMatch(
    /^4 [\s\S]*scenario\.yaml:\d+:\d+[\s\S]*k8s:\/\/shop\/job\/migrate was not ready within 0\.7 s: it is not there/,
  );
  expect(late).toContain("kubectl describe -n shop job/migrate");
  double.may = ({ verb, resource }) => !(verb === "watch" && resource === "pods");
  expect(await errorOf()).toMatch(/^4 [\s\S]*rights are missing: watch pods in namespace shop/);
  double.may = () => true;
  await double.close();
  expect(await errorOf()).toMatch(/^4 [\s\S]*nothing listens there/);
});

testAtOnce("`rbac` prints the rights of looks, each of which is used, and no other", async ({ expect }) => {
  const { double, folder, file, env } = await surroundings(
    { watch: ["shop"], ready: [CART, "k8s://shop/pod?app=db"] },
    {
      phases: { warmup: "0s", baseline: "1s", fault: "1s", recovery: "1s" },
      checks: [{ name: "two carts", kubernetes: CART, expect: { json: { "$.spec.replicas": 2 } } }],
    },
  );
  const list = await faultline(["rbac", file, "--emit", "list"], { env, cwd: folder });
  expect(list.stdout.trim().split("\n").sort()).toEqual([
    "get deployments.apps in namespace shop: cart",
    "get namespaces in namespace shop: shop",
    "list pods in namespace shop",
    "watch pods in namespace shop",
  ]);
  const { stdout } = await faultline(["rbac", file], { env, cwd: folder });
  expect(parseAllDocuments(stdout).map((each) => each.toJS().kind)).toEqual([
    "ServiceAccount",
    "Role",
    "RoleBinding",
  ]);
  const { code, stderr } = await faultline(["run", file], { env, cwd: folder });
  expect(code, stderr).toBe(0);
  expect([...double.exercised].sort()).toEqual([
    "get deployments",
    "get namespaces",
    "list pods",
    "watch pods",
  ]);
});

testAtOnce("a service may wait for an object of the cluster, too", async ({ expect }) => {
  const { folder, file, env } = await surroundings(
    {},
    {
      kubernetes: undefined,
      services: { sleeper: { run: "sleep 60", ready: "k8s://shop/pod/gone", readyTimeout: "700ms" } },
    },
  );
  const { code, stderr } = await faultline(["run", file], { env, cwd: folder });
  expect(`${code} ${stderr}`).toMatch(
    /^4 [\s\S]*was not ready within 0\.7 s \(k8s:\/\/shop\/pod\/gone: it is not there\)/,
  );
});

const IN_CLUSTER: Readonly<Record<string, readonly [kubernetes: object, more: object]>> = {
  "an object that is waited for": [{ ready: CART }, {}],
  "a fault": [
    { namespaces: ["shop"] },
    { faults: [{ name: "dies", kubernetes: { namespace: "shop", pods: "app=db", kill: 1 } }] },
  ],
  "a load": [{ namespaces: ["shop"] }, { load: { target: "k8s://shop/cart", rate: "50/s" } }],
};

for (const [what, [kubernetes, more]] of Object.entries(IN_CLUSTER))
  testAtOnce(`Ctrl-C ends a plug-in for credentials that ${what} waits for`, async ({ expect }) => {
    const { double, folder, file, env } = await surroundings(kubernetes, more);
    const child = join(folder, "child");
    const script = `echo $$ > ${child}; trap '' TERM; sleep 30; sleep 30`;
    const apiVersion = "client.authentication.k8s.io/v1";
    double.writeKubeconfig({ exec: { apiVersion, command: "/bin/sh", args: ["-c", script] } });
    const run = startFaultline(["run", file], { env, cwd: folder });
    const pid = () => Number(readFileSync(child, { encoding: "utf8", flag: "a+" }));
    await expect.poll(pid, { timeout: 20_000 }).toBeGreaterThan(0);
    const [plugin, fromMs] = [pid(), performance.now()];
    run.child.kill("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(130);
    // A second of grace; generous, as the machine may be busy.
    expect(performance.now() - fromMs).toBeLessThan(10_000);
    await expect.poll(() => startOf(plugin), { timeout: 5_000 }).toBeNull();
  });
