import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { FaultDriver } from "../../../src/faults/fault-driver.js";
import { type LinkerdSpec, linkerdAction } from "../../../src/faults/kinds/linkerd/linkerd-action.js";
import { driver } from "../../../src/faults/linkerd/driver.js";
import {
  GRPC_ROUTE,
  httpRouteKind,
  SERVICE_PROFILE,
  TCP_ROUTE,
  TLS_ROUTE,
} from "../../../src/faults/linkerd/mesh-kinds.js";
import { rightsFor } from "../../../src/faults/linkerd/rights.js";
import { undo } from "../../../src/faults/linkerd/undo.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { type ClusterObject, LEASE, listAt, POD, SERVICE } from "../../../src/kubernetes/objects.js";
import { driverContext } from "../../helpers/driver-context.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import { publishedSpec, specMistakes } from "../../helpers/kubernetes/crd-check.js";
import { playLinkerd, statusOf } from "../../helpers/kubernetes/linkerd-double.js";
import { type Told, toldBy } from "../../helpers/kubernetes/told.js";

const ROUTE = httpRouteKind("gateway.networking.k8s.io", "v1");
const OWN_ROUTE = httpRouteKind("policy.linkerd.io", "v1beta3");
const OLD_TLS_ROUTE = { ...TLS_ROUTE, version: "v1alpha2" };
const KINDS = [ROUTE, OWN_ROUTE, GRPC_ROUTE, OLD_TLS_ROUTE, TCP_ROUTE, SERVICE_PROFILE];

let double: ApiDouble;
let driven: FaultDriver;
let told: Told;
/** What the proxy of each pod says; null: it does not answer. */
let pages: Map<string, string | null>;

beforeEach(async () => {
  double = await startApiDouble({ namespaces: ["shop"], kinds: KINDS });
  double.admits = (operation, kind, object) => {
    if (kind.plural !== ROUTE.plural || operation === "DELETE") return null;
    const name = kind.group === ROUTE.group ? "HTTPRoute" : `HTTPRoute of ${kind.group}`;
    return specMistakes(publishedSpec("linkerd", name), object)[0] ?? null;
  };
  playLinkerd(double, ROUTE);
  playLinkerd(double, OWN_ROUTE);
  putService("payments", 8080);
  putService("error-injector", 80);
  pages = new Map();
  for (const name of ["cart-1", "cart-2"]) {
    pages.set(name, "");
    const metadata = { name, namespace: "shop", labels: { app: "cart" } };
    double.put(POD, { metadata, status: { phase: "Running" } });
  }
  double.instead = ({ path }) => {
    const [, pod = ""] = /\/pods\/([^/]+):4191\/proxy\/metrics$/.exec(decodeURIComponent(path)) ?? [];
    if (pod === "") return null;
    double.exercised.add("get pods/proxy");
    const page = pages.get(pod);
    return page === null || page === undefined ? { status: 503 } : { status: 200, body: page };
  };
  driven = driver();
  told = toldBy("linkerd", double, TERMS);
});
afterEach(async () => {
  await driven.close().catch(() => {});
  await double.close();
});

function putService(name: string, port: number, more: object = {}, annotations = {}): void {
  const spec = { clusterIP: "10.0.0.7", ports: [{ port }], ...more };
  double.put(SERVICE, { metadata: { name, namespace: "shop", annotations }, spec });
}

/** A page of metrics of Linkerd's proxy: requests of a route to payments, and to the failing backend. */
function proxy(route: string, sent: number, failed: number, failing = "error-injector", port = 80): string {
  const metric = "outbound_http_route_backend_requests_total";
  const line = (count: number, backend: string, backendPort: number, by = route, parent = "payments") =>
    `${metric}{parent_group="core",parent_kind="Service",parent_namespace="shop",parent_name="${parent}",parent_port="8080",parent_section_name="",route_group="gateway.networking.k8s.io",route_kind="HTTPRoute",route_namespace="shop",route_name="${by}",backend_group="core",backend_kind="Service",backend_namespace="shop",backend_name="${backend}",backend_port="${backendPort}",backend_section_name=""} ${count}`;
  return [
    `# TYPE ${metric} counter`,
    line(sent, "payments", 8080),
    line(failed, failing, port),
    // Of other routes, and of other Services.
    line(7777, failing, port, "other"),
    line(9999, failing, port, route, "ratings"),
    `${metric.replace("_total", "_created")}{} 5`,
  ].join("\n");
}

const TERMS = { context: null, namespaces: ["shop"], nodes: [] };
const FAULT: LinkerdSpec = {
  namespace: "shop",
  service: "payments",
  port: null,
  group: "gateway.networking.k8s.io",
  route: null,
  path: null,
  headers: {},
  share: 0.3,
  backend: { service: "error-injector", port: null },
  clients: { app: "cart" },
};

async function prepare(...specs: readonly LinkerdSpec[]): Promise<readonly FaultAction[]> {
  const actions = specs.map((spec) => linkerdAction(`${spec.service} in ${spec.namespace}`, spec));
  await driven.prepare(told.context(actions));
  return actions;
}

const PARENT = { group: "core", kind: "Service", name: "payments", port: 8080 };

function thereIs(more: { spec?: object; metadata?: object } = {}, kind = ROUTE): ClusterObject {
  const object: ClusterObject = {
    metadata: { name: "payments", namespace: "shop", ...more.metadata },
    spec: {
      parentRefs: [PARENT],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/charges" } }],
          backendRefs: [
            { name: "payments", port: 8080, weight: 9 },
            { name: "payments", port: 8080, weight: 1 },
          ],
        },
        { timeouts: { request: "2s" } },
      ],
      ...more.spec,
    },
  };
  const parents = statusOf(double, object, "shop");
  return double.put(kind, { ...object, status: { parents } });
}

const routes = (kind = ROUTE) => double.store.list(kind, "shop");
const rules = (): readonly unknown[] => listAt(routes()[0], "spec", "rules");

test("a Service without a route gets one, which is removed", async () => {
  putService("payments", 8080, {}, { "retry.linkerd.io/http": "5xx", "retry.linkerd.io/limit": "2" });
  const actions = await prepare(FAULT);
  expect(routes()).toEqual([]);
  expect(told.events.join()).toContain(
    "payments: the retries (retry.linkerd.io/http: 5xx, retry.linkerd.io/limit: 2 of service shop/payments) draw the backend anew",
  );
  await driven.inject(actions);
  const [route] = routes();
  expect(route?.spec).toEqual({
    parentRefs: [PARENT],
    rules: [
      {
        backendRefs: [
          { name: "payments", port: 8080, weight: 7 },
          { name: "error-injector", port: 80, weight: 3 },
        ],
      },
    ],
  });
  // What it says of retries and timeouts would hide what the Service says.
  expect(Object.keys(route?.metadata.annotations ?? {}).sort()).toEqual(["faultline/run", "faultline/until"]);
  const name = route?.metadata.name ?? "";
  pages.set("cart-1", proxy(name, 70, 30));
  pages.set("cart-2", proxy(name, 30, 8));
  const proof = await driven.prove();
  expect(proof).toMatchObject({
    strength: "observed",
    proven: true,
    acted: { connections: 38, of: 138, unit: "request" },
    because: [{ id: "linkerd_acted", facts: { pods: 2, acted: 38, requests: 138 } }],
  });
  expect(proof.explanation).toBe("payments: the proxies of 2 pods sent 38 of 138 requests to error-injector");
  await driven.clear();
  expect(routes()).toEqual([]);
  await driven.close();
  expect(double.store.list(LEASE, "shop")).toEqual([]);
  expect(await undo(told.journal, { dryRun: false, env: double.env })).toEqual({ did: [], failures: [] });
});

test("a route that is there gets the backend in each rule, keeps its annotations, and is as it was after it", async () => {
  thereIs({ metadata: { annotations: { "retry.linkerd.io/http": "5xx" } } });
  const before = rules();
  const actions = await prepare(FAULT);
  expect(rules()).toEqual(before);
  expect(told.events.join()).toContain("retry.linkerd.io/http: 5xx of httproute shop/payments");
  await driven.inject(actions);
  const failing = { name: "error-injector", port: 80 };
  expect(rules()).toEqual([
    {
      matches: [{ path: { type: "PathPrefix", value: "/charges" } }],
      backendRefs: [
        { name: "payments", port: 8080, weight: 63 },
        { name: "payments", port: 8080, weight: 7 },
        { ...failing, weight: 30 },
      ],
    },
    {
      timeouts: { request: "2s" },
      backendRefs: [
        { name: "payments", port: 8080, weight: 7 },
        { ...failing, weight: 3 },
      ],
    },
  ]);
  expect(routes()[0]?.metadata.annotations).toEqual({ "retry.linkerd.io/http": "5xx" });
  // This one counted before the fault already, and the other one was started again.
  pages.set("cart-1", proxy("payments", 100, 0));
  pages.set("cart-2", proxy("payments", 100, 0));
  await driven.clear();
  await driven.inject(actions);
  pages.set("cart-1", proxy("payments", 170, 30));
  pages.set("cart-2", proxy("payments", 7, 3));
  expect(await driven.prove()).toMatchObject({ acted: { connections: 33, of: 110 } });
  await driven.clear();
  expect(rules()).toEqual(before);
});

test("without a backend, the proxies are led to a Service that nobody has, and answer themselves", async () => {
  putService("payments", 8080, {}, { "retry.linkerd.io/http": "5xx" });
  const actions = await prepare({ ...FAULT, backend: null, share: 1 });
  expect(told.events.join()).toContain("do not try again what Linkerd's proxies answer themselves");
  await driven.inject(actions);
  const name = routes()[0]?.metadata.name ?? "";
  expect(rules()).toEqual([{ backendRefs: [{ name, port: 8080 }] }]);
  expect(double.get(SERVICE, "shop", name)).toBeUndefined();
  pages.set("cart-1", proxy(name, 0, 12, name, 8080));
  const proof = await driven.prove();
  expect(proof).toMatchObject({ strength: "observed", acted: { connections: 12, of: 12 } });
  expect(proof.explanation).toBe(
    "payments: the proxies of 2 pods answered 12 of 12 requests with status 500 themselves",
  );
  // Somebody makes that Service: nothing fails any more.
  putService(name, 8080);
  const [route] = routes();
  if (route) double.put(ROUTE, { ...route, status: { parents: statusOf(double, route, "shop") } });
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "linkerd_refused" }] });
});

test("requests with a header or a path get a rule of their own before the others", async () => {
  const some = { headers: { "x-tenant": "acme" }, path: "/charges" };
  const actions = await prepare({ ...FAULT, ...some });
  await driven.inject(actions);
  expect(rules()).toMatchObject([
    {
      matches: [
        {
          path: { type: "PathPrefix", value: "/charges" },
          headers: [{ name: "x-tenant", value: "acme", type: "Exact" }],
        },
      ],
      backendRefs: [{ weight: 7 }, { weight: 3 }],
    },
    // Others would get 404 without it.
    { backendRefs: [{ name: "payments", port: 8080 }] },
  ]);
});

test("another process puts rules back; what somebody has changed meanwhile stays", async () => {
  thereIs();
  const before = rules();
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  expect((await undo(entries, { dryRun: true, env: double.env })).did).toHaveLength(1);
  expect((await undo(entries, { dryRun: false, env: double.env })).failures).toEqual([]);
  expect(rules()).toEqual(before);

  await driven.clear();
  await driven.inject(actions);
  const theirs = [{ backendRefs: [{ name: "payments", port: 8080 }] }];
  const [object] = routes();
  if (!object) throw new Error("it is gone");
  double.put(ROUTE, { ...object, spec: { ...(object.spec as object), rules: theirs } });
  const { proven, explanation } = await driven.prove();
  expect(proven).toBe(false);
  expect(explanation).toContain("somebody has changed the rules of httproute shop/payments");
  await driven.clear();
  expect(rules()).toEqual(theirs);
});

/** As by `kubectl edit`. */
function edit(change: (rules: readonly object[]) => readonly object[]): void {
  const [object] = routes();
  if (!object) throw new Error("it is gone");
  const edited = change(listAt(object, "spec", "rules") as readonly object[]);
  double.put(ROUTE, { ...object, spec: { ...(object.spec as object), rules: edited } });
}

const THEIRS = {
  matches: [{ path: { type: "PathPrefix", value: "/new" } }],
  backendRefs: [{ name: "payments", port: 8080 }],
};

test.each([
  ["a share", { share: 0.3 }],
  ["all", { share: 1 }],
  ["a header", { headers: { "x-tenant": "acme" } }],
])("%s: what somebody changes beside the backend stays, and the backend is taken out", async (_, changes) => {
  thereIs();
  const [first, ...others] = rules() as readonly object[];
  const spec = { ...FAULT, backend: null, share: 0.5, ...changes };
  const actions = await prepare(spec);
  const match = { path: { type: "PathPrefix", value: "/charges" }, method: "GET" };
  // The first rule that was there. With a header, its own for that header stands before it.
  const narrow = (found: readonly object[]) =>
    found.map((rule, index) => (index === found.length / 2 - 1 ? { ...rule, matches: [match] } : rule));
  for (const isByOther of [false, true]) {
    await driven.inject(actions);
    edit((found) => [THEIRS, ...narrow(found)]);
    if (isByOther) {
      const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
      const { did, failures } = await undo(entries, { dryRun: false, env: double.env });
      expect(failures).toEqual([]);
      expect(did.join()).toContain(
        "take what the run had laid into spec.rules of httproute shop/payments out",
      );
    }
    await driven.clear();
    const left = rules() as readonly object[];
    expect(JSON.stringify(left)).not.toContain("faultline");
    expect(left[0]).toEqual(THEIRS);
    expect(left).toContainEqual({ ...first, matches: [match] });
    expect(left.at(-1)).toEqual(others.at(-1));
    thereIs();
  }
  expect(told.events.join()).toContain("spec.rules, without what the run had laid into it");
});

test("a key that somebody adds to a rule stays", async () => {
  thereIs();
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  edit(([rule, ...others]) => [{ ...rule, timeouts: { request: "9s" } }, ...others]);
  await driven.clear();
  expect(rules()[0]).toMatchObject({
    timeouts: { request: "9s" },
    backendRefs: [{ weight: 9 }, { weight: 1 }],
  });
  expect(JSON.stringify(rules())).not.toContain("error-injector");
});

test("a backend that cannot be told from what was there is no note: the rollback failed, until it is out", async () => {
  thereIs();
  const actions = await prepare({ ...FAULT, backend: null, share: 1 });
  await driven.inject(actions);
  edit((found) =>
    found.map((rule) => ({
      backendRefs: listAt(rule, "backendRefs").map((each) => ({ ...(each as object), weight: 5 })),
    })),
  );
  await expect(driven.clear()).rejects.toMatchObject({
    code: "ROLLBACK_FAILED",
    message: expect.stringMatching(/take {"name":"faultline-.*","port":8080} out of `backendRefs` by hand/),
  });
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  expect((await undo(entries, { dryRun: false, env: double.env })).failures.join()).toContain("by hand");
  expect(double.store.list(LEASE, "shop")).toHaveLength(1);
  edit(() => [THEIRS]);
  await driven.clear();
  expect(rules()).toEqual([THEIRS]);
});

test("what the server adds to rules by its defaults is no change of somebody else", async () => {
  const put = double.store.put.bind(double.store);
  double.store.put = (kind, object) => put(kind, kind === ROUTE ? withDefaults(object) : object);
  thereIs();
  const before = rules();
  const actions = await prepare({ ...FAULT, clients: null });
  await driven.inject(actions);
  expect(rules()[1]).toMatchObject({
    matches: [{ path: { value: "/" } }],
    backendRefs: [{ kind: "Service" }, {}],
  });
  expect(await driven.prove()).toMatchObject({ proven: true, strength: "listed" });
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  expect((await undo(entries, { dryRun: false, env: double.env })).did).toHaveLength(1);
  expect(rules()).toEqual(before);
});

/** As the published CRD says them: what k8s.io/apiextensions-apiserver makes of such a route. */
function withDefaults(route: ClusterObject): ClusterObject {
  const ofBackend = { group: "", kind: "Service", weight: 1 };
  const rules = listAt(route, "spec", "rules").map((rule) => ({
    matches: [{ path: { type: "PathPrefix", value: "/" } }],
    ...(rule as object),
    ...("backendRefs" in (rule as object)
      ? { backendRefs: listAt(rule, "backendRefs").map((each) => ({ ...ofBackend, ...(each as object) })) }
      : {}),
  }));
  return { ...route, spec: { ...(route.spec as object), rules } };
}

test("another process removes a route that a run has made", async () => {
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  expect((await undo(entries, { dryRun: false, env: double.env })).failures).toEqual([]);
  expect(routes()).toEqual([]);
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "linkerd_removed" }] });
});

test("without clients nothing shows that a request met it, and so nothing passes", async () => {
  const actions = await prepare({ ...FAULT, clients: null });
  await driven.inject(actions);
  const proof = await driven.prove();
  expect(proof).toMatchObject({ strength: "listed", proven: true });
  expect(proof.because).toMatchObject([{ id: "linkerd_listed", facts: { service: "payments" } }]);
});

test("proxies that sent nothing, met none, or do not answer, prove nothing", {
  timeout: 60_000,
}, async () => {
  thereIs();
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "linkerd_no_request" }] });
  pages.set("cart-1", proxy("payments", 4, 0));
  expect(await driven.prove()).toMatchObject({
    proven: false,
    isIdle: true,
    because: [{ id: "linkerd_chose_none" }],
  });
  pages.set("cart-1", proxy("payments", 400, 0));
  expect(await driven.prove()).toMatchObject({
    proven: false,
    isIdle: false,
    because: [{ id: "linkerd_met_none" }],
  });
  pages.set("cart-1", null);
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "linkerd_silent" }] });
});

test("far fewer than the share prove nothing, and neither does what was sent before the fault was in place", async () => {
  thereIs();
  const actions = await prepare({ ...FAULT, share: 0.5 });
  const { instead } = double;
  // Proxies go by the stage before, until they hear of this one.
  double.instead = (asked) => {
    if (asked.method === "PATCH" && asked.path.endsWith("/httproutes/payments")) {
      pages.set("cart-1", proxy("payments", 40, 40));
    }
    return instead?.(asked) ?? null;
  };
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "linkerd_no_request" }] });
  pages.set("cart-1", proxy("payments", 40 + 4_993, 40 + 7));
  const proof = await driven.prove();
  expect(proof).toMatchObject({ proven: false, isIdle: false, acted: null });
  expect(proof.because).toMatchObject([{ id: "linkerd_far_fewer", facts: { acted: 7, requests: 5_000 } }]);
  expect(proof.explanation).toContain("sent only 7 of 5,000 requests to error-injector, where 50% was asked");
  pages.set("cart-1", proxy("payments", 40 + 2_600, 40 + 2_400));
  expect(await driven.prove()).toMatchObject({ proven: true, strength: "observed" });
});

test("which requests have a header or a path, the counters do not say: few are enough", async () => {
  const actions = await prepare({ ...FAULT, headers: { "x-tenant": "acme" } });
  await driven.inject(actions);
  const name = routes()[0]?.metadata.name ?? "";
  pages.set("cart-1", proxy(name, 4_993, 7));
  expect(await driven.prove()).toMatchObject({ proven: true, acted: { connections: 7, of: 5_000 } });
});

test("a route that Linkerd does not take is taken out again", { timeout: 30_000 }, async () => {
  const actions = await prepare(FAULT);
  // Since the rehearsal it has lost its address: Linkerd takes no routes of it.
  double.instead = ({ method, path }) => {
    if (method === "POST" && path.endsWith("/httproutes"))
      putService("payments", 8080, { clusterIP: "None" });
    return path.includes("/proxy/") ? { status: 200, body: "" } : null;
  };
  await expect(driven.inject(actions)).rejects.toMatchObject({
    code: "FAULT_NOT_PLACED",
    message: expect.stringContaining("NoMatchingParent (parent service must have a ClusterIP)"),
  });
  expect(routes()).toEqual([]);
});

test("the rights that are asked for are enough, and each of them is used", async () => {
  const rights = rightsFor([linkerdAction("x", FAULT)], TERMS);
  const known = new Set(rights.map(({ verb, resource }) => `${verb} ${resource}`));
  const common = new Set(["get namespaces", "list leases", "delete leases", "create leases", "patch leases"]);
  double.may = ({ verb, resource }) => known.has(`${verb} ${resource}`) || common.has(`${verb} ${resource}`);
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  await driven.prove();
  await driven.clear();
  // Only one that is there is changed.
  thereIs();
  await driven.inject(actions);
  await driven.clear();
  await driven.close();
  expect([...known].filter((right) => !double.exercised.has(right))).toEqual([]);
});

test("Linkerd's own HTTPRoutes work the same way, where they are named", async () => {
  const before = listAt(thereIs({}, OWN_ROUTE), "spec", "rules");
  await expect(prepare(FAULT)).rejects.toMatchObject({
    code: "KUBERNETES_UNFIT",
    message: expect.stringContaining("There is httproute shop/payments of policy.linkerd.io"),
  });
  await driven.close();
  driven = driver();
  const actions = await prepare({ ...FAULT, group: "policy.linkerd.io" });
  await driven.inject(actions);
  expect(listAt(routes(OWN_ROUTE)[0], "spec", "rules")).toMatchObject([
    { backendRefs: [{ weight: 63 }, { weight: 7 }, { weight: 30 }] },
    { backendRefs: [{ weight: 7 }, { weight: 3 }] },
  ]);
  await driven.clear();
  expect(listAt(routes(OWN_ROUTE)[0], "spec", "rules")).toEqual(before);
});

test("a ServiceProfile that leads no requests is not in the way", async () => {
  const metadata = { name: "payments.shop.svc.cluster.local", namespace: "shop" };
  double.put(SERVICE_PROFILE, { metadata, spec: { opaquePorts: ["3306"] } });
  await expect(prepare(FAULT)).resolves.toHaveLength(1);
});

test("a TCPRoute is in nobody's way where the Service has an HTTPRoute: Linkerd takes it no more then", async () => {
  thereIs();
  const metadata = { name: "bytes", namespace: "shop" };
  double.put(TCP_ROUTE, { metadata, spec: { parentRefs: [PARENT] } });
  await expect(prepare(FAULT)).resolves.toHaveLength(1);
});

test("one of another Service, or of another port, is in nobody's way", async () => {
  const of = (name: string, parent: object) =>
    double.put(TCP_ROUTE, { metadata: { name, namespace: "shop" }, spec: { parentRefs: [parent] } });
  of("other", { ...PARENT, name: "ratings" });
  of("port", { ...PARENT, port: 9090 });
  await expect(prepare(FAULT)).resolves.toHaveLength(1);
});

test("a right on what the cluster does not serve is not missing", async () => {
  const few = await startApiDouble({ namespaces: ["shop"], kinds: [ROUTE, SERVICE_PROFILE] });
  onTestFinished(() => few.close());
  const unserved = ["grpcroutes", "tlsroutes", "tcproutes"];
  few.may = ({ group, resource }) => group !== OWN_ROUTE.group && !unserved.includes(resource);
  for (const name of ["payments", "error-injector"])
    few.put(SERVICE, {
      metadata: { name, namespace: "shop" },
      spec: { clusterIP: "10.0.0.7", ports: [{ port: 8080 }] },
    });
  const actions = [linkerdAction("payments in shop", { ...FAULT, clients: null })];
  await driven.prepare(toldBy("linkerd", few, TERMS).context(actions));
  few.instead = ({ path }) => (/^\/apis\/[^/]+$/.test(path) ? { status: 403 } : null);
  const untold = driver();
  await expect(untold.prepare(toldBy("linkerd", few, TERMS).context(actions))).rejects.toThrow(
    "rights are missing",
  );
  few.instead = () => null;
  const blind = driver();
  few.may = ({ resource }) => resource !== "serviceprofiles";
  await expect(blind.prepare(toldBy("linkerd", few, TERMS).context(actions))).rejects.toMatchObject({
    code: "KUBERNETES_FORBIDDEN",
    message: expect.stringContaining("rights are missing: list serviceprofiles.linkerd.io in namespace shop"),
  });
});

/** What is not as it should be, and a part of what is said. */
const UNFIT: readonly (readonly [string, () => void, Partial<LinkerdSpec>, string])[] = [
  ["no such Service", () => {}, { service: "refunds" }, "there is no Service refunds in shop"],
  ["no such backend", () => {}, { backend: { service: "nobody", port: 80 } }, "there is no Service nobody"],
  [
    "no such port",
    () => {},
    { backend: { service: "error-injector", port: 81 } },
    "service shop/error-injector has no port 81. It has the ports 80",
  ],
  [
    "several ports",
    () => putService("payments", 8080, { ports: [{ port: 8080 }, { port: 9090 }] }),
    {},
    "has the ports 8080, 9090: say which with `port`",
  ],
  [
    "a headless Service",
    () => putService("payments", 8080, { clusterIP: "None" }),
    {},
    "has no ClusterIP, and Linkerd takes routes of no such Service",
  ],
  [
    "a ServiceProfile",
    () => {
      const metadata = { name: "payments.shop.svc.cluster.local", namespace: "shop" };
      double.put(SERVICE_PROFILE, {
        metadata,
        spec: { routes: [{ name: "all", condition: { pathRegex: "/" } }] },
      });
    },
    {},
    "with it Linkerd's proxies go by no HTTPRoute",
  ],
  [
    "a Service that is another name for a host",
    () => putService("payments", 8080, { type: "ExternalName", externalName: "pay.test" }),
    {},
    "has no ClusterIP, and Linkerd takes routes of no such Service",
  ],
  [
    "a backend that is another name for a host",
    () => putService("error-injector", 80, { type: "ExternalName", externalName: "pay.test" }),
    {},
    "is another name for a host, and Linkerd leads no requests there",
  ],
  [
    "a GRPCRoute beside an HTTPRoute that is there",
    () => {
      thereIs();
      const metadata = { name: "calls", namespace: "shop" };
      double.put(GRPC_ROUTE, { metadata, spec: { parentRefs: [PARENT] } });
    },
    {},
    "grpcroute shop/calls is for the same Service",
  ],
  [
    "a GRPCRoute",
    () => {
      const metadata = { name: "calls", namespace: "shop" };
      double.put(GRPC_ROUTE, { metadata, spec: { parentRefs: [PARENT] } });
    },
    {},
    "grpcroute shop/calls is for the same Service, and beside it Linkerd takes no HTTPRoute",
  ],
  [
    "a TCPRoute, which an HTTPRoute would take the place of",
    () => {
      const metadata = { name: "bytes", namespace: "shop" };
      double.put(TCP_ROUTE, { metadata, spec: { parentRefs: [PARENT] } });
    },
    {},
    "tcproute shop/bytes is for the same Service, which has no HTTPRoute: beside one that is made for the fault, Linkerd would take it no more",
  ],
  [
    "a TLSRoute of an older version, for all ports",
    () => {
      const metadata = { name: "names", namespace: "shop" };
      const { port: _, ...parent } = PARENT;
      double.put(OLD_TLS_ROUTE, { metadata, spec: { parentRefs: [parent] } });
    },
    {},
    "tlsroute shop/names is for the same Service, which has no HTTPRoute",
  ],
  ["no such route", () => thereIs(), { route: "refunds" }, 'no HTTPRoute "refunds"'],
  [
    "several routes",
    () => {
      thereIs();
      thereIs({ metadata: { name: "again" } });
    },
    {},
    "has several HTTPRoutes",
  ],
  [
    "a route that is for others, too",
    () => thereIs({ spec: { parentRefs: [PARENT, { kind: "Gateway", name: "edge" }] } }),
    {},
    "is for Gateway edge, too, which would get the fault as well",
  ],
  [
    "a route of all ports",
    () => {
      putService("payments", 8080, { ports: [{ port: 8080 }, { port: 9090 }] });
      thereIs({ spec: { parentRefs: [{ group: "core", kind: "Service", name: "payments" }] } });
    },
    { port: 8080 },
    "is for several ports of payments: each would get the fault",
  ],
  [
    "a route that sends there already",
    () => thereIs({ spec: { rules: [{ backendRefs: [{ name: "error-injector", port: 80 }] }] } }),
    {},
    "sends requests to error-injector already",
  ],
  [
    "a route that Linkerd does not take",
    () => thereIs({ spec: { rules: [{ backendRefs: [{ name: "gone", port: 80 }] }] } }),
    {},
    "Linkerd does not take httproute shop/payments as it is: ResolvedRefs is not true: BackendNotFound",
  ],
  [
    "a backend that is the Service itself, by its only port",
    () => {},
    { backend: { service: "payments", port: 8080 } },
    "requests to port 8080 of service shop/payments go there already",
  ],
  [
    "a backend that is the Service itself, behind a route",
    () => thereIs({ spec: { rules: [{ timeouts: { request: "2s" } }] } }),
    { port: 8080, backend: { service: "payments", port: null } },
    "go there already, so none would fail",
  ],
  [
    "a header, beside another route that would lose requests",
    () => {
      thereIs();
      thereIs({ metadata: { name: "again" } });
    },
    { route: "again", headers: { "x-tenant": "acme" } },
    "takes requests away from those of the others: leave `path` and `headers` out",
  ],
  [
    "a path, beside a route of Linkerd's own",
    () => {
      thereIs();
      thereIs({ metadata: { name: "own" } }, OWN_ROUTE);
    },
    { route: "payments", path: "/charges/eu" },
    "httproute shop/own of policy.linkerd.io",
  ],
  ["no such clients", () => {}, { clients: { app: "nobody" } }, "no pod in shop has the labels app=nobody"],
];

test.each(UNFIT)("%s is refused before the run, and nothing is changed", async (_, set, changes, said) => {
  set();
  const before = routes();
  await expect(prepare({ ...FAULT, ...changes })).rejects.toMatchObject({
    code: "KUBERNETES_UNFIT",
    message: expect.stringContaining(said),
  });
  expect(routes()).toEqual(before);
});

test("one of several routes can be named", async () => {
  thereIs();
  thereIs({ metadata: { name: "again" } });
  const actions = await prepare({ ...FAULT, route: "again" });
  await driven.inject(actions);
  const [first, second] = routes();
  expect(listAt(first, "spec", "rules")[0]).toMatchObject({ backendRefs: [{ weight: 9 }, { weight: 1 }] });
  expect(listAt(second, "spec", "rules")[0]).toMatchObject({ backendRefs: [{}, {}, { weight: 30 }] });
});

test("a cluster without Linkerd, or without such routes, is refused", async () => {
  const prepared = async (kinds: typeof KINDS) => {
    const bare = await startApiDouble({ namespaces: ["shop"], kinds });
    try {
      const context = driverContext({ actions: [linkerdAction("x", FAULT)], cluster: TERMS, env: bare.env });
      await driver().prepare(context);
    } finally {
      await bare.close();
    }
  };
  await expect(prepared([ROUTE])).rejects.toMatchObject({
    code: "KUBERNETES_MISSING",
    message: expect.stringContaining("is Linkerd installed there?"),
  });
  await expect(prepared([SERVICE_PROFILE, OWN_ROUTE])).rejects.toMatchObject({
    code: "KUBERNETES_MISSING",
    message: expect.stringContaining("`group: policy.linkerd.io`"),
  });
});
