import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { findAccess } from "../../src/kubernetes/access/find-access.js";
import { Cluster } from "../../src/kubernetes/cluster.js";
import {
  DEPLOYMENT,
  fieldAt,
  type ObjectPlace,
  POD,
  type ResourceKind,
} from "../../src/kubernetes/objects.js";
import { openCluster, reopenCluster } from "../../src/kubernetes/open-cluster.js";
import { ClusterProblem } from "../../src/kubernetes/problem.js";
import { type ApiDouble, type ApiDoubleOptions, startApiDouble } from "../helpers/kubernetes/api-double.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

const opened: ApiDouble[] = [];
afterEach(async () => {
  for (const double of opened.splice(0)) await double.close();
});

async function start(options: ApiDoubleOptions = {}): Promise<ApiDouble> {
  const double = await startApiDouble(options);
  opened.push(double);
  return double;
}

async function clusterOf(double: ApiDouble, patienceMs?: number): Promise<Cluster> {
  const access = await findAccess({ context: null, env: double.env, cwd: "/", files: null });
  return new Cluster(access, patienceMs === undefined ? {} : { patienceMs });
}

const place = (kind: ResourceKind, name: string, namespace: string | null = "shop"): ObjectPlace => ({
  kind,
  namespace,
  name,
});
const cart = place(DEPLOYMENT, "cart");

async function problem(work: Promise<unknown>): Promise<ClusterProblem> {
  const error = await work.then(
    () => new Error("it was no error"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ClusterProblem)) throw error;
  return error;
}

test("an object is got, made, changed and removed, over TLS with a token", async () => {
  const double = await start({ tls: true, token: "t-1" });
  const cluster = await openCluster({ context: "test" }, { env: double.env, allowedHosts: [] });
  expect(await cluster.get(cart)).toBe(null);
  const made = await cluster.create(DEPLOYMENT, deployment("cart", 2));
  expect(made).toMatchObject({ apiVersion: "apps/v1", kind: "Deployment" });
  const patched = await cluster.patch(cart, { spec: { replicas: 1 } });
  expect(fieldAt(patched, ["spec", "replicas"])).toBe(1);
  expect(await cluster.get(cart, { subresource: "scale" })).toMatchObject({
    kind: "Scale",
    spec: { replicas: 1 },
  });
  await cluster.patch(cart, { spec: { replicas: 3 } }, { subresource: "scale" });
  expect(fieldAt(double.get(DEPLOYMENT, "shop", "cart"), ["spec", "replicas"])).toBe(3);
  expect(await cluster.delete(cart)).toBe(true);
  expect(await cluster.delete(cart)).toBe(false);
  cluster.close();
  const writes = double.requests.filter(({ method }) => method === "POST" || method === "PATCH");
  expect(writes.map(({ query }) => [query.fieldValidation, query.fieldManager])).toEqual(
    writes.map(() => ["Strict", "faultline"]),
  );
});

test("a client's certificate is shown", async () => {
  const double = await start({ tls: true, token: "never sent" });
  const { makeAuthority, makeServerCertificate } = await import(
    "../../src/faults/tls/certificates/certificate.js"
  );
  const validity = { notBefore: new Date(Date.now() - 1e6), notAfter: new Date(Date.now() + 1e8) };
  const { cert, key } = await makeServerCertificate(
    await makeAuthority("users", validity),
    ["tester"],
    validity,
  );
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  double.writeKubeconfig({ "client-certificate-data": base64(cert), "client-key-data": base64(key) });
  const cluster = await clusterOf(double);
  expect((await cluster.list(POD, { namespace: "shop" })).items).toEqual([]);
  double.writeKubeconfig({});
  expect((await problem((await clusterOf(double)).list(POD, { namespace: "shop" }))).facts.id).toBe(
    "unauthorized",
  );
});

test("a dry run does nothing", async () => {
  const double = await start();
  const cluster = await clusterOf(double);
  await cluster.create(DEPLOYMENT, deployment("cart", 2), { dryRun: true });
  expect(double.get(DEPLOYMENT, "shop", "cart")).toBe(undefined);
  double.put(DEPLOYMENT, deployment("cart", 2));
  await cluster.patch(cart, { spec: { replicas: 0 } }, { dryRun: true });
  await cluster.delete(cart, { dryRun: true });
  expect(fieldAt(double.get(DEPLOYMENT, "shop", "cart"), ["spec", "replicas"])).toBe(2);
});

test("a list comes page by page, by labels and fields", async () => {
  const double = await start();
  for (let index = 0; index < 1203; index++) {
    const metadata = {
      name: `p-${index}`,
      namespace: "shop",
      labels: { app: index % 2 === 0 ? "cart" : "web" },
    };
    double.put(POD, { metadata, spec: { nodeName: index < 3 ? "worker-2" : "worker-1" } });
  }
  const cluster = await clusterOf(double);
  expect((await cluster.list(POD, { namespace: "shop" })).items).toHaveLength(1203);
  expect(double.requests).toHaveLength(3);
  expect((await cluster.list(POD, { namespace: "shop", labels: "app=cart" })).items).toHaveLength(602);
  expect(
    (await cluster.list(POD, { namespace: "shop", labels: "app=cart", fields: "spec.nodeName=worker-2" }))
      .items,
  ).toHaveLength(2);
});

test("a patch of an older version, and a removal of another object of the name, are conflicts", async () => {
  const double = await start();
  double.controllers.stop();
  const { metadata } = double.put(DEPLOYMENT, deployment("cart", 2));
  const cluster = await clusterOf(double);
  const stale = await problem(
    cluster.patch(cart, { metadata: { resourceVersion: "1" }, spec: { replicas: 0 } }),
  );
  expect([stale.facts.id, stale.facts.status, stale.code]).toEqual(["conflict", 409, "KUBERNETES_REFUSED"]);
  expect((await problem(cluster.delete(cart, { uid: "another" }))).facts.id).toBe("conflict");
  await cluster.patch(cart, {
    metadata: { resourceVersion: metadata.resourceVersion },
    spec: { replicas: 0 },
  });
  expect((await problem(cluster.create(DEPLOYMENT, deployment("cart", 2)))).facts.id).toBe("exists");
});

test("429 is waited for as long as the server asks, and no longer than the patience lasts", async () => {
  const double = await start();
  const cluster = await clusterOf(double, 3_000);
  let refusals = 2;
  double.instead = () => (refusals-- > 0 ? { status: 429, headers: { "Retry-After": "1" } } : null);
  const from = performance.now();
  await cluster.create(DEPLOYMENT, deployment("cart", 1));
  // Two times the second that it asks for; generous above, as the machine may be busy.
  expect(performance.now() - from).toBeGreaterThan(1_950);
  expect(performance.now() - from).toBeLessThan(5_000);
  refusals = Number.POSITIVE_INFINITY;
  expect((await problem(cluster.get(cart))).facts.id).toBe("throttled");
});

test("what got no answer is asked again where that does no harm", async () => {
  const double = await start();
  double.put(DEPLOYMENT, deployment("cart", 2));
  const cluster = await clusterOf(double, 2_000);
  let cuts = 2;
  double.instead = () => (cuts-- > 0 ? "cut" : null);
  expect((await cluster.get(cart))?.metadata.name).toBe("cart");
  cuts = 2;
  await cluster.patch(cart, { spec: { replicas: 1 } });
  let fails = 1;
  double.instead = () => (fails-- > 0 ? { status: 503 } : null);
  await cluster.get(cart);
  double.instead = ({ method }) => (method === "POST" ? { status: 503 } : null);
  const asked = double.requests.length;
  expect((await problem(cluster.create(DEPLOYMENT, deployment("web", 1)))).facts.id).toBe("server");
  expect(double.requests.length - asked).toBe(1);
});

test("a server that hangs costs the time of one try, and no more than the patience", async () => {
  const double = await start();
  const cluster = await clusterOf(double, 300);
  double.instead = () => "hang";
  const late = await problem(cluster.get(cart, { timeoutMs: 200 }));
  expect([late.facts.id, late.code]).toEqual(["late", "KUBERNETES_UNREACHABLE"]);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("stopped by the test")), 50);
  await expect(cluster.get(cart, { signal: stop.signal })).rejects.toThrow("stopped by the test");
});

test("a missing right is named: which verb on what, where", async () => {
  const double = await start();
  double.put(DEPLOYMENT, deployment("cart", 2));
  double.may = ({ verb, resource }) => verb !== "patch" && resource !== "pods/eviction";
  const cluster = await clusterOf(double);
  const refused = await problem(cluster.patch(cart, { spec: { replicas: 0 } }, { subresource: "scale" }));
  expect([refused.code, refused.facts.id]).toEqual(["KUBERNETES_FORBIDDEN", "forbidden"]);
  expect(refused.message).toContain("the right is missing to patch deployments/scale.apps in namespace shop");
  const scale = { verb: "patch", group: "apps", resource: "deployments/scale", namespace: "shop" };
  const evict = { verb: "create", group: "", resource: "pods/eviction", namespace: "shop" };
  const read = { verb: "list", group: "", resource: "pods", namespace: "shop" };
  expect(await cluster.lacking([scale, read, evict])).toEqual([scale, evict]);
});

test("a webhook's no is told as its own, and not as a missing right", async () => {
  const double = await start();
  double.admits = (operation) => (operation === "CREATE" ? "no chaos on Fridays" : null);
  const cluster = await clusterOf(double);
  const refused = await problem(cluster.create(DEPLOYMENT, deployment("cart", 1), { dryRun: true }));
  expect([refused.code, refused.facts.id, refused.facts.status]).toEqual([
    "KUBERNETES_REFUSED",
    "refused",
    403,
  ]);
  expect(refused.message).toContain("no chaos on Fridays");
});

test("a kind, a namespace and an object that are not there are told apart", async () => {
  const double = await start();
  const cluster = await clusterOf(double);
  const chaos = {
    group: "chaos-mesh.org",
    version: "v1alpha1",
    kind: "PodChaos",
    plural: "podchaos",
    isNamespaced: true,
  };
  const missing = await problem(cluster.get(place(chaos, "x")));
  expect([missing.code, missing.facts.id]).toEqual(["KUBERNETES_MISSING", "no_kind"]);
  expect(missing.message).toContain("serves no podchaos of chaos-mesh.org");
  expect([await cluster.serves(chaos), await cluster.serves(DEPLOYMENT), await cluster.serves(POD)]).toEqual([
    false,
    true,
    true,
  ]);
  const elsewhere = { ...deployment("cart", 1), metadata: { name: "cart", namespace: "nowhere" } };
  expect((await problem(cluster.create(DEPLOYMENT, elsewhere))).facts.id).toBe("no_namespace");
  expect((await problem(cluster.patch(cart, {}))).facts.id).toBe("not_found");
});

test("an eviction that a disruption budget forbids is an answer", async () => {
  const double = await start();
  double.put(POD, { metadata: { name: "cart-1", namespace: "shop" } });
  const cluster = await clusterOf(double);
  double.mayEvict = () => false;
  expect(await cluster.evict(place(POD, "cart-1"))).toEqual({
    isEvicted: false,
    isGone: false,
    why: expect.stringContaining("disruption budget"),
  });
  double.mayEvict = () => true;
  expect(await cluster.evict(place(POD, "cart-1"), { graceS: 0 })).toEqual({
    isEvicted: true,
    isGone: false,
    why: null,
  });
  expect(double.get(POD, "shop", "cart-1")).toBe(undefined);
  expect(await cluster.evict(place(POD, "cart-1"))).toEqual({ isEvicted: false, isGone: true, why: null });
});

test("an authority that is not known, a port where nobody listens and wrong credentials are told apart", async () => {
  const double = await start({ tls: true, token: "right" });
  double.writeKubeconfig({ token: "right" }, { "certificate-authority-data": undefined });
  const untrusted = await problem((await clusterOf(double, 500)).get(cart));
  expect([untrusted.facts.id, untrusted.code]).toEqual(["untrusted", "KUBERNETES_UNREACHABLE"]);
  expect(untrusted.message).toContain("authority that is not trusted");
  double.writeKubeconfig(
    { token: "right" },
    { "certificate-authority-data": undefined, "insecure-skip-tls-verify": true },
  );
  expect(await (await clusterOf(double)).get(cart)).toBe(null);
  double.writeKubeconfig({ token: "s3cret-but-wrong" });
  const wrong = await problem((await clusterOf(double)).get(cart));
  expect(wrong.code).toBe("KUBERNETES_UNAUTHORIZED");
  expect(wrong.message).not.toContain("s3cret");
  double.writeKubeconfig({ token: "right" });
  const cluster = await clusterOf(double, 500);
  await double.close();
  expect((await problem(cluster.get(cart))).facts.id).toBe("unreachable");
});

test("a cluster is found again by its reference, and not where the kubeconfig leads elsewhere by now", async () => {
  const double = await start();
  double.put(DEPLOYMENT, deployment("cart", 2));
  const cluster = await openCluster({ context: null }, { env: double.env, allowedHosts: [] });
  expect(cluster.ref).toEqual({ context: "test", files: [double.kubeconfig], server: `${double.url}/` });
  // Another terminal has another environment.
  const again = await reopenCluster(JSON.parse(JSON.stringify(cluster.ref)), { env: {} });
  expect((await again.get(cart))?.metadata.name).toBe("cart");
  double.writeKubeconfig({}, { server: "https://127.0.0.1:1" });
  expect((await problem(reopenCluster(cluster.ref, { env: {} }))).message).toContain(
    "leads to https://127.0.0.1:1/ now",
  );
});

test("a request waits for its credentials within its time, or until it is stopped; for the first ones as long as they take", async () => {
  const double = await start({ token: "t-1" });
  const access = await findAccess({ context: null, env: double.env, cwd: "/", files: null });
  const own = await access.credentials.get(false);
  let asked = 0;
  const get = () => {
    asked += 1;
    const give = () => own;
    return asked === 1 ? sleep(400).then(give) : new Promise<typeof own>(() => {});
  };
  const cluster = new Cluster({ ...access, credentials: { get } }, { patienceMs: 0 });
  expect(await cluster.get(cart, { timeoutMs: 300 })).toBe(null);
  const late = await problem(cluster.get(cart, { timeoutMs: 200 }));
  expect([late.facts.id, late.message]).toEqual([
    "late",
    expect.stringMatching(/: the credentials of the kubeconfig had not come after 0\.[2-9] s$/),
  ]);
  const pod = { namespace: "shop", name: "cart-1", port: 80 };
  expect((await problem(cluster.forward(pod, { timeoutMs: 200 }))).facts.id).toBe("late");
  for (const ask of [
    (sent: { signal: AbortSignal }) => cluster.get(cart, sent),
    (sent: { signal: AbortSignal }) => cluster.forward(pod, sent),
  ]) {
    const fromMs = performance.now();
    await expect(ask({ signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    expect(performance.now() - fromMs).toBeLessThan(2_000);
  }
  cluster.close();
});
