import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { FaultReport } from "../../../src/analysis/document/report.js";
import { kubernetesAction } from "../../../src/faults/cluster/kubernetes-action.js";
import type { FaultAction } from "../../../src/faults/fault-action.js";
import { type ChaosSpec, chaosAction } from "../../../src/faults/kinds/chaos-mesh/chaos-action.js";
import type { PodChangeRecord, PodsRecord } from "../../../src/measure/pods/pod-record.js";
import { parseRecord } from "../../../src/measure/read-record.js";
import { buildRecord } from "../../helpers/record-builder.js";

const FAULT = "slow cache";

const CART = { uid: "1", namespace: "shop", name: "cart-7d9", labels: { app: "cart" } };
const PODS: PodsRecord = {
  namespaces: ["shop"],
  pods: [
    { ...CART, owner: { kind: "Deployment", name: "cart" } },
    { ...CART, uid: "2", name: "db-0", labels: { app: "db" }, owner: { kind: "StatefulSet", name: "db" } },
  ],
  changes: [],
  unlisted: 0,
  gaps: [],
};

const change = (atS: number, happened: PodChangeRecord["happened"], uid = "1"): PodChangeRecord => ({
  atS,
  uid,
  happened,
});
const restarted = {
  kind: "restarted",
  container: "app",
  times: 1,
  reason: "OOMKilled",
  exitCode: 137,
} as const;
const unready = { kind: "unready" } as const;

/** The fault lasts from second 30 to 60, and the recovery to 90. */
function reported(
  changes: readonly PodChangeRecord[],
  {
    gaps = [],
    unkept = [],
    actions,
  }: Partial<Pick<PodsRecord, "gaps" | "unkept">> & { readonly actions?: readonly FaultAction[] } = {},
): FaultReport {
  const record = buildRecord({
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: FAULT, seconds: 30 },
      { kind: "recovery", fault: FAULT, seconds: 30 },
    ],
    ...(actions ? { faults: [{ name: FAULT, actions }] } : {}),
  });
  return analyse({ ...record, pods: { ...PODS, changes: [...changes], gaps, unkept } }).faults[0]!;
}

function findingOf(report: FaultReport): { readonly text: string | null; readonly facts: unknown } {
  const at = report.findingIds?.indexOf("pods") ?? -1;
  return { text: report.findings[at] ?? null, facts: report.findingFacts?.[at] };
}

test("a container that was restarted under a fault that does no such thing is a finding, with its reason", () => {
  const { text, facts } = findingOf(
    reported([change(40, restarted), change(50, restarted), change(50.1, unready)]),
  );
  expect(text).toBe(
    "In the cluster: shop/cart-7d9 was restarted 2 times (OOMKilled) and stopped being ready.",
  );
  expect(facts).toEqual({
    pods: [
      {
        namespace: "shop",
        pod: "cart-7d9",
        restarts: 2,
        ends: ["OOMKilled"],
        stuck: [],
        isUnready: true,
        failed: null,
        isAfter: false,
        restartsBefore: 0,
      },
    ],
    unseenS: 0,
    unkept: 0,
  });
});

test("what came before the fault, or after its recovery, is not its finding; earlier restarts are said beside", () => {
  expect(findingOf(reported([change(10, restarted), change(96, restarted)])).text).toBeNull();
  expect(findingOf(reported([change(10, restarted), change(40, restarted)])).text).toBe(
    "In the cluster: shop/cart-7d9 was restarted once (OOMKilled), after once before the fault.",
  );
});

test("what comes in the recovery is said to", () => {
  expect(findingOf(reported([change(70, unready, "2")])).text).toBe(
    "In the cluster: shop/db-0 stopped being ready in the recovery.",
  );
});

test("pods that come, go and get ready are no finding", () => {
  const changes = [
    change(40, { kind: "created" }),
    change(41, { kind: "ready", isFirst: true }),
    change(42, { kind: "deleted" }),
  ];
  expect(findingOf(reported(changes)).text).toBeNull();
});

test("a container that cannot start, and a pod that was evicted", () => {
  const stuck = {
    kind: "stuck",
    container: "app",
    why: "CrashLoopBackOff",
    lastEnd: { reason: "Error", exitCode: 3 },
  } as const;
  expect(
    findingOf(reported([change(40, stuck), change(41, { kind: "failed", reason: "Evicted" }, "2")])).text,
  ).toBe(
    "In the cluster: shop/cart-7d9 could not start (CrashLoopBackOff after exit code 3); shop/db-0 failed (Evicted).",
  );
});

test("seconds in which nobody saw the pods are said, those of two namespaces once", () => {
  const gap = (fromS: number, untilS: number, isLost = true) => ({
    namespace: "shop",
    fromS,
    untilS,
    isLost,
  });
  const gaps = [gap(25, 35), gap(33, 40), gap(50, 55, false)];
  expect(findingOf(reported([], { gaps })).text).toBe(
    "In the cluster: what became of pods was not seen for 10 s of the time.",
  );
});

test("changes that came after as many as are kept are said of the fault in whose time they came", () => {
  const unkept = [
    { fromS: 20, untilS: 24, changes: 100 },
    { fromS: 40, untilS: 44, changes: 7 },
    { fromS: 46, untilS: 46, changes: 1 },
  ];
  const { text, facts } = findingOf(reported([], { unkept }));
  expect(text).toBe(
    "In the cluster: 8 further changes for the worse came after as many as are kept of a run.",
  );
  expect(facts).toEqual({ pods: [], unseenS: 0, unkept: 8 });
});

const shop = { namespace: "shop" } as const;

function chaosOf(selector: ChaosSpec["spec"]): FaultAction {
  return chaosAction("x", { kind: "PodChaos", ...shop, spec: { action: "pod-failure", selector } });
}

test.each<[string, FaultAction, boolean, boolean]>([
  [
    "pods that are deleted",
    kubernetesAction({ deed: "delete", ...shop, pods: "app=cart", count: 1, graceS: 0 }),
    true,
    true,
  ],
  [
    "its own bad image",
    kubernetesAction({
      deed: "image",
      ...shop,
      workload: "deployment",
      name: "cart",
      atMost: null,
      image: "bad",
      container: null,
    }),
    false,
    false,
  ],
  [
    "an image of another",
    kubernetesAction({
      deed: "image",
      ...shop,
      workload: "deployment",
      name: "web",
      atMost: null,
      image: "bad",
      container: null,
    }),
    true,
    true,
  ],
  [
    "pods that it cuts off",
    kubernetesAction({ deed: "isolate", ...shop, pods: "app=cart", way: "both", atMost: null }),
    true,
    false,
  ],
  [
    "other pods that are cut off",
    kubernetesAction({ deed: "isolate", ...shop, pods: "app=db", way: "both", atMost: null }),
    true,
    true,
  ],
  [
    "PodChaos",
    chaosAction("x", { kind: "PodChaos", ...shop, spec: { action: "container-kill" } }),
    false,
    false,
  ],
  [
    "PodChaos elsewhere",
    chaosAction("x", { kind: "PodChaos", ...shop, spec: { selector: { namespaces: ["other"] } } }),
    true,
    true,
  ],
  [
    "PodChaos that deletes pods",
    chaosAction("x", { kind: "PodChaos", ...shop, spec: { action: "pod-kill" } }),
    true,
    true,
  ],
  ["PodChaos of these labels", chaosOf({ labelSelectors: { app: "cart" } }), false, false],
  ["PodChaos of other labels", chaosOf({ labelSelectors: { app: "db" } }), true, true],
  ["PodChaos of this name", chaosOf({ pods: { shop: ["cart-7d9"] } }), false, false],
  ["PodChaos of another name", chaosOf({ pods: { shop: ["web-1"] } }), true, true],
  [
    "PodChaos of other expressions",
    chaosOf({ expressionSelectors: [{ key: "app", operator: "NotIn", values: ["cart"] }] }),
    true,
    true,
  ],
  ["PodChaos of nodes", chaosOf({ nodes: ["worker-2"] }), false, false],
  ["NetworkChaos", chaosAction("x", { kind: "NetworkChaos", ...shop, spec: {} }), true, true],
])("a fault that does it itself: %s", (_, action, tellsRestart, tellsUnready) => {
  const tells = (happened: PodChangeRecord["happened"]) =>
    findingOf(reported([change(40, happened)], { actions: [action] })).text !== null;
  expect([tells(restarted), tells(unready)]).toEqual([tellsRestart, tellsUnready]);
});

test.each([
  ["killed after its probe failed", "Error", 137, false],
  ["ended in order after SIGTERM", "Completed", 0, false],
  ["out of memory", "OOMKilled", 137, true],
  ["ended by itself", "Error", 1, true],
])("a pod that is cut off and whose container is %s", (_, reason, exitCode, isTold) => {
  const isolate = kubernetesAction({ deed: "isolate", ...shop, pods: "app=cart", way: "both", atMost: null });
  const tells = (happened: PodChangeRecord["happened"]) =>
    findingOf(reported([change(40, happened)], { actions: [isolate] })).text !== null;
  const end = { reason, exitCode };
  const stuck = { kind: "stuck", container: "app", why: "CrashLoopBackOff", lastEnd: end } as const;
  expect([tells({ ...restarted, ...end }), tells(stuck)]).toEqual([isTold, isTold]);
});

test("of many pods a few are named, and all are facts", () => {
  const pods = Array.from({ length: 9 }, (_, index) => ({
    ...CART,
    uid: `u${index}`,
    name: `p${index}`,
    owner: null,
  }));
  const record = buildRecord({
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: FAULT, seconds: 30 },
    ],
  });
  const changes = pods.map(({ uid }) => change(40, unready, uid));
  const { text, facts } = findingOf(analyse({ ...record, pods: { ...PODS, pods, changes } }).faults[0]!);
  expect(text).toMatch(
    /^In the cluster: shop\/p0 stopped being ready; .*shop\/p3 stopped being ready; 5 other pods as well\.$/,
  );
  expect((facts as { pods: readonly unknown[] }).pods).toHaveLength(9);
});

test("a record with pods is read as it was written", () => {
  const record = buildRecord({ phases: [{ kind: "baseline", seconds: 10 }] });
  const pods = { ...PODS, changes: [change(1, restarted)] };
  const text = JSON.stringify({ ...record, pods });
  expect(JSON.parse(JSON.stringify(parseRecord(text, "record.json")))).toMatchObject({ pods });
});
