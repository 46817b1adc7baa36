import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../src/analysis/document/report.js";
import { DEPLOYMENT, LEASE, POD } from "../../src/kubernetes/objects.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { killRun } from "../helpers/kill/kill-run.js";
import { startApiDouble } from "../helpers/kubernetes/api-double.js";
import { NETWORK_CHAOS, POD_CHAOS, playChaosMesh } from "../helpers/kubernetes/chaos-mesh-double.js";
import { isReady } from "../helpers/kubernetes/controllers.js";
import { PodFront } from "../helpers/kubernetes/pod-front.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

/** A scenario with a fault of Chaos Mesh, on a service of two pods. */
async function surroundings(phases: object = {}) {
  const folder = await temporaryFolder();
  const double = await startApiDouble({ kinds: [NETWORK_CHAOS, POD_CHAOS], podMs: 100 });
  onTestFinished(() => double.close());
  playChaosMesh(double);
  double.put(DEPLOYMENT, deployment("cart", 2));
  while (double.store.list(POD, "shop").filter(isReady).length < 2) await sleep(20);
  const front = await PodFront.start(double, "cart");
  onTestFinished(() => front.close());
  const delay = {
    action: "delay",
    mode: "all",
    selector: { labelSelectors: { app: "cart" } },
    delay: { latency: "50ms" },
  };
  const scenario = {
    faultline: 1,
    name: "Chaos in a cluster",
    evidence: "observed",
    kubernetes: { namespaces: ["shop"] },
    load: { target: front.url, rate: "50/s" },
    phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s", ...phases },
    slos: ["availability >= 90%"],
    faults: [{ name: "slow cart", chaosMesh: { kind: "NetworkChaos", namespace: "shop", spec: delay } }],
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const env = { KUBECONFIG: double.kubeconfig, FAULTLINE_STATE_DIR: join(folder, "state") };
  const chaos = () => double.store.list(NETWORK_CHAOS, "shop");
  return { double, chaos, file, options: { cwd: folder, env } };
}

testAtOnce(
  "a run with Chaos Mesh tells what it says, and leaves nothing in the cluster",
  async ({ expect }) => {
    const { double, chaos, file, options } = await surroundings();
    const { code, stdout, stderr } = await faultline(["run", file, "--json", "--out", "out"], options);
    expect(code, stderr).toBe(0);
    const report: Report = JSON.parse(stdout);
    const [fault] = report.faults;
    expect(fault).toMatchObject({ verdict: "pass", injection: { proven: true, strength: "observed" } });
    expect(fault?.injection.description).toBe("NetworkChaos delay on app=cart in shop");
    expect(fault?.injection.explanation).toMatch(/Chaos Mesh has injected it into 2 of 2 pods \(shop\/cart-/);
    expect(fault?.injection.because).toMatchObject([{ id: "chaos_injected", facts: { pods: 2 } }]);
    expect(chaos()).toEqual([]);
    expect(double.store.list(LEASE, "shop")).toEqual([]);
  },
);

testAtOnce(
  "a run that is killed with its watchdog leaves an object that heal removes",
  async ({ expect }) => {
    const { double, chaos, file, options } = await surroundings({ fault: "60s" });
    const run = startFaultline(["run", file, "--out", "out"], options);
    run.finished.catch(() => {});
    onTestFinished(() => void run.child.kill("SIGKILL"));
    await expect.poll(() => chaos().length, { timeout: 30_000 }).toBe(1);
    await killRun(run, { withWatchdog: true });
    expect(chaos()).toHaveLength(1);
    const healed = await faultline(["heal"], options);
    expect(healed.code, healed.stdout).toBe(0);
    expect(healed.stdout).toContain("done: remove networkchaos shop/faultline-");
    expect(chaos()).toEqual([]);
    expect(double.store.list(LEASE, "shop")).toEqual([]);
  },
);
