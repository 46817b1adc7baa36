import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Cluster } from "../../../src/kubernetes/cluster.js";
import { DEPLOYMENT, POD } from "../../../src/kubernetes/objects.js";
import { openCluster } from "../../../src/kubernetes/open-cluster.js";
import { NamespaceWatch } from "../../../src/run/cluster/namespace-watch.js";
import { RunPods } from "../../../src/run/cluster/run-pods.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { type ApiDouble, startApiDouble } from "../../helpers/kubernetes/api-double.js";
import {
  changePod,
  holdContainer,
  OOM,
  ready,
  readyPod,
  restartContainer,
} from "../../helpers/kubernetes/pods.js";
import { deployment } from "../../helpers/kubernetes/workloads.js";

let double: ApiDouble;
let pods: RunPods;

afterEach(async () => {
  await pods.stop();
  await double.close();
});

interface Told {
  readonly pods: string[];
  readonly warnings: string[];
}

/** Watches the namespace shop, where the pods a and b are ready. */
async function watched(): Promise<Told> {
  double = await startApiDouble();
  double.put(POD, readyPod("a"));
  double.put(POD, readyPod("b"));
  const told: Told = { pods: [], warnings: [] };
  const fromMs = monotonicMs();
  pods = new RunPods({
    cluster: await openCluster({ context: null }, { env: double.env, allowedHosts: [] }),
    namespaces: ["shop"],
    secondsAt: (atMs) => (atMs - fromMs) / 1000,
    onEvent: (kind, text) => void (kind === "pod" ? told.pods : told.warnings).push(text),
  });
  await pods.open(new AbortController().signal);
  await expect.poll(() => double.openWatches).toBe(1);
  return told;
}

const eventually = (events: readonly string[], expected: readonly string[]) =>
  expect.poll(() => [...events], { timeout: 5_000, interval: 20 }).toEqual(expected);

test("what becomes of pods is told with its reason, in order; what was there before is no news", async () => {
  const told = await watched();
  restartContainer(double, "a", OOM);
  changePod(double, "b", ready(false));
  changePod(double, "b", ready(true));
  double.put(POD, { ...readyPod("c"), status: { phase: "Pending" } });
  holdContainer(double, "c", "ImagePullBackOff");
  double.store.remove(POD, "shop", "b");
  await eventually(told.pods, [
    "container cart of shop/a was restarted (OOMKilled)",
    "shop/b is not ready any more",
    "shop/b is ready again",
    "shop/c was created",
    "container cart of shop/c cannot start (ImagePullBackOff)",
    "shop/b is being deleted",
  ]);
  await pods.look();
  await pods.stop();
  expect(told.warnings).toEqual([]);
  const { changes, gaps, pods: seen } = pods.record();
  expect([changes.length, gaps, seen.map(({ name }) => name)]).toEqual([6, [], ["a", "b", "c"]]);
});

test("a rollout that somebody makes is told as pods that come and go, not as trouble", async () => {
  const told = await watched();
  double.put(DEPLOYMENT, deployment("web", 1));
  await expect.poll(() => told.pods.length, { timeout: 5_000 }).toBe(2);
  expect(told.pods.join()).toMatch(/^shop\/web-\S+ was created,shop\/web-\S+ is ready$/);
});

test("a crash loop is counted, and does not fill the timeline", async () => {
  const told = await watched();
  for (let times = 0; times < 14; times += 1) restartContainer(double, "a", { reason: "Error", exitCode: 1 });
  await expect.poll(() => pods.record().changes.length, { timeout: 5_000 }).toBe(14);
  await pods.stop();
  expect(told.pods).toEqual([
    ...Array<string>(3).fill("container cart of shop/a was restarted (exit code 1)"),
    "in all: container cart of shop/a was restarted 14 times (exit code 1)",
  ]);
});

test("thousands of changes are kept to a limit, and the rest is counted", async () => {
  const told = await watched();
  for (let round = 0; round < 2_100; round += 1) {
    changePod(double, "a", ready(false));
    changePod(double, "a", ready(true));
  }
  const counts = () => {
    const { changes, unlisted, unkept = [] } = pods.record();
    const harms = changes.filter(({ happened }) => happened.kind === "unready");
    const unkeptHarms = unkept.reduce((sum, each) => sum + each.changes, 0);
    return [changes.length, harms.length, unlisted, unkeptHarms];
  };
  // Good news takes no room from the bad.
  await expect.poll(counts, { timeout: 15_000 }).toEqual([3_000, 2_000, 1_200, 100]);
  await pods.stop();
  expect(told.pods).toHaveLength(9);
  expect(told.pods.slice(-3)).toEqual([
    "in all: shop/a is not ready any more (2000 times)",
    "in all: shop/a is ready again (1000 times)",
    "1,200 further changes of pods",
  ]);
});

test("a watch that is cut goes on: nothing is missed, and nothing is told twice", async () => {
  const told = await watched();
  double.cutWatches();
  restartContainer(double, "a", OOM);
  await eventually(told.pods, ["container cart of shop/a was restarted (OOMKilled)"]);
  await pods.look();
  expect([told.warnings, pods.record().gaps]).toEqual([[], []]);
});

test("a server that is away for a while makes the news late, which is told", async () => {
  const told = await watched();
  double.instead = () => ({ status: 503 });
  double.cutWatches();
  await sleep(1_200);
  restartContainer(double, "a", OOM);
  double.instead = () => null;
  await eventually(told.pods, ["container cart of shop/a was restarted (OOMKilled)"]);
  await expect.poll(() => told.warnings.length, { timeout: 5_000 }).toBe(1);
  expect(told.warnings[0]).toMatch(/^the pods of shop were told of [\d.]+ s late$/);
  expect(pods.record().gaps).toMatchObject([{ namespace: "shop", isLost: false }]);
});

test("after 410 Gone the outcome is told, and that nobody knows what came and went", async () => {
  const told = await watched();
  double.instead = ({ query }) => (query.watch === undefined ? null : { status: 503 });
  double.cutWatches();
  await sleep(300);
  restartContainer(double, "a", OOM);
  restartContainer(double, "a", OOM);
  changePod(double, "b", ready(false));
  changePod(double, "b", ready(true));
  double.store.forget();
  double.instead = () => null;
  await eventually(told.pods, ["container cart of shop/a was restarted 2 times (OOMKilled)"]);
  await expect.poll(() => told.warnings.length, { timeout: 5_000 }).toBe(1);
  expect(told.warnings[0]).toMatch(
    /^the pods of shop were not seen for [\d.]+ s: what came and went meanwhile is not known$/,
  );
  expect(pods.record().gaps).toMatchObject([{ namespace: "shop", isLost: true }]);
});

test("the same where the server says it as the first event of an answer, as a real one does", async () => {
  const told = await watched();
  double.instead = ({ query }) => (query.watch === undefined ? null : { status: 503 });
  double.cutWatches();
  restartContainer(double, "a", OOM);
  await sleep(1_200);
  let errors = 1;
  const body = `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410 } })}\n`;
  double.instead = ({ query }) => (query.watch !== undefined && errors-- > 0 ? { status: 200, body } : null);
  await eventually(told.pods, ["container cart of shop/a was restarted (OOMKilled)"]);
  await expect.poll(() => told.warnings.length, { timeout: 5_000 }).toBe(1);
  expect(told.warnings[0]).toContain("what came and went meanwhile is not known");
  const [gap, ...others] = pods.record().gaps;
  expect([gap?.isLost, others]).toEqual([true, []]);
  expect((gap?.untilS ?? 0) - (gap?.fromS ?? 0)).toBeGreaterThan(1);
});

test("a watch that stands and never tells anything is found out by a look, and opened anew", async () => {
  double = await startApiDouble();
  const told = await watchedBySilence();
  restartContainer(double, "a", OOM);
  double.store.remove(POD, "shop", "b");
  await sleep(100);
  expect(told.pods).toEqual([]);
  double.instead = () => null;
  await pods.look();
  expect(told.pods).toEqual([
    "shop/b is being deleted",
    "container cart of shop/a was restarted (OOMKilled)",
  ]);
  expect(told.warnings).toEqual([expect.stringContaining("the pods of shop were not seen for ")]);
  await expect.poll(() => double.openWatches).toBe(1);
  restartContainer(double, "a", OOM);
  await expect.poll(() => told.pods.length, { timeout: 5_000 }).toBe(3);
});

async function watchedBySilence(): Promise<Told> {
  double.put(POD, readyPod("a"));
  double.put(POD, readyPod("b"));
  double.instead = ({ query }) => (query.watch === undefined ? null : "silent");
  const told: Told = { pods: [], warnings: [] };
  pods = new RunPods({
    cluster: await openCluster({ context: null }, { env: double.env, allowedHosts: [] }),
    namespaces: ["shop"],
    secondsAt: (atMs) => atMs / 1000,
    onEvent: (kind, text) => void (kind === "pod" ? told.pods : told.warnings).push(text),
  });
  await pods.open(new AbortController().signal);
  await expect.poll(() => double.requests.filter(({ query }) => query.watch !== undefined).length).toBe(1);
  return told;
}

test("a look that gets no answer holds up nobody, and what it could not see is told at once", async () => {
  const told = await watched();
  double.instead = ({ query }) => (query.watch === undefined ? "hang" : null);
  const fromMs = monotonicMs();
  await pods.look();
  // The limit of one list is 2 s.
  expect(monotonicMs() - fromMs).toBeLessThan(4_000);
  const unseen = [expect.stringContaining("what came and went meanwhile is not known")];
  expect(told.warnings).toEqual(unseen);
  await pods.stop();
  expect(told.warnings).toEqual(unseen);
});

test("a watch that tells something while a list is late has told what was before", async () => {
  const told = await watched();
  double.instead = ({ query }) => (query.watch === undefined ? "hang" : null);
  const looked = pods.look();
  await sleep(100);
  restartContainer(double, "a", OOM);
  await looked;
  await pods.stop();
  expect([told.pods.length, told.warnings]).toEqual([1, []]);
});

test("a watch that is lost as the run ends tells nothing late: what came is not known", async () => {
  const told = await watched();
  double.instead = () => ({ status: 503 });
  double.cutWatches();
  await sleep(300);
  restartContainer(double, "a", OOM);
  await pods.stop();
  expect(told.warnings).toEqual([expect.stringContaining("what came and went meanwhile is not known")]);
});

test("a watch that was silent until its limit was not heard since it last told something", async () => {
  const gaps: { readonly fromMs: number; readonly isLost: boolean }[] = [];
  double = await startApiDouble();
  pods = new RunPods({
    cluster: await openCluster({ context: null }, { env: double.env, allowedHosts: [] }),
    namespaces: [],
    secondsAt: (atMs) => atMs,
    onEvent: () => {},
  });
  let toldAtMs = 0;
  // A watch of the double would be silent for 135 s.
  const cluster = {
    list: async () => ({ items: [], resourceVersion: "1" }),
    async *watch(...[, , signal, more]: Parameters<Cluster["watch"]>) {
      await sleep(100);
      more?.told?.heard();
      toldAtMs = monotonicMs();
      await sleep(400);
      more?.told?.lost({ isForgotten: false, wasSilent: true });
      more?.told?.lost({ isForgotten: true, wasSilent: false });
      more?.told?.opened();
      await sleep(60_000, undefined, { signal }).catch(() => {});
    },
  } as unknown as Cluster;
  const onGap = (gap: (typeof gaps)[number]) => void gaps.push(gap);
  const watch = new NamespaceWatch({
    cluster,
    namespace: "shop",
    onChange: () => {},
    onGap,
    onEnd: () => {},
  });
  await watch.open(new AbortController().signal);
  await expect.poll(() => gaps.length, { timeout: 5_000 }).toBe(1);
  await watch.stop();
  expect(gaps).toMatchObject([{ isLost: true }]);
  expect(Math.abs((gaps[0]?.fromMs ?? 0) - toldAtMs)).toBeLessThan(50);
});

test("a server that takes no further requests for now is asked again, as late as it says", async () => {
  double = await startApiDouble();
  let refusals = 1;
  double.instead = () => (refusals-- > 0 ? { status: 429, headers: { "Retry-After": "1" } } : null);
  const fromMs = monotonicMs();
  pods = new RunPods({
    cluster: await openCluster({ context: null }, { env: double.env, allowedHosts: [] }),
    namespaces: ["shop"],
    secondsAt: (atMs) => atMs / 1000,
    onEvent: () => {},
  });
  await pods.open(new AbortController().signal);
  expect(monotonicMs() - fromMs).toBeGreaterThan(900);
});

test("a right that is taken away in the middle ends the watch, and the rest counts as not seen", async () => {
  const told = await watched();
  double.may = ({ verb }) => verb !== "watch";
  double.cutWatches();
  await expect.poll(() => told.warnings.length, { timeout: 5_000 }).toBe(1);
  expect(told.warnings[0]).toContain("the pods of shop are not watched any more: ");
  expect(told.warnings[0]).toContain("the right is missing to watch pods in namespace shop");
  await pods.stop();
  expect(pods.record().gaps).toMatchObject([{ isLost: true }]);
});
