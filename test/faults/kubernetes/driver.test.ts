import { afterEach, beforeEach, expect, test } from "vitest";
import { type KubernetesSpec, kubernetesAction } from "../../../src/faults/cluster/kubernetes-action.js";
import { kubernetesEvidence } from "../../../src/faults/cluster/kubernetes-evidence.js";
import { withCommonRights } from "../../../src/faults/cluster/open-for-faults.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { FaultDriver } from "../../../src/faults/fault-driver.js";
import { driver } from "../../../src/faults/kubernetes/driver.js";
import { rightsFor } from "../../../src/faults/kubernetes/rights.js";
import { undo } from "../../../src/faults/kubernetes/undo.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import {
  AUTOSCALER,
  type ClusterObject,
  DEPLOYMENT,
  fieldAt,
  LEASE,
  NETWORK_POLICY,
  NODE,
  POD,
  STATEFUL_SET,
} from "../../../src/kubernetes/objects.js";
import { type ApiDouble, type SeenRequest, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import { isReady } from "../../helpers/kubernetes/controllers.js";
import { type Told, toldBy } from "../../helpers/kubernetes/told.js";
import { deployment } from "../../helpers/kubernetes/workloads.js";

let double: ApiDouble;
let driven: FaultDriver;
let told: Told;

beforeEach(async () => {
  double = await startApiDouble({ namespaces: ["shop", "other"] });
  driven = driver();
  told = toldBy("kubernetes", double, TERMS);
});
afterEach(async () => {
  await driven.close().catch(() => {});
  await double.close();
});

const TERMS = { context: null, namespaces: ["shop"], nodes: ["worker-1"] };

async function prepare(...specs: readonly KubernetesSpec[]): Promise<readonly FaultAction[]> {
  const actions = specs.map(kubernetesAction);
  await driven.prepare(told.context(actions));
  return actions;
}

const readyPods = (app = "cart") =>
  double.store.list(POD, "shop").filter((pod) => pod.metadata.labels?.app === app && isReady(pod));
const names = (pods: readonly ClusterObject[]) => pods.map(({ metadata }) => metadata.name).toSorted();

/** A deployment, once its pods are ready. */
async function deployed(replicas: number, name = "cart", image?: string): Promise<void> {
  double.put(DEPLOYMENT, deployment(name, replicas, image));
  await expect.poll(() => readyPods(name).length).toBe(replicas);
}

const replicas = () => fieldAt(double.get(DEPLOYMENT, "shop", "cart"), ["spec", "replicas"]);
const image = () =>
  fieldAt(double.get(DEPLOYMENT, "shop", "cart"), [
    "spec",
    "template",
    "spec",
    "containers",
    { name: "cart" },
    "image",
  ]);
const evidenceOf = async () => kubernetesEvidence((await driven.prove()).targets[0]?.evidence);
const writes = () =>
  double.requests.filter(({ method, path }) => method !== "GET" && !path.includes("selfsubject"));
/** What was really done: no dry runs. */
const deeds = () =>
  writes().filter(
    ({ query, body }) => query.dryRun !== "All" && !JSON.stringify(body ?? "").includes('"dryRun":["All"]'),
  );

const loss = (count: number, graceS: number | null = null): KubernetesSpec => ({
  deed: "delete",
  namespace: "shop",
  pods: "app=cart",
  count,
  graceS,
});
const toZero: KubernetesSpec = {
  deed: "scale",
  namespace: "shop",
  workload: "deployment",
  name: "cart",
  atMost: null,
  replicas: 0,
};

test("before the run the server is asked whether it would do all of it, and nothing is done", async () => {
  await deployed(3);
  double.put(NODE, { metadata: { name: "worker-1" } });
  await prepare(
    loss(1),
    toZero,
    { deed: "isolate", namespace: "shop", pods: "app=cart", way: "both", atMost: null },
    {
      deed: "image",
      namespace: "shop",
      workload: "deployment",
      name: "cart",
      image: "bad",
      container: null,
      atMost: null,
    },
    { deed: "drain", node: "worker-1", atMost: null },
  );
  expect(deeds().map(({ method, path }) => [method, path])).toEqual([
    ["POST", "/apis/coordination.k8s.io/v1/namespaces/shop/leases"],
  ]);
  const tried = writes().map(
    ({ method, path }) =>
      `${method} ${path
        .split("/")
        .slice(path.includes("namespaces") ? 5 : 3)
        .join("/")}`,
  );
  expect(
    tried.map((each) => each.replace(/cart-[0-9a-f]+-[0-9a-f]+/, "POD").replace(/faultline-\w+/, "OURS")),
  ).toEqual([
    expect.stringContaining("leases"),
    expect.stringContaining("POD"),
    expect.stringContaining("cart/scale"),
    expect.stringContaining("networkpolicies"),
    expect.stringContaining("deployments/cart"),
    expect.stringContaining("nodes/worker-1"),
    expect.stringContaining("POD/eviction"),
  ]);
  expect(told.journal.map(({ text }) => text)).toEqual([expect.stringMatching(/^lease shop\/faultline-/)]);
});

test("so many pods are deleted as it says, chosen by the seed, and those that come in their place are timed", async () => {
  await deployed(4);
  const before = readyPods();
  const [action] = await prepare(loss(2));
  await driven.inject([action!]);
  const proof = await driven.prove();
  expect(proof.proven).toBe(true);
  await expect.poll(async () => (await driven.prove()).strength).toBe("observed");
  const gone = names(before).filter((name) => !names(readyPods()).includes(name));
  expect(gone).toHaveLength(2);
  const deleted = deeds().filter(({ method }) => method === "DELETE");
  expect(deleted.map(({ path }) => path.split("/").at(-1)).toSorted()).toEqual(gone);
  expect(
    deleted.map(({ body }) => [
      fieldAt(body, ["gracePeriodSeconds"]),
      typeof fieldAt(body, ["preconditions", "uid"]),
    ]),
  ).toEqual([
    [undefined, "string"],
    [undefined, "string"],
  ]);
  await expect.poll(() => readyPods().length).toBe(4);
  await expect
    .poll(async () => (await evidenceOf())?.deed === "delete" && (await driven.prove()).explanation)
    .toMatch(/^pods app=cart in shop had 2 of 4 ready pods deleted, and as many were ready again after \d/);
  expect(driven.overSinceMs?.()).toBeTypeOf("number");
  await driven.clear();
  expect(told.journal).toHaveLength(1);
  expect(told.events.filter((text) => text.endsWith("deleted"))).toHaveLength(2);
});

test("a kill gives no time to end", async () => {
  await deployed(2);
  const actions = await prepare(loss(1, 0));
  await driven.inject(actions);
  const [deleted] = deeds().filter(({ method }) => method === "DELETE");
  expect(fieldAt(deleted?.body, ["gracePeriodSeconds"])).toBe(0);
  expect((await driven.prove()).explanation).toContain("1 of 2 ready pods killed");
});

test("a pod that nothing makes anew is not touched, and neither are fewer than asked for", async () => {
  await deployed(2);
  await expect(prepare(loss(3))).rejects.toMatchObject({
    code: "KUBERNETES_UNFIT",
    message: "app=cart in namespace shop: 2 ready pods, and 3 to be deleted",
  });
  const bare = { metadata: { name: "bare", namespace: "shop", labels: { app: "cart" } } };
  double.put(POD, { ...bare, status: { conditions: [{ type: "Ready", status: "True" }] } });
  await expect(prepare(loss(1))).rejects.toThrow("pod shop/bare was made by nobody who would make it anew");
  expect(deeds().filter(({ path }) => !path.endsWith("/leases"))).toEqual([]);
});

test("a deployment is scaled to zero and back to the replicas found, by its sub-resource", async () => {
  await deployed(3);
  const actions = await prepare(toZero);
  await driven.inject(actions);
  expect(readyPods()).toEqual([]);
  const proof = await driven.prove();
  expect([proof.proven, proof.strength, proof.explanation]).toEqual([
    true,
    "observed",
    expect.stringMatching(/^deployment shop\/cart was scaled from 3 to 0, which took \d/),
  ]);
  expect(driven.keptDown?.()("127.0.0.1:1")).toBe(true);
  await driven.close();
  expect([replicas(), double.store.list(LEASE, "shop")]).toEqual([3, []]);
  await expect.poll(() => readyPods().length).toBe(3);
  const patched = deeds().filter(({ method, path }) => method === "PATCH" && !path.includes("leases"));
  expect(patched.map(({ path }) => path.split("/").at(-1))).toEqual(["scale", "scale"]);
});

test("a stateful set as well", async () => {
  double.put(STATEFUL_SET, deployment("db", 2));
  await expect.poll(() => readyPods("db").length).toBe(2);
  const actions = await prepare({ ...toZero, workload: "statefulSet", name: "db", replicas: 1 });
  await driven.inject(actions);
  expect((await driven.prove()).proven).toBe(true);
  await driven.clear();
  expect(fieldAt(double.get(STATEFUL_SET, "shop", "db"), ["spec", "replicas"])).toBe(2);
});

test("what somebody scales meanwhile is no proof, and is left as they want it", async () => {
  await deployed(3);
  double.put(AUTOSCALER, {
    metadata: { name: "cart-hpa", namespace: "shop" },
    spec: { scaleTargetRef: { kind: "Deployment", name: "cart" }, maxReplicas: 9 },
  });
  const actions = await prepare({ ...toZero, replicas: 1 });
  expect(told.events).toEqual([
    "the autoscaler cart-hpa acts on deployment shop/cart, and may scale it while the fault is on",
  ]);
  await driven.inject(actions);
  const now = double.get(DEPLOYMENT, "shop", "cart");
  double.put(DEPLOYMENT, {
    ...now,
    metadata: { name: "cart", namespace: "shop" },
    spec: { ...(now?.spec as object), replicas: 5 },
  });
  const proof = await driven.prove();
  expect(proof.proven).toBe(false);
  expect(proof.explanation).toContain(
    "somebody has scaled it to 5 meanwhile (the autoscaler cart-hpa acts on it)",
  );
  await driven.clear();
  expect(replicas()).toBe(5);
  expect(told.events.at(-1)).toContain("stays as somebody has left it: spec.replicas is 5 by now");
});

test("what has no replicas already is no proof", async () => {
  double.put(DEPLOYMENT, deployment("cart", 0));
  const actions = await prepare(toZero);
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({
    proven: false,
    explanation: "deployment shop/cart had 0 replicas already",
  });
});

test("pods are cut off by a policy with the run's marks; that alone does not show that it is enforced", async () => {
  await deployed(2);
  const actions = await prepare({
    deed: "isolate",
    namespace: "shop",
    pods: "app=cart,track!=canary",
    way: "ingress",
    atMost: 2,
  });
  await driven.inject(actions);
  const [policy] = double.store.list(NETWORK_POLICY, "shop");
  expect(policy?.spec).toEqual({
    podSelector: {
      matchLabels: { app: "cart" },
      matchExpressions: [{ key: "track", operator: "NotIn", values: ["canary"] }],
    },
    policyTypes: ["Ingress"],
  });
  expect(policy?.metadata.annotations?.["faultline/run"]).toMatch(/^[0-9a-f]{8}$/);
  const proof = await driven.prove();
  expect([proof.proven, proof.strength]).toEqual([true, "listed"]);
  expect(proof.explanation).toContain("whether the cluster's network enforces it, only traffic shows");
  double.store.remove(NETWORK_POLICY, "shop", policy?.metadata.name ?? "");
  expect((await driven.prove()).proven).toBe(false);
  await driven.clear();
});

test("pods are not cut off where another policy lets traffic through, or where it would cost more than it may", async () => {
  await deployed(2);
  const isolate = {
    deed: "isolate",
    namespace: "shop",
    pods: "app=cart",
    way: "both",
    atMost: null,
  } as const;
  await expect(prepare({ ...isolate, atMost: 1 })).rejects.toThrow(
    "the fault would cost 2 pods, and `atMost` says 1",
  );
  await expect(prepare({ ...isolate, pods: "app=none" })).rejects.toThrow(
    "there are no pods app=none in shop",
  );
  double.put(NETWORK_POLICY, {
    metadata: { name: "let-web", namespace: "shop" },
    spec: { podSelector: {}, ingress: [{ from: [] }], policyTypes: ["Ingress"] },
  });
  await expect(prepare(isolate)).rejects.toThrow("the NetworkPolicy shop/let-web allows them traffic");
  double.put(POD, {
    metadata: { name: "host", namespace: "shop", labels: { app: "cart" } },
    spec: { hostNetwork: true },
  });
  await expect(prepare({ ...isolate, way: "egress" })).rejects.toThrow(
    "shop/host is in the network of its node",
  );
  double.store.remove(POD, "shop", "host");
  // What lets something in says nothing of what goes out.
  await prepare({ ...isolate, way: "egress" });
});

test("a bad image is rolled out and back, and the other containers stay as they are", async () => {
  await deployed(2);
  const spec = {
    deed: "image",
    namespace: "shop",
    workload: "deployment",
    name: "cart",
    image: "bad:1",
    container: null,
    atMost: null,
  } as const;
  const actions = await prepare(spec);
  await driven.inject(actions);
  expect(image()).toBe("bad:1");
  const proof = await driven.prove();
  expect(proof.explanation).toMatch(
    /^deployment shop\/cart got the image bad:1 instead of shop\/cart:1: 1 of 2 pods had it at the end of the fault, and 2 pods were ready/,
  );
  expect(proof.proven).toBe(true);
  await driven.clear();
  expect(image()).toBe("shop/cart:1");
  await expect.poll(() => readyPods().length).toBe(2);
});

test("which of several containers is meant has to be said", async () => {
  const cart = deployment("cart", 1);
  const containers = [
    { name: "cart", image: "a" },
    { name: "side", image: "b" },
  ];
  double.put(DEPLOYMENT, { ...cart, spec: { ...(cart.spec as object), template: { spec: { containers } } } });
  const spec = {
    deed: "image",
    namespace: "shop",
    workload: "deployment",
    name: "cart",
    image: "bad",
    atMost: null,
  } as const;
  await expect(prepare({ ...spec, container: null })).rejects.toThrow("`container` names one of: cart, side");
  await expect(prepare({ ...spec, container: "crt" })).rejects.toThrow('no container "crt"');
  await prepare({ ...spec, container: "side" });
});

test("a node is drained as budgets let it: of named namespaces alone, and not of what belongs to the node", async () => {
  double.put(NODE, { metadata: { name: "worker-1" }, spec: {} });
  await deployed(2);
  const owner = (kind: string) => [{ apiVersion: "apps/v1", kind, name: "x", uid: "u", controller: true }];
  const on = (name: string, namespace: string, kind: string) =>
    double.put(POD, {
      metadata: { name, namespace, ownerReferences: owner(kind) },
      spec: { nodeName: "worker-1" },
    });
  on("agent", "shop", "DaemonSet");
  on("elsewhere", "other", "ReplicaSet");
  const [first] = names(readyPods());
  double.mayEvict = ({ metadata }) => metadata.name === first;
  const actions = await prepare({ deed: "drain", node: "worker-1", atMost: 2 });
  await driven.inject(actions);
  expect(fieldAt(double.get(NODE, null, "worker-1"), ["spec", "unschedulable"])).toBe(true);
  const proof = await driven.prove();
  expect(proof.proven).toBe(true);
  expect(proof.explanation).toMatch(
    /1 of 2 pods evicted.*a disruption budget said no once \(Cannot evict pod/,
  );
  expect(double.get(POD, "shop", "agent")).toBeDefined();
  expect(double.get(POD, "other", "elsewhere")).toBeDefined();
  await driven.clear();
  expect(fieldAt(double.get(NODE, null, "worker-1"), ["spec"])).toEqual({});
});

test("a node that is cordoned takes no new pods; that meets no traffic", async () => {
  double.put(NODE, { metadata: { name: "worker-1" }, spec: {} });
  const actions = await prepare({ deed: "cordon", node: "worker-1" });
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({ proven: true, strength: "listed" });
  double.put(NODE, { metadata: { name: "worker-1" }, spec: {} });
  expect((await driven.prove()).proven).toBe(false);
});

test("what the cluster does not give is said before the run begins: rights, namespace, kind of credentials", async () => {
  await deployed(2);
  double.may = ({ verb, resource }) => verb !== "delete" && resource !== "deployments/scale";
  await expect(prepare(loss(1), toZero)).rejects.toMatchObject({
    code: "KUBERNETES_FORBIDDEN",
    message: expect.stringContaining(
      "rights are missing: delete leases.coordination.k8s.io in namespace shop; delete pods in namespace shop; get deployments/scale.apps in namespace shop; patch deployments/scale.apps in namespace shop",
    ),
  });
  double.may = () => true;
  double.store.remove(
    { group: "", version: "v1", kind: "Namespace", plural: "namespaces", isNamespaced: false },
    null,
    "shop",
  );
  await expect(prepare(loss(1))).rejects.toMatchObject({
    code: "KUBERNETES_MISSING",
    message: expect.stringContaining('no namespace "shop"'),
  });
});

test("with the rights that are named, and no others, each fault works, and each of them is used", async () => {
  await deployed(3);
  double.put(NODE, { metadata: { name: "worker-1" }, spec: {} });
  const isolate: KubernetesSpec = {
    deed: "isolate",
    namespace: "shop",
    pods: "app=cart",
    way: "both",
    atMost: null,
  };
  const on = { namespace: "shop", workload: "deployment", name: "cart", atMost: null } as const;
  const image: KubernetesSpec = { deed: "image", ...on, image: "other:1", container: null };
  const drain: KubernetesSpec = { deed: "drain", node: "worker-1", atMost: null };
  for (const spec of [
    loss(1),
    toZero,
    isolate,
    image,
    { deed: "cordon", node: "worker-1" } as const,
    drain,
  ]) {
    await expect.poll(() => readyPods().length).toBe(3);
    const rights = withCommonRights(rightsFor([kubernetesAction(spec)], TERMS), TERMS);
    double.may = (asked) =>
      rights.some(
        ({ verb, group, resource, namespace, name }) =>
          verb === asked.verb &&
          group === asked.group &&
          resource === asked.resource &&
          namespace === asked.namespace &&
          (name === undefined || name === asked.name),
      );
    double.exercised.clear();
    driven = driver();
    await driven.inject(await prepare(spec));
    expect((await driven.prove()).proven, spec.deed).toBe(true);
    await driven.clear();
    await driven.close();
    const named = [...new Set(rights.map(({ verb, resource }) => `${verb} ${resource}`))];
    const idle = named.filter((right) => !double.exercised.has(right));
    // A lease is written when something is to be undone, and renewed after 10 s.
    const isUndone = spec.deed !== "delete";
    expect(idle, spec.deed).toEqual(isUndone ? [] : ["patch leases"]);
  }
});

test("a webhook that would refuse refuses before the run", async () => {
  await deployed(2);
  double.admits = (operation, { kind }) =>
    operation === "DELETE" && kind === "Pod" ? "no chaos here" : null;
  await expect(prepare(loss(1))).rejects.toMatchObject({
    code: "KUBERNETES_REFUSED",
    message: expect.stringContaining("no chaos here"),
  });
});

test("a fault that cannot be put in place whole leaves nothing", async () => {
  await deployed(2);
  const isolate: KubernetesSpec = {
    deed: "isolate",
    namespace: "shop",
    pods: "app=cart",
    way: "both",
    atMost: null,
  };
  const actions = await prepare(toZero, isolate);
  double.admits = (_, { kind }) => (kind === "NetworkPolicy" ? "no" : null);
  await expect(driven.inject(actions)).rejects.toThrow("no");
  await driven.close();
  expect([replicas(), double.store.list(NETWORK_POLICY, "shop"), double.store.list(LEASE, "shop")]).toEqual([
    2,
    [],
    [],
  ]);
});

test("a stage takes the place of the one before it", async () => {
  await deployed(4);
  const [first, second] = await prepare({ ...toZero, replicas: 2 }, toZero);
  await driven.inject([first!]);
  expect(replicas()).toBe(2);
  await driven.inject([second!]);
  expect(replicas()).toBe(0);
  expect((await driven.prove()).explanation).toMatch(/from 4 to 2.*; .*from 4 to 0/);
  await driven.clear();
  expect(replicas()).toBe(4);
});

test("another process undoes it from the journal", async () => {
  await deployed(3);
  const actions = await prepare(toZero);
  await driven.inject(actions);
  const entries = JSON.parse(JSON.stringify(told.journal)) as UndoEntry[];
  expect(JSON.stringify(entries)).not.toContain("token");
  expect(await undo(entries, { dryRun: true, env: {} })).toEqual({
    did: ["put spec.replicas of deployment shop/cart back"],
    failures: [],
  });
  expect(await undo(entries, { dryRun: false, env: {} })).toMatchObject({ failures: [] });
  expect([replicas(), double.store.list(LEASE, "shop")]).toEqual([3, []]);
  // The run that it was taken from finds it done.
  await driven.clear();
  expect(replicas()).toBe(3);
});

const isPodDelete = ({ method, path, body }: SeenRequest) =>
  method === "DELETE" && path.includes("/pods/") && !JSON.stringify(body).includes("dryRun");

test("pods that had gone by themselves before they were deleted are no proof", async () => {
  await deployed(3);
  const actions = await prepare(loss(2));
  double.instead = (request) => {
    if (isPodDelete(request)) double.store.remove(POD, "shop", request.path.split("/").at(-1) ?? "");
    return null;
  };
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({
    proven: false,
    explanation: "pods app=cart in shop had 3 ready pods, and those that were chosen had gone by themselves",
  });
  expect(told.events.filter((text) => text.endsWith("deleted"))).toEqual([]);
});

test("a pod whose deleting got no answer counts when it is gone by the second try", async () => {
  await deployed(2);
  const actions = await prepare(loss(1, 0));
  let tried = 0;
  double.lose = (request) => isPodDelete(request) && tried++ === 0;
  await driven.inject(actions);
  expect(tried).toBe(2);
  expect((await driven.prove()).explanation).toContain("1 of 2 ready pods killed");
});

test("fewer ready pods than asked for by then are left alone", async () => {
  await deployed(3);
  const actions = await prepare(loss(3));
  for (const pod of readyPods().slice(1)) {
    const status = { conditions: [{ type: "Ready", status: "False" }] };
    double.put(POD, { ...pod, status });
  }
  await expect(driven.inject(actions)).rejects.toThrow("1 ready pod, and 3 to be deleted");
  expect(deeds().filter(({ path }) => path.includes("/pods/"))).toEqual([]);
});

test("no pod is deleted while the server does not tell how they change", async () => {
  await deployed(2);
  const actions = await prepare(loss(1));
  let lists = 0;
  // The first list is the one that chooses.
  double.instead = ({ method, path }) =>
    method === "GET" && path.endsWith("/pods") && lists++ > 0 ? "hang" : null;
  await expect(driven.inject(actions)).rejects.toThrow("the server does not tell how they change");
  expect(deeds().filter(({ path }) => path.includes("/pods/"))).toEqual([]);
}, 15_000);

test("what the end of a fault finds counts, also where the watch has seen nothing since", async () => {
  await deployed(2);
  const actions = await prepare(loss(1));
  await driven.inject(actions);
  const seen = await evidenceOf();
  const pods = seen?.deed === "delete" ? seen.pods : [];
  await expect.poll(() => double.get(POD, "shop", pods[0]?.name ?? "")).toBe(undefined);
  const list = {
    kind: "PodList",
    metadata: { resourceVersion: "1" },
    items: [
      {
        metadata: { name: pods[0]?.name, uid: pods[0]?.uid, namespace: "shop" },
        status: { conditions: [{ type: "Ready", status: "True" }] },
      },
    ],
  };
  double.instead = ({ method, path }) =>
    method === "GET" && path.endsWith("/pods") ? { status: 200, body: list } : null;
  expect((await driven.prove()).proven).toBe(false);
});

test("a pod that still ends may take requests: that it is not ready is all that is known", async () => {
  await deployed(2);
  const actions = await prepare(loss(1));
  // Its kubelet lets it end for longer than the fault.
  double.controllers.stop();
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({ proven: true, strength: "listed" });
});

test("a stage of which nothing could be seen is not left out of the proof", async () => {
  await deployed(4);
  const [first, second] = await prepare({ ...toZero, replicas: 2 }, toZero);
  await driven.inject([first!]);
  let isBroken = true;
  double.instead = ({ method, path }) => {
    if (!isBroken || method !== "GET" || !path.endsWith("/cart")) return null;
    isBroken = false;
    return { status: 422 };
  };
  await driven.inject([second!]);
  expect(isBroken).toBe(false);
  expect(await driven.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringContaining("deployment shop/cart could not be looked at"),
  });
  await driven.clear();
});

test("a node that was cordoned before is no proof, and stays so", async () => {
  double.put(NODE, { metadata: { name: "worker-1" }, spec: { unschedulable: true } });
  const actions = await prepare({ deed: "cordon", node: "worker-1" });
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({
    proven: false,
    explanation: "node worker-1 was cordoned already",
  });
  await driven.clear();
  expect(fieldAt(double.get(NODE, null, "worker-1"), ["spec", "unschedulable"])).toBe(true);
});

test("what the eviction of one pod meets keeps no other, and pods that go by themselves are not evicted", async () => {
  double.put(NODE, { metadata: { name: "worker-1" }, spec: {} });
  await deployed(4);
  const actions = await prepare({ deed: "drain", node: "worker-1", atMost: null });
  const [broken = "", gone = "", another = ""] = names(readyPods());
  double.instead = ({ method, path }) => {
    if (method !== "POST" || !path.endsWith("/eviction")) return null;
    if (path.includes(broken)) return { status: 500 };
    if (path.includes(gone)) double.store.remove(POD, "shop", gone);
    const reason = "Conflict";
    return path.includes(another)
      ? { status: 409, body: { kind: "Status", reason, message: "uid", code: 409 } }
      : null;
  };
  await driven.inject(actions);
  expect(await evidenceOf()).toMatchObject({ deed: "node", pods: 4, evicted: 1, refusals: 0 });
  expect((await driven.prove()).explanation).toMatch(/1 of 4 pods evicted.*failed \(500\)/);
  expect(told.events.filter((text) => text.includes("evicted"))).toHaveLength(1);
});

test("an image on a stateful set that waits for its broken pod for ever is refused", async () => {
  const spec: KubernetesSpec = {
    ...{ deed: "image", namespace: "shop", workload: "statefulSet", name: "db", image: "bad:1" },
    ...{ container: null, atMost: null },
  } as const;
  double.put(STATEFUL_SET, deployment("db", 2));
  await expect(prepare(spec)).rejects.toMatchObject({
    code: "KUBERNETES_UNFIT",
    message: expect.stringContaining("waits for its broken pod for ever"),
  });
  const db = deployment("db", 2);
  double.put(STATEFUL_SET, { ...db, spec: { ...(db.spec as object), podManagementPolicy: "Parallel" } });
  await prepare(spec);
});

test("more replicas are proven when they are ready, not when their pods are begun", async () => {
  // Its pods never become ready.
  double.put(DEPLOYMENT, deployment("cart", 0, "bad:1"));
  const actions = await prepare({ ...toZero, replicas: 3 });
  await driven.inject(actions);
  expect((await driven.prove()).proven).toBe(false);
}, 15_000);
