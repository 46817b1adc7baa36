import { afterEach, beforeEach, expect, test } from "vitest";
import type { Cluster } from "../../../src/kubernetes/cluster.js";
import {
  type ClusterObject,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  NAMESPACE,
  POD,
  type ResourceKind,
  STATEFUL_SET,
} from "../../../src/kubernetes/objects.js";
import { openCluster } from "../../../src/kubernetes/open-cluster.js";
import { DAEMON_SET, JOB } from "../../../src/kubernetes/references/known-kinds.js";
import {
  isMistake,
  parseObjectReference,
  referenceText,
} from "../../../src/kubernetes/references/object-reference.js";
import { awaitObjects, objectCheck } from "../../../src/run/cluster/object-check.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { FaultlineError } from "../../../src/support/errors.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import { changePod, ready, readyPod } from "../../helpers/kubernetes/pods.js";
import { deployment } from "../../helpers/kubernetes/workloads.js";

let double: ApiDouble;
let cluster: Cluster;

beforeEach(async () => {
  double = await startApiDouble();
  cluster = await openCluster({ context: null }, { env: double.env, allowedHosts: [] });
});

afterEach(async () => {
  cluster.close();
  await double.close();
});

function reference(text: string) {
  const parsed = parseObjectReference(text);
  if (isMistake(parsed)) throw new Error(parsed.message);
  return parsed;
}

const look = (text: string) => objectCheck(cluster, reference(text)).look(5_000);
const wait = (text: string, timeoutMs: number) =>
  awaitObjects(cluster, [reference(text)], timeoutMs, new AbortController().signal);

/** As its controller has left it. No controller of the double plays with it: its status is not of its own kind. */
function put(kind: ResourceKind, name: string, spec: object, status: object, generation = 1): void {
  const object: ClusterObject = { metadata: { name, namespace: "shop", generation }, spec, status };
  double.put(kind, object);
}

const condition = (type: string, status: string, message: string) => ({ type, status, message });

test("a deployment is ready when its rollout is complete, and is waited for", async () => {
  expect(await look("k8s://shop/deployment/cart")).toBe("it is not there");
  double.put(DEPLOYMENT, deployment("cart", 2));
  await wait("k8s://shop/deployment/cart", 10_000);
  double.put(DEPLOYMENT, deployment("cart", 2, "bad:2"));
  expect(await look("k8s://shop/deployment/cart")).not.toBeNull();
});

test("a deployment that does not come up says so in its own words", async () => {
  double.controllers.stop();
  const status = {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    availableReplicas: 1,
    conditions: [condition("Available", "False", "Deployment does not have minimum availability.")],
  };
  put(DEPLOYMENT, "cart", { replicas: 3 }, status);
  const error: unknown = await wait("k8s://shop/deployment/cart", 700).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FaultlineError);
  expect(error).toMatchObject({
    code: "KUBERNETES_NOT_READY",
    message:
      "k8s://shop/deployment/cart was not ready within 0.7 s: 1 of 3 replicas are available: Deployment does not have minimum availability.",
  });
});

test("a status that is about an older spec says nothing, and old pods are waited for to go", async () => {
  double.controllers.stop();
  const done = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  put(DEPLOYMENT, "cart", { replicas: 2 }, done);
  expect(await look("k8s://shop/deployment/cart")).toBeNull();
  double.put(DEPLOYMENT, {
    ...(double.get(DEPLOYMENT, "shop", "cart") as ClusterObject),
    spec: { replicas: 2, paused: false },
  });
  expect(await look("k8s://shop/deployment/cart")).toBe("its controller has not seen its newest change");
  put(DEPLOYMENT, "web", { replicas: 2 }, { ...done, replicas: 3 });
  expect(await look("k8s://shop/deployment/web")).toBe("1 old replicas are still there");
  put(DEPLOYMENT, "none", { replicas: 0 }, { observedGeneration: 1 });
  expect(await look("k8s://shop/deployment/none")).toBeNull();
});

test("a stateful set, also with a partition, and a daemon set", async () => {
  double.controllers.stop();
  const revisions = { currentRevision: "a", updateRevision: "b" };
  const status = { observedGeneration: 1, readyReplicas: 3, updatedReplicas: 1, ...revisions };
  put(STATEFUL_SET, "db", { replicas: 3 }, status);
  expect(await look("k8s://shop/statefulset/db")).toBe("1 of 3 replicas are of the newest template");
  put(STATEFUL_SET, "part", { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } }, status);
  expect(await look("k8s://shop/statefulset/part")).toBeNull();
  put(STATEFUL_SET, "low", { replicas: 3 }, { ...status, readyReplicas: 2 });
  expect(await look("k8s://shop/statefulset/low")).toBe("2 of 3 replicas are ready");
  put(STATEFUL_SET, "young", { replicas: 3 }, { ...status, updatedReplicas: 3, availableReplicas: 1 });
  expect(await look("k8s://shop/statefulset/young")).toBe("1 of 3 replicas are available");
  const daemons = { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2 };
  put(DAEMON_SET, "log", {}, { ...daemons, numberAvailable: 1 });
  expect(await look("k8s://shop/daemonset/log")).toBe("1 of 2 pods are available");
});

test("a job is waited for until it is complete; one that has failed ends the wait at once", async () => {
  put(JOB, "migrate", {}, { conditions: [] });
  expect(await look("k8s://shop/job/migrate")).toBe("it is not complete");
  put(JOB, "migrate", {}, { conditions: [condition("Complete", "True", "")] });
  expect(await look("k8s://shop/job/migrate")).toBeNull();
  put(
    JOB,
    "bad",
    {},
    { conditions: [condition("Failed", "True", "Job has reached the specified backoff limit")] },
  );
  const fromMs = monotonicMs();
  await expect(wait("k8s://shop/job/bad", 30_000)).rejects.toMatchObject({
    code: "KUBERNETES_NOT_READY",
    message: "k8s://shop/job/bad has failed: Job has reached the specified backoff limit",
  });
  expect(monotonicMs() - fromMs).toBeLessThan(5_000);
});

test("of several objects one that has failed ends the wait for all, wherever it stands", async () => {
  double.controllers.stop();
  put(JOB, "migrate", {}, { conditions: [condition("Failed", "True", "its deadline is over")] });
  put(STATEFUL_SET, "db", { replicas: 1 }, { observedGeneration: 1 });
  const references = ["k8s://shop/statefulset/db", "k8s://shop/job/migrate"].map(reference);
  const fromMs = monotonicMs();
  await expect(awaitObjects(cluster, references, 20_000, new AbortController().signal)).rejects.toMatchObject(
    { message: "k8s://shop/job/migrate has failed: its deadline is over" },
  );
  expect(monotonicMs() - fromMs).toBeLessThan(5_000);
  double.store.remove(JOB, "shop", "migrate");
  const late = awaitObjects(cluster, references, 700, new AbortController().signal);
  await expect(late).rejects.toMatchObject({ message: expect.stringContaining("db was not ready within") });
});

test("pods by labels: at least one, and all of them", async () => {
  expect(await look("k8s://shop/pod?app=cart")).toBe("no pod has these labels");
  double.put(POD, readyPod("a"));
  double.put(POD, readyPod("b"));
  double.put(POD, readyPod("x", "web"));
  expect(await look("k8s://shop/pod?app=cart")).toBeNull();
  changePod(double, "b", ready(false));
  expect(await look("k8s://shop/pod?app=cart")).toMatch(/^1 of 2 pods are ready: b: it is not ready/);
  expect(await look("k8s://shop/pod/a")).toBeNull();
});

test("pods that are done are in nobody's way among others, and are never ready alone", async () => {
  double.put(POD, readyPod("a"));
  const done = (phase: string) => ({
    phase,
    reason: "Evicted",
    message: "The node was low on resource: memory.",
    conditions: [condition("Ready", "False", "")],
  });
  double.put(POD, { ...readyPod("old"), status: done("Failed") });
  double.put(POD, { ...readyPod("once"), status: done("Succeeded") });
  expect(await look("k8s://shop/pod?app=cart")).toBeNull();
  const fromMs = monotonicMs();
  await expect(wait("k8s://shop/pod/old", 30_000)).rejects.toMatchObject({
    code: "KUBERNETES_NOT_READY",
    message: "k8s://shop/pod/old has failed: its phase is Failed: The node was low on resource: memory.",
  });
  expect(monotonicMs() - fromMs).toBeLessThan(5_000);
  const owned = readyPod("db-0", "db");
  const ownerReferences = [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "db" }];
  double.put(POD, { ...owned, metadata: { ...owned.metadata, ownerReferences }, status: done("Failed") });
  expect(await look("k8s://shop/pod/db-0")).toContain("its phase is Failed");
  double.store.remove(POD, "shop", "a");
  expect(await look("k8s://shop/pod?app=cart")).toBe("no pod has these labels");
});

test("a service with an endpoint that is ready", async () => {
  const slice = (name: string, endpoints: readonly object[]): ClusterObject => ({
    metadata: { name, namespace: "shop", labels: { "kubernetes.io/service-name": "cart" } },
    endpoints,
  });
  expect(await look("k8s://shop/service/cart")).toBe("it has no endpoint");
  double.put(ENDPOINT_SLICE, slice("cart-1", [{ conditions: { ready: false } }]));
  expect(await look("k8s://shop/service/cart")).toBe("none of its 1 endpoints is ready");
  double.put(ENDPOINT_SLICE, slice("cart-2", [{ conditions: { ready: true } }]));
  expect(await look("k8s://shop/service/cart")).toBeNull();
});

test("a namespace that is not there is told at once, before anything is started", async () => {
  const fromMs = monotonicMs();
  for (const what of ["deployment/cart", "pod?app=cart", "service/cart"]) {
    await expect(wait(`k8s://shopp/${what}`, 30_000)).rejects.toMatchObject({
      code: "KUBERNETES_MISSING",
      message: expect.stringContaining('has no namespace "shopp"'),
    });
  }
  expect(monotonicMs() - fromMs).toBeLessThan(5_000);
  // A service that is being started may make it.
  const check = objectCheck(cluster, reference("k8s://shopp/deployment/cart"));
  expect(await check.look(5_000)).toBe('there is no namespace "shopp"');
  double.put(NAMESPACE, { metadata: { name: "shopp" } });
  expect(await check.look(5_000)).toBe("it is not there");
});

test("who may not read the namespace waits, and is told at the end what is not known", async () => {
  double.may = ({ resource }) => resource !== "namespaces";
  const late = await wait("k8s://shopp/deployment/cart", 1_200).catch((reason: unknown) => reason);
  expect(late).toMatchObject({
    code: "KUBERNETES_NOT_READY",
    message:
      'k8s://shopp/deployment/cart was not ready within 1.2 s: it is not there. Whether there is a namespace "shopp" is not known: the right to get it is missing',
  });
  const asked = double.requests.filter(({ path }) => path === "/api/v1/namespaces/shopp");
  expect(asked).toHaveLength(1);
});

test("a right that is missing is no matter of waiting; a server that hangs or fails for a while is", async () => {
  double.put(POD, readyPod("a"));
  double.may = () => false;
  await expect(wait("k8s://shop/pod/a", 30_000)).rejects.toMatchObject({ code: "KUBERNETES_FORBIDDEN" });
  double.may = () => true;
  let bad = 2;
  double.instead = () => (bad-- > 0 ? { status: 503 } : null);
  await wait("k8s://shop/pod/a", 30_000);
  double.instead = () => "hang";
  const fromMs = monotonicMs();
  await expect(wait("k8s://shop/pod/a", 800)).rejects.toMatchObject({ code: "KUBERNETES_NOT_READY" });
  expect(monotonicMs() - fromMs).toBeLessThan(3_000);
});

test.each([
  ["k8s://shop/secret/db", "secrets are not read"],
  ["k8s://shop/secrets/db", "secrets are not read"],
  ["k8s://shop/Secret/db", "secrets are not read"],
  ["k8s://shop/secrets.v1.core/db", "secrets are not read"],
  ["k8s://shop/deploment/cart", "`deploment` is no kind"],
  ["k8s://Shop/deployment/cart", "`Shop` is no name of a namespace"],
  ["k8s://shop/deployment", "which deployment?"],
  ["k8s://shop/deployment/cart/status", "expected k8s://NAMESPACE/KIND/NAME"],
  ["k8s://shop/pod/a?app=cart", "which pod?"],
  ["k8s://shop/pod?app = = cart", "no label selector"],
  ["k8s://shop/pod/..", "which pod?"],
  ["k8s:shop/pod/a", "expected k8s://NAMESPACE/KIND/NAME"],
])("%s is refused", (text, message) => {
  const parsed = parseObjectReference(text);
  expect(isMistake(parsed) && parsed.message).toContain(message);
});

test.each([
  "k8s://shop/services.v1.serving.knative.dev/cart",
  "k8s://shop/pods.v1beta1.metrics.k8s.io/cart",
  "k8s://shop/certificates.v1.cert-manager.io/tls",
  "k8s://shop/service/cart",
  "k8s://shop/pod?app=cart",
])("%s is told as it was written", (text) => {
  expect(referenceText(reference(text))).toBe(text);
});

test("a kind that is not known is written in full", () => {
  expect(reference("k8s://shop/certificates.v1.cert-manager.io/tls")).toMatchObject({
    kind: { group: "cert-manager.io", version: "v1", plural: "certificates" },
    name: "tls",
  });
});
