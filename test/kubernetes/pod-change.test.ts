import { expect, test } from "vitest";
import type { ClusterObject } from "../../src/kubernetes/objects.js";
import { changesOfNew, podChanges } from "../../src/kubernetes/pods/pod-change.js";
import { podStateOf } from "../../src/kubernetes/pods/pod-state.js";

interface Sketch {
  readonly isReady?: boolean;
  readonly phase?: string;
  readonly reason?: string;
  readonly isEnding?: boolean;
  readonly containers?: readonly object[];
  readonly init?: readonly object[];
}

function pod({ isReady = true, phase = "Running", reason, isEnding, containers = [], init = [] }: Sketch) {
  const object: ClusterObject = {
    metadata: {
      name: "cart-5d8-x",
      namespace: "shop",
      uid: "1",
      labels: { app: "cart", "pod-template-hash": "5d8" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "cart-5d8", uid: "2", controller: true },
      ],
      ...(isEnding ? { deletionTimestamp: "2026-11-30T22:00:00Z" } : {}),
    },
    status: {
      phase,
      ...(reason === undefined ? {} : { reason }),
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
      containerStatuses: containers,
      initContainerStatuses: init,
    },
  };
  return podStateOf(object);
}

const container = (restartCount: number, more: object = {}) => ({ name: "app", restartCount, ...more });
const oom = { lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } } };
const changes = (before: Sketch, now: Sketch, wasReady = true) => podChanges(pod(before), pod(now), wasReady);

test("the owner of a pod is the deployment, not the set that it makes for each template", () => {
  expect(pod({}).owner).toEqual({ kind: "Deployment", name: "cart" });
});

test("a container that was started again is told with how it ended, also one of those that run first", () => {
  expect(changes({ containers: [container(0)] }, { containers: [container(1, oom)] })).toEqual([
    { kind: "restarted", container: "app", times: 1, reason: "OOMKilled", exitCode: 137 },
  ]);
  expect(changes({ init: [container(2)] }, { init: [container(5)] })).toEqual([
    { kind: "restarted", container: "app", times: 3, reason: null, exitCode: null },
  ]);
});

test("a number that falls is no restart: the pod's containers were made anew", () => {
  expect(changes({ containers: [container(4)] }, { containers: [container(0)] })).toEqual([]);
});

test("what a container waits for before each start is no trouble; what keeps it from starting is told once", () => {
  const waits = (reason: string) => ({ containers: [container(0, { state: { waiting: { reason } } })] });
  expect(changes(waits("PodInitializing"), waits("ContainerCreating"))).toEqual([]);
  expect(changes(waits("ContainerCreating"), waits("ErrImagePull"))).toEqual([
    { kind: "stuck", container: "app", why: "ErrImagePull", lastEnd: null },
  ]);
  expect(changes(waits("ErrImagePull"), waits("ImagePullBackOff"))).toEqual([]);
  const loop = { containers: [container(0, { state: { waiting: { reason: "CrashLoopBackOff" } }, ...oom })] };
  expect(changes(waits("ContainerCreating"), loop)).toEqual([
    {
      kind: "stuck",
      container: "app",
      why: "CrashLoopBackOff",
      lastEnd: { reason: "OOMKilled", exitCode: 137 },
    },
  ]);
});

test("a pod that somebody ends is deleted, not unready; one that has done its work is neither", () => {
  expect(changes({}, { isReady: false })).toEqual([{ kind: "unready" }]);
  expect(changes({}, { isReady: false, isEnding: true })).toEqual([{ kind: "deleted" }]);
  expect(changes({ isEnding: true }, { isReady: false, isEnding: true })).toEqual([]);
  expect(changes({}, { isReady: false, phase: "Succeeded" })).toEqual([]);
  expect(changes({}, { isReady: false, phase: "Failed", reason: "Evicted" })).toEqual([
    { kind: "failed", reason: "Evicted" },
  ]);
});

test("ready for the first time is not ready again", () => {
  expect(changes({ isReady: false }, {}, false)).toEqual([{ kind: "ready", isFirst: true }]);
  expect(changes({ isReady: false }, {}, true)).toEqual([{ kind: "ready", isFirst: false }]);
});

test("of a pod that nobody has seen before all is told that it has been through", () => {
  expect(changesOfNew(pod({ containers: [container(2, oom)] })).map(({ kind }) => kind)).toEqual([
    "created",
    "restarted",
    "ready",
  ]);
});
