/**
 * Against a real kube-apiserver, by hand: scripts/real-kube-apiserver.sh. It has no controllers and no nodes, so these are played here:
 * status is what a test writes there.
 */

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect } from "vitest";
import { type KubernetesSpec, kubernetesAction } from "../../src/faults/cluster/kubernetes-action.js";
import { withCommonRights } from "../../src/faults/cluster/open-for-faults.js";
import type { FaultAction } from "../../src/faults/fault-action.js";
import { driver } from "../../src/faults/kubernetes/driver.js";
import { rightsFor } from "../../src/faults/kubernetes/rights.js";
import { undo } from "../../src/faults/kubernetes/undo.js";
import type { UndoEntry } from "../../src/faults/undo-entry.js";
import type { Cluster } from "../../src/kubernetes/cluster.js";
import {
  type ClusterObject,
  DEPLOYMENT,
  fieldAt,
  LEASE,
  NAMESPACE,
  NETWORK_POLICY,
  NODE,
  POD,
  placeOf,
  type ResourceKind,
  STATEFUL_SET,
} from "../../src/kubernetes/objects.js";
import { ClusterProblem } from "../../src/kubernetes/problem.js";
import { ApiWire } from "../../src/kubernetes/wire/api-wire.js";
import { driverContext } from "../helpers/driver-context.js";
import { accessOf, admin, clusterFor, grant, real, tester } from "../helpers/kubernetes/real-cluster.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

const kind = (
  group: string,
  version: string,
  name: string,
  plural: string,
  isNamespaced = true,
): ResourceKind => ({
  group,
  version,
  kind: name,
  plural,
  isNamespaced,
});
const QUOTA = kind("", "v1", "ResourceQuota", "resourcequotas");
const BUDGET = kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets");

const namespace = `shop-${randomBytes(3).toString("hex")}`;
const node = `worker-${randomBytes(3).toString("hex")}`;
const TERMS = { context: null, namespaces: [namespace], nodes: [node] };
let cluster: Cluster;
let controllers: NodeJS.Timeout;

beforeAll(async () => {
  if (admin === undefined) return;
  cluster = await clusterFor(admin);
  await cluster.create(NAMESPACE, { metadata: { name: namespace } });
  await cluster.create(NODE, { metadata: { name: node } });
  await cluster.create(DEPLOYMENT, deployment("cart", 3, "cart:1", namespace));
  const { metadata, spec } = deployment("db", 2, "db:1", namespace);
  await cluster.create(STATEFUL_SET, { metadata, spec: { ...(spec as object), serviceName: "db" } });
  controllers = setInterval(() => void playControllers().catch(() => {}), 200);
});
afterAll(async () => {
  clearInterval(controllers);
  if (admin === undefined) return;
  await cluster.delete({ kind: NAMESPACE, namespace: null, name: namespace });
  await cluster.delete({ kind: NODE, namespace: null, name: node });
  cluster.close();
});

/** Says of each workload that it is as it is wanted, and that the pods are ready. */
async function playControllers(): Promise<void> {
  for (const each of [DEPLOYMENT, STATEFUL_SET]) {
    for (const workload of (await cluster.list(each, { namespace })).items) {
      const replicas = fieldAt(workload, ["spec", "replicas"]);
      const { generation } = workload.metadata;
      if (fieldAt(workload, ["status", "observedGeneration"]) === generation) continue;
      const status = {
        observedGeneration: generation,
        replicas,
        readyReplicas: replicas,
        updatedReplicas: replicas,
      };
      await cluster.patch(placeOf(each, workload), { status }, { subresource: "status" });
    }
  }
}

async function pod(name: string, onNode = false): Promise<ClusterObject> {
  const owner = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name: "cart",
    uid: "6a1f0a52-0000-4000-8000-000000000000",
    controller: true,
  };
  const made = await cluster.create(POD, {
    metadata: { name, namespace, labels: { app: "cart" }, ownerReferences: [owner] },
    spec: { ...(onNode ? { nodeName: node } : {}), containers: [{ name: "cart", image: "cart:1" }] },
  });
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  return cluster.patch(placeOf(POD, made), { status }, { subresource: "status" });
}

async function prepared(...specs: readonly KubernetesSpec[]) {
  const actions: readonly FaultAction[] = specs.map(kubernetesAction);
  await grant(cluster, withCommonRights(rightsFor(actions, TERMS), TERMS));
  const journal: UndoEntry[] = [];
  const driven = driver();
  await driven.prepare(
    driverContext({
      actions,
      cluster: TERMS,
      env: { KUBECONFIG: tester },
      journal: { undoable: (entry) => void journal.push({ driver: "kubernetes", ...entry }) },
    }),
  );
  return { driven, actions, journal };
}

async function problem(work: Promise<unknown>): Promise<ClusterProblem> {
  const error = await work.then(
    () => new Error("it was no error"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ClusterProblem)) throw error;
  return error;
}

const scale = (workload: "deployment" | "statefulSet", name: string): KubernetesSpec => ({
  deed: "scale",
  namespace,
  workload,
  name,
  atMost: null,
  replicas: 0,
});
const replicas = async (of: ResourceKind, name: string) =>
  fieldAt(await cluster.get({ kind: of, namespace, name }), ["spec", "replicas"]);

real(
  "scaling to zero and back, with exactly the rights that rbac prints, both kinds of workloads",
  async () => {
    const { driven, actions } = await prepared(scale("deployment", "cart"), scale("statefulSet", "db"));
    await driven.inject(actions);
    expect([await replicas(DEPLOYMENT, "cart"), await replicas(STATEFUL_SET, "db")]).toEqual([0, 0]);
    const proof = await driven.prove();
    expect([proof.proven, proof.strength], proof.explanation).toEqual([true, "observed"]);
    expect((await cluster.list(LEASE, { namespace })).items).toHaveLength(1);
    await driven.clear();
    expect([await replicas(DEPLOYMENT, "cart"), await replicas(STATEFUL_SET, "db")]).toEqual([3, 2]);
    await driven.close();
    expect((await cluster.list(LEASE, { namespace })).items).toEqual([]);
  },
);

real("a killed run's deeds are undone from its journal, a second time nothing is left to do", async () => {
  const { driven, actions, journal } = await prepared(scale("deployment", "cart"), {
    deed: "cordon",
    node,
  });
  await driven.inject(actions);
  const entries = JSON.parse(JSON.stringify(journal)) as UndoEntry[];
  const { did, failures } = await undo(entries, { dryRun: false, env: {} });
  expect(failures).toEqual([]);
  expect(did).toEqual([
    `put spec.unschedulable of node ${node} back`,
    `put spec.replicas of deployment ${namespace}/cart back`,
  ]);
  expect(await replicas(DEPLOYMENT, "cart")).toBe(3);
  expect(
    fieldAt(await cluster.get({ kind: NODE, namespace: null, name: node }), ["spec", "unschedulable"]),
  ).toBe(undefined);
  expect(await undo(entries, { dryRun: false, env: {} })).toEqual({ did: [], failures: [] });
  await driven.close();
});

real("a bad image goes in and out, and pods are cut off by a policy", async () => {
  await pod("cart-policy");
  const { driven, actions } = await prepared(
    {
      deed: "image",
      namespace,
      workload: "deployment",
      name: "cart",
      image: "cart:broken",
      container: null,
      atMost: null,
    },
    { deed: "isolate", namespace, pods: "app=cart,track!=canary", way: "both", atMost: null },
  );
  await driven.inject(actions);
  const path = ["spec", "template", "spec", "containers", { name: "cart" }, "image"];
  const image = async () => fieldAt(await cluster.get({ kind: DEPLOYMENT, namespace, name: "cart" }), path);
  expect(await image()).toBe("cart:broken");
  expect((await cluster.list(NETWORK_POLICY, { namespace })).items).toHaveLength(1);
  expect(await driven.prove()).toMatchObject({ proven: true, strength: "listed" });
  await driven.clear();
  await driven.close();
  expect([await image(), (await cluster.list(NETWORK_POLICY, { namespace })).items]).toEqual(["cart:1", []]);
  await cluster.delete({ kind: POD, namespace, name: "cart-policy" }, { graceS: 0 });
});

real("pods are killed, one by its seed, and the watch sees it go", async () => {
  await pod("cart-a");
  await pod("cart-b");
  const { driven, actions } = await prepared({
    deed: "delete",
    namespace,
    pods: "app=cart",
    count: 1,
    graceS: 0,
  });
  await driven.inject(actions);
  const proof = await driven.prove();
  expect([proof.proven, proof.strength], proof.explanation).toEqual([true, "observed"]);
  expect((await cluster.list(POD, { namespace, labels: "app=cart" })).items).toHaveLength(1);
  await driven.clear();
  await driven.close();
  for (const name of ["cart-a", "cart-b"])
    await cluster.delete({ kind: POD, namespace, name }, { graceS: 0 });
});

real("a node is drained, and a disruption budget says no in its own words", async () => {
  await pod("cart-drained", true);
  const { driven, actions } = await prepared({ deed: "drain", node, atMost: 3 });
  await driven.inject(actions);
  const proof = await driven.prove();
  expect(proof.proven, proof.explanation).toBe(true);
  await driven.clear();
  await driven.close();
  await cluster.delete({ kind: POD, namespace, name: "cart-drained" }, { graceS: 0 });

  await cluster.create(BUDGET, {
    metadata: { name: "cart", namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "cart" } } },
  });
  await pod("cart-kept", true);
  const kept = await cluster.evict({ kind: POD, namespace, name: "cart-kept" });
  expect(kept).toEqual({ isEvicted: false, isGone: false, why: expect.stringMatching(/disruption budget/) });
  await cluster.delete({ kind: BUDGET, namespace, name: "cart" });
  await cluster.delete({ kind: POD, namespace, name: "cart-kept" }, { graceS: 0 });
});

real("what the server refuses is told as what it is", async () => {
  const cart = { kind: DEPLOYMENT, namespace, name: "cart" };
  const stale = await problem(
    cluster.patch(cart, { metadata: { resourceVersion: "1" }, spec: { paused: true } }),
  );
  expect(stale.facts).toMatchObject({ id: "conflict", status: 409 });
  const unknown = { metadata: { name: "x", namespace }, spec: { podSelector: {}, policyTipes: ["Ingress"] } };
  const strict = await problem(cluster.create(NETWORK_POLICY, unknown, { dryRun: true }));
  expect(strict.facts).toMatchObject({
    id: "invalid",
    status: 400,
    said: expect.stringContaining("policyTipes"),
  });
  const exists = await problem(cluster.create(DEPLOYMENT, deployment("cart", 1, "x", namespace)));
  expect(exists.facts.id).toBe("exists");
  const nowhere = await problem(cluster.create(DEPLOYMENT, deployment("cart", 1, "x", "nowhere")));
  expect(nowhere.facts.id).toBe("no_namespace");
  const chaos = kind("chaos-mesh.org", "v1alpha1", "PodChaos", "podchaos");
  expect((await problem(cluster.list(chaos, { namespace }))).facts.id).toBe("no_kind");
  expect(
    (await problem(cluster.get({ kind: kind("apps", "v1", "X", "nothings"), namespace, name: "x" }))).facts
      .id,
  ).toBe("no_kind");
  expect([await cluster.serves(chaos), await cluster.serves(DEPLOYMENT)]).toEqual([false, true]);
  await cluster.create(QUOTA, { metadata: { name: "none", namespace }, spec: { hard: { pods: "0" } } });
  await cluster.patch(
    { kind: QUOTA, namespace, name: "none" },
    { status: { hard: { pods: "0" }, used: { pods: "0" } } },
    { subresource: "status" },
  );
  const quota = await problem(pod("too-many"));
  expect(quota.facts).toMatchObject({
    id: "refused",
    status: 403,
    said: expect.stringContaining("exceeded quota"),
  });
  await cluster.delete({ kind: QUOTA, namespace, name: "none" });
  await grant(cluster, []);
  const nobody = await clusterFor(tester);
  const forbidden = await problem(nobody.list({ ...POD }, { namespace: "kube-system" }));
  expect(forbidden.facts).toMatchObject({ id: "forbidden", status: 403 });
  const right = { verb: "delete", group: "", resource: "pods", namespace: "kube-system" };
  expect(await nobody.lacking([right])).toEqual([right]);
  nobody.close();
});

real("a watch of a version that is long gone is answered with 410, and begins anew", async () => {
  const wire = new ApiWire(await accessOf(admin));
  const query = { watch: "1", resourceVersion: "1", timeoutSeconds: "5" };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const codeOfOldest = async () => {
    let first: unknown = null;
    const answer = await wire.follow({ method: "GET", path, query, timeoutMs: 10_000 }, (line) => {
      first ??= JSON.parse(line);
      return false;
    });
    return answer.status === 410 ? 410 : fieldAt(first, ["object", "code"]);
  };
  // The server forgets old versions every few seconds.
  await expect.poll(codeOfOldest, { timeout: 40_000, interval: 1_000 }).toBe(410);
  wire.close();
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type, object } of cluster.watch(POD, { namespace }, stop.signal)) {
      seen.push(`${type} ${object.metadata.name}`);
    }
  })();
  await pod("watched");
  await cluster.delete({ kind: POD, namespace, name: "watched" }, { graceS: 0 });
  await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe("DELETED watched");
  stop.abort();
  await reading;
});
