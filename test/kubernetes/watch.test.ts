import { afterEach, expect, test } from "vitest";
import type { Cluster } from "../../src/kubernetes/cluster.js";
import { POD } from "../../src/kubernetes/objects.js";
import { openCluster } from "../../src/kubernetes/open-cluster.js";
import { ClusterProblem } from "../../src/kubernetes/problem.js";
import { type ApiDouble, startApiDouble } from "../helpers/kubernetes/api-double.js";

let double: ApiDouble;
let stop: AbortController;

afterEach(async () => {
  stop.abort();
  await double.close();
});

async function start(): Promise<Cluster> {
  double = await startApiDouble();
  stop = new AbortController();
  return openCluster({ context: null }, { env: double.env, allowedHosts: [] });
}

const pod = (name: string, note = "") => ({
  metadata: { name, namespace: "shop", labels: { app: "cart" }, annotations: { note } },
});

/** Collects what a watch tells, as "ADDED a". */
function told(cluster: Cluster): { readonly events: string[]; readonly ended: Promise<unknown> } {
  const events: string[] = [];
  const ended = (async () => {
    for await (const { type, object } of cluster.watch(
      POD,
      { namespace: "shop", labels: "app=cart" },
      stop.signal,
    )) {
      events.push(`${type} ${object.metadata.name}`);
    }
  })();
  ended.catch(() => {});
  return { events, ended };
}

const eventually = (events: readonly string[], expected: readonly string[]) =>
  expect.poll(() => [...events], { timeout: 5_000, interval: 20 }).toEqual(expected);

test("a watch tells the state first, then each change, of what was asked for alone", async () => {
  const cluster = await start();
  double.put(POD, pod("a"));
  const { events, ended } = told(cluster);
  await eventually(events, ["ADDED a"]);
  double.put(POD, pod("b"));
  double.put(POD, { metadata: { name: "x", namespace: "shop", labels: { app: "web" } } });
  double.put(POD, { metadata: { name: "y", namespace: "kube-system", labels: { app: "cart" } } });
  double.put(POD, pod("a", "changed"));
  double.store.remove(POD, "shop", "b");
  await eventually(events, ["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
  stop.abort();
  await ended;
});

test("a watch that is cut goes on where it was: nothing is missed, nothing told twice", async () => {
  const cluster = await start();
  double.put(POD, pod("a"));
  const { events } = told(cluster);
  await expect.poll(() => double.openWatches).toBe(1);
  double.cutWatches();
  double.put(POD, pod("b"));
  double.store.remove(POD, "shop", "a");
  await eventually(events, ["ADDED a", "ADDED b", "DELETED a"]);
  const lists = double.requests.filter(({ query }) => query.watch === undefined);
  expect(lists).toHaveLength(1);
});

test("after 410 Gone it lists anew, and tells what was deleted meanwhile", async () => {
  const cluster = await start();
  double.put(POD, pod("a"));
  double.put(POD, pod("b"));
  const { events } = told(cluster);
  await expect.poll(() => double.openWatches).toBe(1);
  double.cutWatches();
  double.store.remove(POD, "shop", "a");
  double.put(POD, pod("b", "changed"));
  double.put(POD, pod("c"));
  double.store.forget();
  await eventually(events, ["ADDED a", "ADDED b", "DELETED a", "MODIFIED b", "ADDED c"]);
});

test("the same when the server says it as an event", async () => {
  const cluster = await start();
  double.put(POD, pod("a"));
  let errors = 1;
  const line = `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410 } })}\n`;
  double.instead = ({ query }) =>
    query.watch !== undefined && errors-- > 0 ? { status: 200, body: line } : null;
  const { events } = told(cluster);
  await expect.poll(() => double.openWatches).toBe(1);
  expect(double.requests.filter(({ query }) => query.watch === undefined)).toHaveLength(2);
  double.put(POD, pod("b"));
  await eventually(events, ["ADDED a", "ADDED b"]);
});

test("a server that ends each answer at once is not asked without end", async () => {
  const cluster = await start();
  double.instead = ({ query }) => (query.watch !== undefined ? { status: 200, body: "\n" } : null);
  told(cluster);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  // Pauses of 100, 200, 400 and 800 ms.
  expect(double.requests.length).toBeLessThan(8);
});

test("a right that is missing ends it", async () => {
  const cluster = await start();
  double.may = ({ verb }) => verb !== "watch";
  const { ended } = told(cluster);
  const error = await ended.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ClusterProblem);
  expect((error as ClusterProblem).message).toContain("watch pods in namespace shop");
});

test("an object is looked at until it is as wanted", async () => {
  const cluster = await start();
  const place = { kind: POD, namespace: "shop", name: "a" };
  double.put(POD, pod("a"));
  setTimeout(() => double.put(POD, pod("a", "ready")), 300);
  const found = await cluster.until(place, (object) => object?.metadata.annotations?.note === "ready", {
    withinMs: 5_000,
  });
  expect(found?.object?.metadata.name).toBe("a");
  setTimeout(() => double.store.remove(POD, "shop", "a"), 100);
  expect(await cluster.until(place, (object) => object === undefined, { withinMs: 5_000 })).toEqual({
    object: undefined,
  });
  expect(await cluster.until(place, (object) => object !== undefined, { withinMs: 300 })).toBe(null);
});
