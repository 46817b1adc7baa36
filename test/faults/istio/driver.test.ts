import { afterEach, beforeEach, expect, test } from "vitest";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import type { FaultDriver } from "../../../src/faults/fault-driver.js";
import { driver } from "../../../src/faults/istio/driver.js";
import { undo } from "../../../src/faults/istio/undo.js";
import { VIRTUAL_SERVICE } from "../../../src/faults/istio/virtual-service.js";
import { type IstioSpec, istioAction } from "../../../src/faults/kinds/istio/istio-action.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { type ClusterObject, LEASE, listAt, POD } from "../../../src/kubernetes/objects.js";
import { driverContext } from "../../helpers/driver-context.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import { publishedSpec, specMistakes } from "../../helpers/kubernetes/crd-check.js";
import { type Told, toldBy } from "../../helpers/kubernetes/told.js";

let double: ApiDouble;
let driven: FaultDriver;
let told: Told;
/** What the sidecar of each pod says; null: it does not answer. */
let pages: Map<string, string | null>;

beforeEach(async () => {
  double = await startApiDouble({ namespaces: ["shop"], kinds: [VIRTUAL_SERVICE] });
  double.admits = (operation, kind, object) => {
    if (kind.plural !== VIRTUAL_SERVICE.plural || operation === "DELETE") return null;
    return specMistakes(publishedSpec("istio", "VirtualService"), object)[0] ?? null;
  };
  pages = new Map([
    ["cart-1", sidecar(100, 0, 0)],
    ["cart-2", sidecar(50, 0, 0)],
  ]);
  for (const name of pages.keys()) {
    double.put(POD, {
      metadata: { name, namespace: "shop", labels: { app: "cart" } },
      status: { phase: "Running" },
    });
  }
  double.instead = ({ path }) => {
    const [, pod = ""] =
      /\/pods\/([^/]+):15090\/proxy\/stats\/prometheus$/.exec(decodeURIComponent(path)) ?? [];
    if (pod === "") return null;
    const page = pages.get(pod);
    return page === null || page === undefined ? { status: 503 } : { status: 200, body: page };
  };
  driven = driver();
  told = toldBy("istio", double, TERMS);
});
afterEach(async () => {
  await driven.close().catch(() => {});
  await double.close();
});

/** A page of metrics of Istio's proxy. */
function sidecar(plain: number, aborted: number, delayed: number, host = "payments"): string {
  const line = (flags: string, count: number, reporter = "source", to = host) =>
    `istio_requests_total{reporter="${reporter}",source_app="cart",destination_service="${to}.shop.svc.cluster.local",response_flags="${flags}",odd="a \\"}\\" b"} ${count}`;
  return [
    "# TYPE istio_requests_total counter",
    line("-", plain),
    line("FI", aborted),
    line("DI", delayed),
    // Of others, and as the other side sees it.
    line("FI", 9999, "destination"),
    line("FI", 9999, "source", "ratings"),
    line("-", 9999).replace("payments.shop", "payments.other"),
    "istio_request_bytes_sum{} 5",
  ].join("\n");
}

const TERMS = { context: null, namespaces: ["shop"], nodes: [] };
const FAULT: IstioSpec = {
  namespace: "shop",
  host: "payments",
  route: null,
  headers: {},
  abort: { status: 503, grpc: null, share: 0.3 },
  delay: null,
  clients: { app: "cart" },
};

async function prepare(...specs: readonly IstioSpec[]): Promise<readonly FaultAction[]> {
  const actions = specs.map((spec) => istioAction(`${spec.host} in ${spec.namespace}`, spec));
  await driven.prepare(told.context(actions));
  return actions;
}

const THERE: ClusterObject = {
  metadata: { name: "payments", namespace: "shop" },
  spec: {
    hosts: ["payments.shop.svc.cluster.local"],
    http: [
      {
        name: "charges",
        match: [{ uri: { prefix: "/charges" }, headers: { "x-a": { exact: "1" } } }],
        route: [{ destination: { host: "payments", subset: "v1" } }],
        retries: { attempts: 2, perTryTimeout: "1s" },
      },
      { route: [{ destination: { host: "payments" }, weight: 100 }] },
    ],
  },
};

const httpOf = (object: ClusterObject) => listAt(object, "spec", "http") as readonly object[];

const services = () => double.store.list(VIRTUAL_SERVICE, "shop");
const routes = (): readonly unknown[] => listAt(services()[0], "spec", "http");

test("a VirtualService that is there gets the fault in its routes, and is as it was after it", async () => {
  double.put(VIRTUAL_SERVICE, THERE);
  const before = routes();
  const actions = await prepare({ ...FAULT, delay: { ms: 800, share: 0.5 } });
  expect(routes()).toEqual(before);
  // Its own retries would not try again what its fault answers.
  expect(told.events.join()).toContain("the retries of charges do not try again");
  await driven.inject(actions);
  const fault = {
    abort: { httpStatus: 503, percentage: { value: 30 } },
    delay: { fixedDelay: "0.8s", percentage: { value: 50 } },
  };
  expect(routes()).toEqual(before.map((route) => ({ ...(route as object), fault })));
  pages.set("cart-1", sidecar(160, 30, 40));
  // This one was started again.
  pages.set("cart-2", sidecar(5, 2, 1));
  const proof = await driven.prove();
  expect(proof).toMatchObject({
    strength: "observed",
    proven: true,
    acted: { connections: 32, of: 138, unit: "request" },
  });
  expect(proof.explanation).toBe(
    "payments: the sidecars of 2 pods answered 32 of 138 requests themselves; payments: the sidecars of 2 pods held 41 of 138 requests themselves",
  );
  await driven.clear();
  expect(routes()).toEqual(before);
  await driven.close();
  expect(double.store.list(LEASE, "shop")).toEqual([]);
  expect(await undo(told.journal, { dryRun: false, env: double.env })).toEqual({ did: [], failures: [] });
});

test("requests with a header get a route of their own before the others", async () => {
  double.put(VIRTUAL_SERVICE, THERE);
  const actions = await prepare({ ...FAULT, route: "charges", headers: { "x-tenant": "acme" } });
  await driven.inject(actions);
  expect(routes()).toHaveLength(3);
  expect(routes()[0]).toMatchObject({
    name: "charges-faultline",
    match: [
      { uri: { prefix: "/charges" }, headers: { "x-a": { exact: "1" }, "x-tenant": { exact: "acme" } } },
    ],
    fault: { abort: { httpStatus: 503 } },
  });
  expect(routes().slice(1)).toEqual(listAt(THERE, "spec", "http"));
});

test("where there is no VirtualService for the host one is made, and removed", async () => {
  const actions = await prepare({ ...FAULT, abort: { status: null, grpc: "UNAVAILABLE", share: 1 } });
  expect(services()).toEqual([]);
  await driven.inject(actions);
  expect(services()).toMatchObject([
    {
      spec: {
        hosts: ["payments"],
        http: [
          {
            route: [{ destination: { host: "payments" } }],
            fault: { abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 100 } } },
          },
        ],
      },
    },
  ]);
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  const undone = await undo(entries, { dryRun: false, env: double.env });
  expect(undone.failures).toEqual([]);
  expect(services()).toEqual([]);
});

test.each<Record<string, string>>([{}, { "x-tenant": "acme" }])(
  "what somebody changes beside a fault (headers %j) stays, and the fault is taken out",
  async (headers) => {
    double.put(VIRTUAL_SERVICE, THERE);
    const before = routes();
    const actions = await prepare({ ...FAULT, headers });
    await driven.inject(actions);
    const [object] = services();
    if (!object) throw new Error("it is gone");
    const theirs = { name: "new", route: [{ destination: { host: "payments", subset: "v2" } }] };
    const http = routes().map((route) => ({ ...(route as object), timeout: "9s" }));
    double.put(VIRTUAL_SERVICE, { ...object, spec: { ...(object.spec as object), http: [theirs, ...http] } });
    expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "istio_changed" }] });
    await driven.clear();
    expect(routes()).toEqual([theirs, ...before.map((route) => ({ ...(route as object), timeout: "9s" }))]);
    expect(told.events.join()).toContain("spec.http, without what the run had laid into it");
  },
);

test("another process puts routes back; what somebody has changed meanwhile stays", async () => {
  double.put(VIRTUAL_SERVICE, THERE);
  const before = routes();
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  const entries: UndoEntry[] = JSON.parse(JSON.stringify(told.journal));
  expect((await undo(entries, { dryRun: true, env: double.env })).did).toHaveLength(1);
  expect((await undo(entries, { dryRun: false, env: double.env })).failures).toEqual([]);
  expect(routes()).toEqual(before);

  await driven.clear();
  await driven.inject(actions);
  const theirs = [{ route: [{ destination: { host: "payments", subset: "v2" } }] }];
  const [object] = services();
  if (!object) throw new Error("it is gone");
  double.put(VIRTUAL_SERVICE, { ...object, spec: { ...(object.spec as object), http: theirs } });
  const { proven, explanation } = await driven.prove();
  expect(proven).toBe(false);
  expect(explanation).toContain("somebody has changed the routes of virtualservice shop/payments");
  await driven.clear();
  expect(routes()).toEqual(theirs);
});

test("without clients nothing shows that a request met it, and so nothing passes", async () => {
  const actions = await prepare({ ...FAULT, clients: null });
  await driven.inject(actions);
  const proof = await driven.prove();
  expect(proof).toMatchObject({ strength: "listed", proven: true });
  expect(proof.because).toMatchObject([{ id: "istio_listed", facts: { host: "payments" } }]);
});

test("where a fault is for some requests alone, one that met it is enough", async () => {
  for (const [there, more] of [
    [{ ...THERE, spec: { ...(THERE.spec as object) } }, { route: "charges" }],
    [THERE, { headers: { "x-tenant": "acme" } }],
    // A route that the proxy answers itself gets none.
    [
      {
        ...THERE,
        spec: {
          hosts: ["payments"],
          http: [{ name: "own", match: [{ uri: { prefix: "/own" } }] }, ...httpOf(THERE)],
        },
      },
      {},
    ],
  ] as const) {
    double.put(VIRTUAL_SERVICE, there);
    pages.set("cart-1", sidecar(100, 0, 0));
    const fresh = driver();
    const action = istioAction("payments in shop", { ...FAULT, ...more });
    await fresh.prepare(told.context([action]));
    await fresh.inject([action]);
    pages.set("cart-1", sidecar(1_000, 40, 0));
    expect(await fresh.prove()).toMatchObject({ proven: true, because: [{ id: "istio_acted" }] });
    await fresh.close();
  }
});

test("sidecars that sent nothing, met none, or do not answer, prove nothing", {
  timeout: 60_000,
}, async () => {
  const actions = await prepare(FAULT);
  await driven.inject(actions);
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "istio_no_request" }] });
  pages.set("cart-1", sidecar(104, 0, 0));
  expect(await driven.prove()).toMatchObject({
    proven: false,
    isIdle: true,
    because: [{ id: "istio_chose_none" }],
  });
  pages.set("cart-1", sidecar(400, 0, 0));
  expect(await driven.prove()).toMatchObject({
    proven: false,
    isIdle: false,
    because: [{ id: "istio_met_none" }],
  });
  // Far fewer than 30 %.
  pages.set("cart-1", sidecar(1_000, 40, 0));
  const few = await driven.prove();
  expect(few).toMatchObject({ proven: false, isIdle: false, acted: null });
  expect(few.because).toMatchObject([
    { id: "istio_far_fewer", facts: { acted: 40, requests: 940, share: 0.3 } },
  ]);
  expect(few.explanation).toContain("answered only 40 of 940 requests themselves, where 30% was asked");
  pages.set("cart-1", null);
  expect(await driven.prove()).toMatchObject({ proven: false, because: [{ id: "istio_silent" }] });
});

/** What is not as it should be, and a part of what is said. */
const UNFIT: readonly (readonly [string, ClusterObject | null, Partial<IstioSpec>, string])[] = [
  [
    "no such route",
    THERE,
    { route: "refunds" },
    'no HTTP route "refunds" that leads to a service. Its routes: charges',
  ],
  [
    "a route of no VirtualService",
    null,
    { route: "charges" },
    "there is no VirtualService for payments in shop",
  ],
  [
    "a fault of somebody else",
    {
      ...THERE,
      spec: { hosts: ["payments"], http: [{ route: [{ destination: { host: "a" } }], fault: {} }] },
    },
    {},
    "route 1 of virtualservice shop/payments has a fault already",
  ],
  ["no HTTP", { ...THERE, spec: { hosts: ["payments.shop"], tcp: [] } }, {}, "has no HTTP routes"],
  ["no such clients", THERE, { clients: { app: "nobody" } }, "no pod in shop has the labels app=nobody"],
];

test.each(UNFIT)("%s is refused before the run, and nothing is changed", async (_, there, changes, said) => {
  if (there) double.put(VIRTUAL_SERVICE, there);
  const before = services();
  await expect(prepare({ ...FAULT, ...changes })).rejects.toMatchObject({
    code: "KUBERNETES_UNFIT",
    message: expect.stringContaining(said),
  });
  expect(services()).toEqual(before);
});

test("several VirtualServices for a host, and a cluster without Istio, are refused", async () => {
  double.put(VIRTUAL_SERVICE, THERE);
  double.put(VIRTUAL_SERVICE, { ...THERE, metadata: { name: "again", namespace: "shop" } });
  await expect(prepare(FAULT)).rejects.toMatchObject({
    code: "KUBERNETES_UNFIT",
    message: expect.stringContaining("several VirtualServices for payments"),
  });
  const bare = await startApiDouble({ namespaces: ["shop"] });
  try {
    const context = driverContext({ actions: [istioAction("x", FAULT)], cluster: TERMS, env: bare.env });
    await expect(driver().prepare(context)).rejects.toMatchObject({
      code: "KUBERNETES_MISSING",
      message: expect.stringContaining("is Istio installed there?"),
    });
  } finally {
    await bare.close();
  }
});
