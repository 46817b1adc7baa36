import { afterEach, beforeEach, expect, test } from "vitest";
import type { JournaledDeed } from "../../src/kubernetes/changes/deed.js";
import { RunChanges } from "../../src/kubernetes/changes/run-changes.js";
import { undoDeeds } from "../../src/kubernetes/changes/undo-deeds.js";
import type { Cluster } from "../../src/kubernetes/cluster.js";
import {
  type ClusterObject,
  DEPLOYMENT,
  fieldAt,
  LEASE,
  NETWORK_POLICY,
  NODE,
  type ObjectPlace,
} from "../../src/kubernetes/objects.js";
import { openCluster } from "../../src/kubernetes/open-cluster.js";
import { type ApiDouble, type SeenRequest, startApiDouble } from "../helpers/kubernetes/api-double.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

let double: ApiDouble;
let cluster: Cluster;
let journal: { readonly undo: JournaledDeed; readonly text: string }[];
let events: string[];

beforeEach(async () => {
  double = await startApiDouble();
  // Status that they write would be another change.
  double.controllers.stop();
  cluster = await openCluster({ context: null }, { env: double.env, allowedHosts: [] });
  journal = [];
  events = [];
});
afterEach(() => double.close());

const changesOf = (run = "r1") =>
  new RunChanges({
    cluster,
    run,
    leaseNamespace: "shop",
    note: (undo, text) => journal.push({ undo, text }),
    onEvent: (text) => events.push(text),
  });

const cart: ObjectPlace = { kind: DEPLOYMENT, namespace: "shop", name: "cart" };
const worker: ObjectPlace = { kind: NODE, namespace: null, name: "worker-2" };
const policy = { metadata: { name: "cut", namespace: "shop" }, spec: { podSelector: {} } };
const toZero = [{ path: ["spec", "replicas"], set: 0 }];
const replicas = () => fieldAt(double.get(DEPLOYMENT, "shop", "cart"), ["spec", "replicas"]);
const leases = () => double.store.list(LEASE, "shop");
const deedsOf = (lease?: ClusterObject) =>
  JSON.parse(lease?.metadata.annotations?.["faultline/deeds"] ?? "null");
/** As if the machines of their runs were gone since long. */
const letDie = () => {
  for (const lease of leases()) {
    const spec = { ...(lease.spec as object), renewTime: "2026-01-01T00:00:00.000000Z" };
    double.put(LEASE, { ...lease, spec });
  }
};
/** The server does what it is asked, and its answer is lost. @param count so many times. */
const loseAnswers = (count: number, is: (request: SeenRequest) => boolean) => {
  let left = count;
  double.lose = (request) => is(request) && left-- > 0;
};
/** As a journal on disk holds it. */
const entries = () => JSON.parse(JSON.stringify(journal)) as typeof journal;
const heal = (dryRun = false) => undoDeeds(entries(), { dryRun, env: double.env });

test("a change is noted here, then in the cluster, then done; taking it back leaves nothing", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  const changes = changesOf();
  const done = await changes.change(cart, toZero, { subresource: "scale" });
  expect(replicas()).toBe(0);
  expect(journal.map(({ text }) => text)).toEqual([`deployment shop/cart of ${cluster.words}`]);
  const writes = double.requests
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => `${method} ${path.split("/").slice(-3).join("/")}`);
  expect(writes).toEqual(["POST namespaces/shop/leases", "PATCH deployments/cart/scale"]);
  expect(leases()).toHaveLength(1);
  expect(await changes.takeBack(done)).toEqual({ left: null });
  expect([replicas(), deedsOf(leases()[0])]).toEqual([3, []]);
  expect(await changes.takeBack(done)).toEqual({ left: null });
  await changes.takeAllBack();
  expect(leases()).toEqual([]);
});

test("when the journal cannot be written, nothing is done", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  const changes = new RunChanges({
    cluster,
    run: "r1",
    leaseNamespace: "shop",
    note: () => {
      throw new Error("disk full");
    },
    onEvent: () => {},
  });
  await expect(changes.change(cart, toZero)).rejects.toThrow("disk full");
  await expect(changes.make(NETWORK_POLICY, policy)).rejects.toThrow("disk full");
  expect(double.requests.filter(({ method }) => method !== "GET")).toEqual([]);
});

test("what the cluster does not let be noted is not done", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  double.may = ({ resource, verb }) => resource !== "leases" || verb !== "create";
  await expect(changesOf().change(cart, toZero)).rejects.toThrow("create leases.coordination.k8s.io");
  expect(replicas()).toBe(3);
});

test("what somebody changes between reading and writing is read again, and put back as they wanted it", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  let isFirst = true;
  double.instead = ({ method, path }) => {
    if (isFirst && method === "PATCH" && path.endsWith("/cart")) {
      isFirst = false;
      double.put(DEPLOYMENT, deployment("cart", 5));
    }
    return null;
  };
  const changes = changesOf();
  const done = await changes.change(cart, toZero);
  expect([replicas(), journal.length]).toEqual([0, 2]);
  // Another process finds both notes.
  expect(await heal()).toEqual({ did: ["put spec.replicas of deployment shop/cart back"], failures: [] });
  expect(replicas()).toBe(5);
  await changes.takeBack(done);
  expect(replicas()).toBe(5);
});

test("a rehearsal does not mind what is changed while it goes on", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  let others = 3;
  double.instead = ({ method }) => {
    if (method === "PATCH" && others-- > 0) double.put(DEPLOYMENT, deployment("cart", 3 + others));
    return null;
  };
  await changesOf().rehearseChange(cart, toZero);
  expect(others).toBe(-1);
  others = Number.POSITIVE_INFINITY;
  await expect(changesOf().rehearseChange(cart, toZero)).rejects.toThrow("changed by somebody else");
});

test("what somebody has changed since is left, and said; what was made anew is none of its business", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  const changes = changesOf();
  const done = await changes.change(cart, toZero);
  const now = double.get(DEPLOYMENT, "shop", "cart");
  double.put(DEPLOYMENT, { ...now, ...deployment("cart", 7) });
  const { left } = await changes.takeBack(done);
  expect(left).toBe(
    "deployment shop/cart stays as somebody has left it: spec.replicas is 7 by now, and the run had set 0",
  );
  expect([replicas(), events]).toEqual([7, [left]]);

  const again = changesOf("r2");
  await again.change(cart, toZero);
  double.store.remove(DEPLOYMENT, "shop", "cart");
  double.put(DEPLOYMENT, deployment("cart", 0));
  await again.takeAllBack();
  await changes.takeAllBack();
  expect([replicas(), leases()]).toEqual([0, []]);
});

test("a field that was not there is taken out again, and one part of a list is put back alone", async () => {
  double.put(NODE, { metadata: { name: "worker-2" }, spec: { taints: [] } });
  const containers = [
    { name: "side", image: "side:1" },
    { name: "cart", image: "cart:1", env: [{ name: "A", value: "1" }] },
  ];
  double.put(DEPLOYMENT, {
    metadata: { name: "cart", namespace: "shop" },
    spec: { template: { spec: { containers } } },
  });
  const changes = changesOf();
  const image = ["spec", "template", "spec", "containers", { name: "cart" }, "image"];
  await changes.change(worker, [{ path: ["spec", "unschedulable"], set: true }]);
  await changes.change(cart, [{ path: image, set: "bad:1" }]);
  expect(fieldAt(double.get(NODE, null, "worker-2"), ["spec"])).toEqual({ taints: [], unschedulable: true });
  expect(fieldAt(double.get(DEPLOYMENT, "shop", "cart"), image)).toBe("bad:1");
  await changes.takeAllBack();
  expect(double.get(NODE, null, "worker-2")?.spec).toEqual({ taints: [] });
  expect(fieldAt(double.get(DEPLOYMENT, "shop", "cart"), ["spec", "template", "spec", "containers"])).toEqual(
    containers,
  );
});

test("what is as wanted already is not touched", async () => {
  double.put(DEPLOYMENT, deployment("cart", 0));
  await changesOf().change(cart, toZero);
  expect([journal, leases()]).toEqual([[], []]);
});

test("an object is made with the marks of its run, and removed only as that", async () => {
  const changes = changesOf();
  const { object } = await changes.make(NETWORK_POLICY, policy);
  expect(object.metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "faultline" });
  expect(object.metadata.annotations).toMatchObject({
    "faultline/run": "r1",
    "faultline/until": expect.stringMatching(/^\d{4}-/),
  });
  expect(await heal(true)).toEqual({ did: ["remove networkpolicy shop/cut"], failures: [] });
  expect(double.get(NETWORK_POLICY, "shop", "cut")).toBeDefined();
  double.put(NETWORK_POLICY, { ...policy, metadata: { ...policy.metadata, annotations: {} } });
  expect((await heal()).did).toEqual(["networkpolicy shop/cut is not of this run any more"]);
  expect(double.get(NETWORK_POLICY, "shop", "cut")).toBeDefined();
});

test("an answer that is lost on the way does not lose the object", async () => {
  const isCreate = (method: string, path: string) => method === "POST" && path.endsWith("/networkpolicies");
  let isFirst = true;
  double.instead = ({ method, path, body }) => {
    if (!isFirst || !isCreate(method, path)) return null;
    isFirst = false;
    double.put(NETWORK_POLICY, body as typeof policy);
    return { status: 409, body: { kind: "Status", reason: "AlreadyExists", message: "exists", code: 409 } };
  };
  const changes = changesOf();
  await changes.make(NETWORK_POLICY, policy);
  await changes.takeAllBack();
  expect(double.get(NETWORK_POLICY, "shop", "cut")).toBe(undefined);
});

test("what a webhook refuses is not noted as open", async () => {
  double.admits = (_, { kind }) => (kind === "NetworkPolicy" ? "not here" : null);
  const changes = changesOf();
  await expect(changes.make(NETWORK_POLICY, policy)).rejects.toThrow("not here");
  expect(deedsOf(leases()[0])).toEqual([]);
  await changes.takeAllBack();
  expect(leases()).toEqual([]);
});

test("another process undoes all from the journal, once; a second time there is nothing to do", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  double.put(NODE, { metadata: { name: "worker-2" } });
  const changes = changesOf();
  await changes.make(NETWORK_POLICY, policy);
  await changes.change(cart, toZero, { subresource: "scale" });
  await changes.change(worker, [{ path: ["spec", "unschedulable"], set: true }]);
  const { did, failures } = await heal();
  expect(failures).toEqual([]);
  expect(did).toEqual([
    "put spec.unschedulable of node worker-2 back",
    "put spec.replicas of deployment shop/cart back",
    "remove networkpolicy shop/cut",
  ]);
  expect([replicas(), leases(), double.store.list(NETWORK_POLICY, null)]).toEqual([3, [], []]);
  expect(await heal()).toEqual({ did: [], failures: [] });
});

test("a cluster that cannot be reached is a failure, with what is left", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  await changesOf().change(cart, toZero);
  double.instead = () => ({ status: 401 });
  const { did, failures } = await heal();
  expect(did).toEqual([]);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toContain("deployment shop/cart");
  expect(await undoDeeds([{ undo: { deed: "?" }, text: "something" }], { dryRun: false, env: {} })).toEqual({
    did: [],
    failures: ["something: how to undo it cannot be read"],
  });
});

test("what a run on another machine left is undone by the next one, when its lease is over", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  await changesOf("dead").change(cart, toZero, { subresource: "scale" });
  await changesOf("dead2").make(NETWORK_POLICY, policy);
  letDie();
  const did = await changesOf("next").healDead(["shop"]);
  expect(did.toSorted()).toEqual([
    "put spec.replicas of deployment shop/cart back",
    "remove networkpolicy shop/cut",
  ]);
  expect([replicas(), leases(), double.store.list(NETWORK_POLICY, null)]).toEqual([3, [], []]);
});

/** A lease of a run that has given no sign of life, as anybody may write it who may write leases. */
function deadLease(deeds: unknown): void {
  double.put(LEASE, {
    metadata: {
      name: "faultline-x",
      namespace: "shop",
      labels: { "app.kubernetes.io/managed-by": "faultline" },
      annotations: { "faultline/run": "x", "faultline/deeds": JSON.stringify(deeds) },
    },
    spec: { renewTime: "2026-01-01T00:00:00.000000Z", leaseDurationSeconds: 120 },
  });
}

test("a lease gets nothing done that could do harm: other fields, places that are not named, what has no mark", async () => {
  const { metadata } = double.put(DEPLOYMENT, deployment("cart", 0, "good:1"));
  double.put(NETWORK_POLICY, policy);
  const before = JSON.stringify([
    double.get(DEPLOYMENT, "shop", "cart"),
    double.get(NETWORK_POLICY, "shop", "cut"),
  ]);
  const healed = () => changesOf("next").healDead(["shop"], ["worker-1"]);
  const changed = { deed: "changed", run: "x", uid: metadata.uid, subresource: null, place: cart };
  const image = ["spec", "template", "spec", "containers", { name: "cart" }, "image"];
  const scaled = { path: ["spec", "replicas"], found: 9, set: 0 };
  for (const deeds of [
    [{ ...changed, fields: [{ path: image, found: "evil:1", set: "good:1" }] }],
    [{ ...changed, fields: [scaled] }],
    [{ ...changed, subresource: "scale", place: { ...cart, namespace: "kube-system" }, fields: [scaled] }],
    [{ ...changed, subresource: "scale", fields: [scaled, { path: image, found: "evil:1", set: "good:1" }] }],
    [{ ...changed, place: worker, fields: [{ path: ["spec", "unschedulable"], set: true }] }],
    [{ deed: "made", run: "x", place: { ...cart, namespace: "other" } }],
    [{ deed: "unknown" }],
  ]) {
    deadLease(deeds);
    await expect(healed(), JSON.stringify(deeds)).rejects.toMatchObject({ code: "KUBERNETES_UNFIT" });
    expect(leases()).toHaveLength(1);
  }
  // It has the name, and not the run's mark.
  deadLease([{ deed: "made", run: "x", place: { kind: NETWORK_POLICY, namespace: "shop", name: "cut" } }]);
  expect(await healed()).toEqual(["networkpolicy shop/cut is not of this run any more"]);
  expect(
    JSON.stringify([double.get(DEPLOYMENT, "shop", "cart"), double.get(NETWORK_POLICY, "shop", "cut")]),
  ).toBe(before);
});

test("a run that lives is left alone, and no other one begins beside it", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  await changesOf("alive").change(cart, toZero);
  await expect(changesOf("next").healDead(["shop"])).rejects.toMatchObject({
    code: "RUN_CONFLICT",
    message: expect.stringMatching(/another run of faultline \(alive\) has faults in cluster "test"/),
  });
  expect([replicas(), leases()]).toEqual([0, [expect.anything()]]);
});

const isScaling = ({ method, path, query }: SeenRequest) =>
  method === "PATCH" && path.endsWith("/cart/scale") && query.dryRun === undefined;

test("a change whose answer is lost is known for the run's own, and is undone", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  loseAnswers(1, isScaling);
  const changes = changesOf();
  const done = await changes.change(cart, toZero, { subresource: "scale" });
  expect(double.requests.filter(isScaling)).toHaveLength(2);
  expect([replicas(), done.deed.fields[0]?.found]).toEqual([0, 3]);
  expect(deedsOf(leases()[0])).toHaveLength(1);
  // So does whoever undoes it from the journal.
  expect((await heal(true)).did).toEqual(["put spec.replicas of deployment shop/cart back"]);
  await changes.takeBack(done);
  expect(replicas()).toBe(3);
  await changes.takeAllBack();
});

test("a change of which no answer ever comes is undone at the end", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  const changes = changesOf();
  let tried = 0;
  double.lose = isScaling;
  // The first try is done. The repeats get a word that is none about it.
  double.instead = (request) =>
    isScaling(request) && tried++ > 0
      ? { status: 422, body: { kind: "Status", reason: "Invalid", message: "no", code: 422 } }
      : null;
  await expect(changes.change(cart, toZero, { subresource: "scale" })).rejects.toThrow("no");
  expect(replicas()).toBe(0);
  double.instead = () => null;
  double.lose = () => false;
  await changes.takeAllBack();
  expect([replicas(), leases()]).toEqual([3, []]);
});

test("a try that the server did not do, and whose answer is lost, is done again on what is there now", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  let tried = 0;
  double.instead = (request) => {
    if (!isScaling(request) || tried++ > 0) return null;
    double.put(DEPLOYMENT, deployment("cart", 5));
    return { status: 503 };
  };
  const changes = changesOf();
  const done = await changes.change(cart, toZero, { subresource: "scale" });
  expect([replicas(), done.deed.fields[0]?.found]).toEqual([0, 5]);
  await changes.takeAllBack();
  expect([replicas(), leases()]).toEqual([5, []]);
});

test("what a change may cost is asked of the very version that is changed", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  let tried = 0;
  double.instead = (request) => {
    if (isScaling(request) && tried++ === 0) double.put(DEPLOYMENT, deployment("cart", 50));
    return null;
  };
  const check = (before: ClusterObject) => {
    if (Number(fieldAt(before, ["spec", "replicas"])) > 3) throw new Error("too many");
  };
  await expect(changesOf().change(cart, toZero, { subresource: "scale", check })).rejects.toThrow("too many");
  expect(replicas()).toBe(50);
});

test("a run is seen from before its first deed until its end, and of two that come at once none goes on", async () => {
  const first = changesOf("first");
  await first.healDead(["shop"]);
  const second = changesOf("second");
  await second.healDead(["shop"]);
  await first.claim();
  expect(journal.map(({ undo }) => [undo.deed, undo.place.name])).toEqual([["made", "faultline-first"]]);
  await expect(second.claim()).rejects.toMatchObject({ code: "RUN_CONFLICT" });
  expect(leases().map(({ metadata }) => metadata.name)).toEqual(["faultline-first"]);
  await expect(changesOf("third").healDead(["shop"])).rejects.toMatchObject({ code: "RUN_CONFLICT" });
  // Another driver of the same run.
  const beside = new RunChanges({
    ...{ cluster, run: "beside", holder: "first", leaseNamespace: "shop" },
    ...{ note: () => {}, onEvent: () => {} },
  });
  await beside.healDead(["shop"]);
  await beside.claim();
  await beside.takeAllBack();
  await first.takeAllBack();
  expect(leases()).toEqual([]);
  await changesOf("third").healDead(["shop"]);
});

test("another process removes a lease in which nothing is noted", async () => {
  const changes = changesOf();
  await changes.healDead(["shop"]);
  await changes.claim();
  expect(await heal()).toEqual({ did: [], failures: [] });
  expect(leases()).toEqual([]);
});

test("a lease whose making was not answered is removed, and one that cannot be removed is told", async () => {
  const isMaking = ({ method, path }: SeenRequest) => method === "POST" && path.endsWith("/leases");
  // The first one goes out again on a new connection: the kept one may have ended before.
  loseAnswers(2, isMaking);
  const changes = changesOf();
  await changes.healDead(["shop"]);
  await expect(changes.claim()).rejects.toMatchObject({ code: "KUBERNETES_UNREACHABLE" });
  expect(leases()).toHaveLength(1);
  double.may = ({ verb, resource }) => verb !== "delete" || resource !== "leases";
  await expect(changes.takeAllBack()).rejects.toThrow("delete leases");
  double.may = () => true;
  await changes.takeAllBack();
  expect(leases()).toEqual([]);
});

test("a lease that could not be told of an undoing is told again", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  const changes = changesOf();
  const done = await changes.change(cart, toZero);
  double.may = ({ resource }) => resource !== "leases";
  await expect(changes.takeBack(done)).rejects.toThrow("patch leases");
  expect(replicas()).toBe(3);
  double.may = () => true;
  await changes.takeAllBack();
  expect(leases()).toEqual([]);
});

test("a lease may not name what another run has made, nor lead elsewhere by its kind", async () => {
  const of = (kind: object, run: string) => [
    { deed: "made", place: { kind, namespace: "shop", name: "x" }, run },
  ];
  for (const deeds of [
    of(NETWORK_POLICY, "another"),
    of({ ...NETWORK_POLICY, plural: "x/../networkpolicies" }, "evil"),
    of({ ...NETWORK_POLICY, isNamespaced: false }, "evil"),
  ]) {
    const annotations = { "faultline/run": "evil", "faultline/deeds": JSON.stringify(deeds) };
    const labels = { "app.kubernetes.io/managed-by": "faultline" };
    double.put(LEASE, { metadata: { name: "evil", namespace: "shop", annotations, labels }, spec: {} });
    await expect(changesOf("next").healDead(["shop"])).rejects.toMatchObject({ code: "KUBERNETES_UNFIT" });
  }
  expect(double.requests.filter(({ method }) => method !== "GET")).toEqual([]);
});

test("what a dead run left and this one has no right to undo is left and told", async () => {
  double.put(DEPLOYMENT, deployment("cart", 3));
  await changesOf("dead").change(cart, toZero, { subresource: "scale" });
  await changesOf("dead2").make(NETWORK_POLICY, policy);
  letDie();
  double.may = ({ verb, resource }) => verb !== "patch" || !resource.startsWith("deployments");
  const told = await changesOf("next").healDead(["shop"]);
  expect(told).toHaveLength(2);
  expect(told).toContainEqual("remove networkpolicy shop/cut");
  expect(told).toContainEqual(
    expect.stringMatching(
      /^lease shop\/faultline-dead of a run that is gone stays: .*the right is missing to patch deployments/,
    ),
  );
  expect(leases()).toHaveLength(1);
});
