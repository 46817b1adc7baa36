import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../src/analysis/document/report.js";
import { makeAuthority, makeServerCertificate } from "../../src/faults/tls/certificates/certificate.js";
import { DEPLOYMENT, fieldAt, POD } from "../../src/kubernetes/objects.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { type ApiDouble, startApiDouble } from "../helpers/kubernetes/api-double.js";
import { isReady } from "../helpers/kubernetes/controllers.js";
import { PortForwards } from "../helpers/kubernetes/port-forwards.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

interface Surroundings {
  readonly double: ApiDouble;
  readonly forwards: PortForwards;
  readonly folder: string;
  run(scenario: object, ...args: readonly string[]): Promise<Awaited<ReturnType<typeof faultline>>>;
}

const SECRET = "t0ken-of-the-cluster";

async function surroundings(tls: PortForwards["tls"] = null): Promise<Surroundings> {
  const folder = await temporaryFolder();
  const double = await startApiDouble({ token: SECRET, podMs: 300 });
  const forwards = new PortForwards(double);
  forwards.tls = tls;
  onTestFinished(async () => {
    await forwards.close();
    await double.close();
  });
  double.put(DEPLOYMENT, deployment("cart", 2));
  forwards.service("cart");
  while (double.store.list(POD, "shop").filter(isReady).length < 2) await sleep(20);
  const file = join(folder, "scenario.yaml");
  const env = { KUBECONFIG: double.kubeconfig, FAULTLINE_STATE_DIR: join(folder, "state") };
  return {
    double,
    forwards,
    folder,
    async run({ load = {}, ...changes }: { load?: object }, ...args) {
      const scenario = {
        faultline: 1,
        name: "Cart in a cluster",
        evidence: "observed",
        kubernetes: { namespaces: ["shop"] },
        load: { target: "k8s://shop/cart", rate: "50/s", maxConnections: 10, ...load },
        phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s" },
        // On a busy machine many requests are under way when a pod is killed.
        slos: ["availability >= 60%"],
        ...changes,
      };
      await writeFile(file, JSON.stringify(scenario, null, 2));
      const [command = "run", ...rest] = args;
      return faultline([command, file, ...rest], { env, cwd: folder });
    },
  };
}

const onePod = { name: "a pod dies", kubernetes: { namespace: "shop", pods: "app=cart", kill: 1 } };
const toZero = { name: "cart gone", kubernetes: { namespace: "shop", deployment: "cart", scale: 0 } };
const toOne = { name: "half of it", kubernetes: { namespace: "shop", deployment: "cart", scale: 1 } };

testAtOnce(
  "a load goes to a service's pods without kubectl: one that is killed is no outage, none at all is one",
  async ({ expect }) => {
    const { double, forwards, run } = await surroundings();
    const hosts = new Set<string | undefined>();
    forwards.answer = ({ headers }, response) => {
      hosts.add(headers.host);
      response.end();
    };
    const load = { headers: { host: "cart.shop" } };
    const { code, stdout, stderr } = await run(
      { load, faults: [onePod, toZero] },
      "run",
      "--json",
      "--no-history",
    );
    const report: Report = JSON.parse(stdout);
    const verdicts = report.faults.map(({ name, verdict }) => [name, verdict]);
    expect(verdicts, stderr).toEqual([
      ["a pod dies", "pass"],
      ["cart gone", "fail"],
    ]);
    expect([code, report.load.targetUrl]).toEqual([1, "k8s://shop/cart"]);
    // The two that were there, the one in place of the killed one, and two after the scaling.
    expect(report.load.forward).toEqual({ connections: expect.any(Number), pods: expect.any(Number) });
    expect(report.load.forward?.pods).toBeGreaterThanOrEqual(3);
    expect(report.limits.join("\n")).toMatch(/latencies and throughput include the API server/);
    expect(report.limits.join("\n")).toMatch(/what network policies, meshes and network faults do/);
    expect([...hosts]).toEqual(["cart.shop"]);
    await expect.poll(() => [forwards.open, double.openSockets]).toEqual([0, 0]);
    expect(`${stdout}${stderr}`).not.toContain(SECRET);
  },
);

testAtOnce("a forward that fails in the middle makes the phase invalid, by name", async ({ expect }) => {
  const { double, forwards, run } = await surroundings();
  let isCut = false;
  double.react(DEPLOYMENT, (object) => {
    if (isCut || fieldAt(object, ["spec", "replicas"]) !== 1) return;
    isCut = true;
    double.instead = ({ path }) => (path.endsWith("/portforward") ? { status: 503 } : null);
    forwards.cut();
    setTimeout(() => {
      double.instead = () => null;
    }, 1_000);
  });
  const { code, stdout } = await run({ faults: [toOne] }, "run", "--json", "--no-history");
  const report: Report = JSON.parse(stdout);
  expect([code, report.faults[0]?.verdict]).toEqual([3, "invalid"]);
  expect(report.faults[0]?.reason).toMatch(/the port-forward to service shop\/cart failed: /);
});

testAtOnce(
  "over TLS the service's name in the cluster is what the certificate has to be for",
  async ({ expect }) => {
    const now = Date.now();
    const validity = { notBefore: new Date(now - 3.6e6), notAfter: new Date(now + 8.64e7) };
    const authority = await makeAuthority("shop", validity);
    const { folder, run } = await surroundings(
      await makeServerCertificate(authority, ["cart.shop.svc"], validity),
    );
    await writeFile(join(folder, "ca.pem"), authority.pem);
    const target = "k8s+https://shop/cart:80";
    const phases = { warmup: "0s", baseline: "1s" };
    const good = await run(
      { load: { target, tls: { ca: "ca.pem" } }, phases },
      "run",
      "--json",
      "--no-history",
    );
    const report: Report = JSON.parse(good.stdout);
    expect([good.code, report.baseline.verdict, report.load.targetUrl], good.stderr).toEqual([
      0,
      "pass",
      target,
    ]);
    const tls = { ca: "ca.pem", servername: "other.example.com" };
    const bad = await run({ load: { target, tls }, phases }, "run", "--json", "--no-history");
    const { baseline }: Report = JSON.parse(bad.stdout);
    expect([bad.code, baseline.verdict], bad.stderr).toEqual([1, "fail"]);
    expect(bad.stdout).toContain("TLS: certificate is for another host");
  },
);

testAtOnce("what does not work is said before anything is loaded", async ({ expect }) => {
  const { double, forwards, run } = await surroundings();
  const errorOf = async (load: object, ...args: readonly string[]) => {
    const { code, stdout } = await run({ load }, "run", "--json", ...args);
    const { error } = JSON.parse(stdout);
    return [code, error.code, error.message];
  };
  expect(await errorOf({ target: "k8s://shop/basket" })).toEqual([
    4,
    "TARGET_UNREACHABLE",
    expect.stringContaining('there is no service shop/basket in cluster "test"'),
  ]);
  expect(await errorOf({}, "--workers", "nats://127.0.0.1:4222")).toEqual([
    2,
    "USAGE",
    expect.stringContaining(
      "k8s://shop/cart is reached by a port-forward of this process, and workers have none",
    ),
  ]);
  double.may = ({ resource }) => resource !== "pods/portforward";
  expect(await errorOf({})).toEqual([
    4,
    "KUBERNETES_FORBIDDEN",
    expect.stringContaining("rights are missing: get pods/portforward in namespace shop"),
  ]);
  expect(forwards.forwarded).toEqual([]);
  const list = await run({}, "rbac", "--emit", "list");
  expect(list.stdout.trim().split("\n"), list.stderr).toEqual([
    "get services in namespace shop: cart",
    "list endpointslices.discovery.k8s.io in namespace shop",
    "get pods in namespace shop",
    "get pods/portforward in namespace shop",
    "create pods/portforward in namespace shop",
  ]);
  const dry = await run({}, "run", "--dry-run");
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining("Load on k8s://shop/cart:")]);
});
