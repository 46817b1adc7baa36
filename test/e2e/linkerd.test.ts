import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../src/analysis/document/report.js";
import { httpRouteKind, SERVICE_PROFILE } from "../../src/faults/linkerd/mesh-kinds.js";
import { DEPLOYMENT, LEASE, listAt, POD, SERVICE } from "../../src/kubernetes/objects.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { killRun } from "../helpers/kill/kill-run.js";
import { startApiDouble } from "../helpers/kubernetes/api-double.js";
import { isReady } from "../helpers/kubernetes/controllers.js";
import { playLinkerd, statusOf } from "../helpers/kubernetes/linkerd-double.js";
import { PodFront } from "../helpers/kubernetes/pod-front.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

const ROUTE = httpRouteKind("gateway.networking.k8s.io", "v1");
const RULES = [{ backendRefs: [{ name: "payments", port: 8080 }] }];

/** A scenario with a fault of Linkerd behind a service of two pods, whose proxies count more each time they are asked. */
async function surroundings(phases: object = {}, more: object = { clients: { app: "cart" } }) {
  const folder = await temporaryFolder();
  const double = await startApiDouble({ kinds: [ROUTE, SERVICE_PROFILE], podMs: 100 });
  onTestFinished(() => double.close());
  playLinkerd(double, ROUTE);
  for (const [name, port] of [["payments", 8080] as const, ["error-injector", 80] as const]) {
    double.put(SERVICE, {
      metadata: { name, namespace: "shop" },
      spec: { clusterIP: "10.0.0.7", ports: [{ port }] },
    });
  }
  const parentRefs = [{ group: "core", kind: "Service", name: "payments", port: 8080 }];
  const route = { metadata: { name: "payments", namespace: "shop" }, spec: { parentRefs, rules: RULES } };
  double.put(ROUTE, { ...route, status: { parents: statusOf(double, route, "shop") } });
  const rules = () => listAt(double.get(ROUTE, "shop", "payments"), "spec", "rules");
  let asked = 0;
  double.instead = ({ path }) => {
    if (!path.endsWith("/proxy/metrics")) return null;
    asked += 1;
    const line = (backend: string, port: number, count: number) =>
      `outbound_http_route_backend_requests_total{parent_name="payments",parent_namespace="shop",route_name="payments",route_namespace="shop",backend_name="${backend}",backend_namespace="shop",backend_port="${port}"} ${count}`;
    return {
      status: 200,
      body: [line("payments", 8080, 70 * asked), line("error-injector", 80, 30 * asked)].join("\n"),
    };
  };
  double.put(DEPLOYMENT, deployment("cart", 2));
  while (double.store.list(POD, "shop").filter(isReady).length < 2) await sleep(20);
  const front = await PodFront.start(double, "cart");
  onTestFinished(() => front.close());
  const backend = { service: "error-injector" };
  const scenario = {
    faultline: 1,
    name: "Payments fail in a mesh",
    evidence: "observed",
    kubernetes: { namespaces: ["shop"] },
    load: { target: front.url, rate: "50/s" },
    phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s", ...phases },
    slos: ["availability >= 90%"],
    faults: [
      {
        name: "payments fail",
        linkerd: { namespace: "shop", service: "payments", share: "30%", backend, ...more },
      },
    ],
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const env = { KUBECONFIG: double.kubeconfig, FAULTLINE_STATE_DIR: join(folder, "state") };
  return { double, rules, file, options: { cwd: folder, env } };
}

testAtOnce(
  "a run with Linkerd tells what its proxies counted, and puts the route back",
  async ({ expect }) => {
    const { double, rules, file, options } = await surroundings();
    const { code, stdout, stderr } = await faultline(["run", file, "--json", "--out", "out"], options);
    expect(code, stderr).toBe(0);
    const report: Report = JSON.parse(stdout);
    const [fault] = report.faults;
    expect(fault).toMatchObject({ verdict: "pass", injection: { proven: true, strength: "observed" } });
    expect(fault?.injection.description).toBe(
      "30% of requests to payments sent to error-injector (Linkerd, namespace shop)",
    );
    expect(fault?.injection.explanation).toMatch(
      /^payments: the proxies of 2 pods sent \d+ of \d+ requests to/,
    );
    expect(fault?.injection.because).toMatchObject([{ id: "linkerd_acted", facts: { pods: 2 } }]);
    expect(rules()).toEqual(RULES);
    expect(double.store.list(LEASE, "shop")).toEqual([]);
  },
);

testAtOnce("a run whose proxies nobody asks does not pass", async ({ expect }) => {
  const { rules, file, options } = await surroundings({}, {});
  const { code, stdout } = await faultline(["run", file, "--json", "--out", "out"], options);
  const report: Report = JSON.parse(stdout);
  expect(report.faults[0]).toMatchObject({
    verdict: "inconclusive",
    injection: { proven: true, strength: "listed", because: [{ id: "linkerd_listed" }] },
  });
  expect(code).toBe(3);
  expect(rules()).toEqual(RULES);
});

testAtOnce(
  "a run that is killed with its watchdog leaves a route that heal puts back",
  async ({ expect }) => {
    const { double, rules, file, options } = await surroundings({ fault: "60s" });
    const run = startFaultline(["run", file, "--out", "out"], options);
    run.finished.catch(() => {});
    onTestFinished(() => void run.child.kill("SIGKILL"));
    await expect.poll(() => JSON.stringify(rules()), { timeout: 30_000 }).toContain("error-injector");
    await killRun(run, { withWatchdog: true });
    expect(rules()).not.toEqual(RULES);
    const healed = await faultline(["heal"], options);
    expect(healed.code, healed.stdout).toBe(0);
    expect(healed.stdout).toContain("done: put spec.rules of httproute shop/payments back");
    expect(rules()).toEqual(RULES);
    expect(double.store.list(LEASE, "shop")).toEqual([]);
  },
);
