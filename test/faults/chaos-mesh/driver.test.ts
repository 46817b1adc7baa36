import { afterEach, beforeEach, expect, test } from "vitest";
import { driver } from "../../../src/faults/chaos-mesh/driver.js";
import { rightsFor } from "../../../src/faults/chaos-mesh/rights.js";
import { undo } from "../../../src/faults/chaos-mesh/undo.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { DriverContext, FaultDriver } from "../../../src/faults/fault-driver.js";
import { type ChaosSpec, chaosAction } from "../../../src/faults/kinds/chaos-mesh/chaos-action.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { LEASE, POD, textAt } from "../../../src/kubernetes/objects.js";
import { driverContext } from "../../helpers/driver-context.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import {
  type ChaosMeshMoods,
  NETWORK_CHAOS,
  POD_CHAOS,
  playChaosMesh,
} from "../../helpers/kubernetes/chaos-mesh-double.js";
import { type Told, toldBy } from "../../helpers/kubernetes/told.js";

let double: ApiDouble;
let chaosMesh: ChaosMeshMoods;
let driven: FaultDriver;
let told: Told;

beforeEach(async () => {
  double = await startApiDouble({ namespaces: ["shop", "other"], kinds: [NETWORK_CHAOS, POD_CHAOS] });
  chaosMesh = playChaosMesh(double);
  for (const name of ["payments-1", "payments-2"]) {
    double.put(POD, { metadata: { name, namespace: "shop", labels: { app: "payments" } } });
  }
  double.put(POD, { metadata: { name: "cart-1", namespace: "shop", labels: { app: "cart" } } });
  driven = driver();
  told = toldBy("chaos-mesh", double, TERMS);
});
afterEach(async () => {
  chaosMesh.isRunning = true;
  chaosMesh.recovers = true;
  await driven.close().catch(() => {});
  await double.close();
});

const TERMS = { context: null, namespaces: ["shop"], nodes: [] };

const delay = (app = "payments", more: ChaosSpec["spec"] = {}): ChaosSpec => ({
  kind: "NetworkChaos",
  namespace: "shop",
  spec: {
    action: "delay",
    mode: "all",
    selector: { labelSelectors: { app } },
    delay: { latency: "300ms" },
    ...more,
  },
});
const kill: ChaosSpec = {
  kind: "PodChaos",
  namespace: "shop",
  spec: { action: "pod-kill", mode: "all", selector: { labelSelectors: { app: "cart" } } },
};

async function prepare(
  specs: readonly ChaosSpec[],
  changes: Partial<DriverContext> = {},
): Promise<readonly FaultAction[]> {
  const actions = specs.map((spec) => chaosAction(`${spec.kind} in ${spec.namespace}`, spec));
  await driven.prepare(told.context(actions, changes));
  return actions;
}

const objects = () => [NETWORK_CHAOS, POD_CHAOS].flatMap((kind) => double.store.list(kind, null));

test("an object is made with a limit of time, is in place when its pods are injected, and is gone after the fault", async () => {
  const actions = await prepare([delay()], { longestFaultMs: 30_000 });
  // Rehearsed, and not made.
  expect(objects()).toEqual([]);
  await driven.close();
  expect(double.store.list(LEASE, "shop")).toEqual([]);
  await driven.inject(actions);
  const [object] = objects();
  expect(object?.spec).toEqual({
    action: "delay",
    mode: "all",
    selector: { labelSelectors: { app: "payments" }, namespaces: ["shop"] },
    delay: { latency: "300ms" },
    duration: "105s",
  });
  expect(object?.metadata.annotations?.["faultline/run"]).toMatch(/^[0-9a-f]{8}$/);
  const proof = await driven.prove();
  expect(proof).toMatchObject({ strength: "observed", proven: true });
  expect(proof.explanation).toContain("injected it into 2 of 2 pods (shop/payments-1, shop/payments-2)");
  expect(proof.targets).toMatchObject([
    { driver: "chaos-mesh", evidence: { conditions: { AllInjected: true, Selected: true }, pods: [{}, {}] } },
  ]);
  const paused = double.requests.filter(({ method }) => method === "PATCH");
  await driven.clear();
  expect(objects()).toEqual([]);
  // Paused before it was removed: so it was seen to be out.
  const patches = double.requests.filter(
    ({ method, path }) => method === "PATCH" && path.includes("networkchaos"),
  );
  expect(patches.length).toBe(paused.filter(({ path }) => path.includes("networkchaos")).length + 1);
  expect(double.requests.at(-1)?.path).toContain("leases");
  await driven.close();
  expect(double.store.list(LEASE, "shop")).toEqual([]);
  expect(await undo(told.journal, { dryRun: false, env: double.env })).toEqual({ did: [], failures: [] });
});

test("stages take objects out and put others in; what does not change stays the same object", async () => {
  const actions = await prepare([delay(), kill]);
  await driven.inject(actions.slice(0, 1));
  const [first] = objects();
  await driven.inject(actions);
  expect(objects()).toHaveLength(2);
  expect(objects().map(({ metadata }) => metadata.uid)).toContain(first?.metadata.uid);
  await driven.inject([]);
  expect(objects()).toEqual([]);
  const { proven, targets } = await driven.prove();
  expect(proven).toBe(true);
  expect(targets.map(({ target }) => target).toSorted()).toEqual([
    "NetworkChaos in shop",
    "PodChaos in shop",
  ]);
});

test("a selector that chooses no pod is no fault, and what Chaos Mesh could not do in one pod is said in its words", async () => {
  chaosMesh.fails = (pod) => (pod.endsWith("-2") ? "unable to flush ip sets" : null);
  const other = driver();
  const actions = await prepare([delay()]);
  const nobody = chaosAction("NetworkChaos in shop", delay("nobody"));
  await other.prepare(driverContext({ actions: [nobody], cluster: TERMS, env: double.env }));
  // Both wait for Chaos Mesh, so they wait at once.
  const [failed, empty] = await Promise.allSettled([driven.inject(actions), other.inject([nobody])]);
  expect(failed).toMatchObject({
    reason: {
      code: "FAULT_NOT_PLACED",
      message: expect.stringContaining("into 1 of 2 pods; shop/payments-2: unable to flush ip sets"),
    },
  });
  expect(empty).toMatchObject({
    reason: {
      code: "FAULT_NOT_PLACED",
      message: expect.stringContaining("has found no pod that its selector chooses"),
    },
  });
  expect(objects()).toEqual([]);
  await other.close();
});

test("an object that somebody pauses or removes in the middle of a fault proves nothing", async () => {
  const actions = await prepare([delay()]);
  await driven.inject(actions);
  const [object] = objects();
  if (!object) throw new Error("nothing was made");
  const annotations = { ...object.metadata.annotations, "experiment.chaos-mesh.org/pause": "true" };
  double.put(NETWORK_CHAOS, { ...object, metadata: { ...object.metadata, annotations } });
  await expect.poll(() => textAt(objects()[0], "status", "experiment", "desiredPhase")).toBe("Stop");
  const paused = await driven.prove();
  expect(paused.proven).toBe(false);
  expect(paused.explanation).toContain("has ended it before the fault was over");
  double.store.remove(NETWORK_CHAOS, "shop", object.metadata.name);
  const removed = await driven.prove();
  expect(removed.proven).toBe(false);
  expect(removed.explanation).toContain("somebody has removed it");
  await driven.clear();
});

test("its limit of time ends a fault that nobody takes out, which is told", async () => {
  // The limit is longer than a fault by a minute: so a clock in the past.
  const actions = await prepare([delay()], { longestFaultMs: 0 });
  await driven.inject(actions);
  const [object] = objects();
  if (!object) throw new Error("nothing was made");
  const creationTimestamp = new Date(Date.now() - 61_000).toISOString();
  double.put(NETWORK_CHAOS, { ...object, metadata: { ...object.metadata, creationTimestamp } });
  await expect.poll(() => textAt(objects()[0], "status", "experiment", "desiredPhase")).toBe("Stop");
  expect((await driven.prove()).proven).toBe(false);
});

test("another process removes what a killed run has left, and only that", async () => {
  const actions = await prepare([delay(), kill]);
  await driven.inject(actions);
  const other = double.put(NETWORK_CHAOS, {
    metadata: { name: "theirs", namespace: "shop" },
    spec: delay().spec,
  });
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  const preview = await undo(entries, { dryRun: true, env: double.env });
  expect(preview.did).toHaveLength(2);
  expect(objects()).toHaveLength(3);
  const undone = await undo(entries, { dryRun: false, env: double.env });
  expect(undone.failures).toEqual([]);
  expect(objects().map(({ metadata }) => metadata.name)).toEqual([other.metadata.name]);
});

test("is refused before the run where Chaos Mesh, a right or a field is missing", async () => {
  await expect(prepare([delay("payments", { latencyy: "1s" })])).rejects.toMatchObject({
    code: "KUBERNETES_REFUSED",
    message: expect.stringContaining("spec.latencyy is unknown"),
  });
  double.may = ({ verb, resource }) => !(verb === "create" && resource === "networkchaos");
  await expect(prepare([delay()])).rejects.toMatchObject({ code: "KUBERNETES_FORBIDDEN" });
  double.may = () => true;
  const bare = await startApiDouble({ namespaces: ["shop"] });
  try {
    await expect(prepare([delay()], { env: bare.env })).rejects.toMatchObject({
      code: "KUBERNETES_MISSING",
      message: expect.stringContaining("is Chaos Mesh installed there?"),
    });
  } finally {
    await bare.close();
  }
  expect(objects()).toEqual([]);
});

test("its rights are those that it uses, and those that Chaos Mesh asks for in other namespaces", async () => {
  const spec = delay("payments", { target: { mode: "all", selector: { namespaces: ["other"] } } });
  const rights = rightsFor([chaosAction("x", spec)], TERMS);
  expect(rights.map(({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}`)).toEqual([
    "create networkchaos shop",
    "get networkchaos shop",
    "patch networkchaos shop",
    "delete networkchaos shop",
    "create networkchaos other",
    "list pods shop",
    "list pods other",
  ]);
  // No more, and no fewer.
  const actions = await prepare([delay()]);
  await driven.inject(actions);
  await driven.clear();
  const used = [...double.exercised].filter((each) => each.endsWith(" networkchaos")).toSorted();
  expect(used).toEqual([
    "create networkchaos",
    "delete networkchaos",
    "get networkchaos",
    "patch networkchaos",
  ]);
});

test("pods that a rollout has taken away meanwhile are no proof, though Chaos Mesh still names them", async () => {
  await driven.inject(await prepare([delay()]));
  expect((await driven.prove()).proven).toBe(true);
  double.store.remove(POD, "shop", "payments-2");
  const proof = await driven.prove();
  expect(proof.proven).toBe(false);
  expect(proof.explanation).toMatch(
    /1 of 2 pods that Chaos Mesh had injected it into went away .*\(shop\/payments-2\)/,
  );
});
