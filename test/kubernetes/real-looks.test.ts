/**
 * What a run looks at, against a real kube-apiserver, by hand: scripts/real-kube-apiserver.sh. There is no kubelet and there are no
 * controllers: what they would write is written here, to the sub-resource `status`.
 */

import { randomBytes } from "node:crypto";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { ask } from "../../src/checks/ask.js";
import { judgeAnswer } from "../../src/checks/judge-answer.js";
import type { ClusterAccess } from "../../src/kubernetes/access/access.js";
import { Cluster } from "../../src/kubernetes/cluster.js";
import {
  type ClusterObject,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  NAMESPACE,
  type ObjectPlace,
  POD,
  placeOf,
  type ResourceKind,
  SERVICE,
} from "../../src/kubernetes/objects.js";
import { JOB } from "../../src/kubernetes/references/known-kinds.js";
import { referenceIn } from "../../src/kubernetes/references/object-reference.js";
import { refuseMissingRights } from "../../src/kubernetes/refuse-missing-rights.js";
import { looksRights } from "../../src/plan/cluster/cluster-looks.js";
import { awaitObjects, objectCheck } from "../../src/run/cluster/object-check.js";
import { RunPods } from "../../src/run/cluster/run-pods.js";
import { accessOf, admin, clusterFor, grant, real, tester } from "../helpers/kubernetes/real-cluster.js";
import { deployment } from "../helpers/kubernetes/workloads.js";

const namespace = `looks-${randomBytes(3).toString("hex")}`;
const CART = `k8s://${namespace}/deployment/cart`;
let cluster: Cluster;
/** Somebody who may look at these things, and at nothing else. */
let looking: Cluster;

const looks = {
  clusterLooks: {
    context: null,
    watch: [namespace],
    ready: [CART, `k8s://${namespace}/job/migrate`, `k8s://${namespace}/service/cart`].map(referenceIn),
    readyTimeoutMs: 1_000,
  },
  checks: [],
  services: [],
};

beforeAll(async () => {
  if (admin === undefined || tester === undefined) return;
  cluster = await clusterFor(admin);
  await cluster.create(NAMESPACE, { metadata: { name: namespace } });
  const rights = looksRights(looks);
  await grant(cluster, rights);
  looking = await clusterFor(tester);
  // RBAC takes a moment to be known.
  while ((await looking.lacking(rights)).length > 0) await sleep(100);
});

afterAll(async () => {
  if (admin === undefined) return;
  await cluster.delete({ kind: NAMESPACE, namespace: null, name: namespace });
  cluster.close();
  looking.close();
});

const placeAt = (kind: ResourceKind, name: string): ObjectPlace => ({ kind, namespace, name });
const setStatus = (kind: ResourceKind, name: string, status: object) =>
  cluster.patch(placeAt(kind, name), { status }, { subresource: "status" });

async function pod(name: string): Promise<void> {
  const spec = { containers: [{ name: "app", image: "cart:1" }] };
  await cluster.create(POD, { metadata: { name, namespace, labels: { app: "cart" } }, spec });
  await setStatus(POD, name, { phase: "Running", ...readiness("True"), ...container(0) });
}

const readiness = (status: string) => ({ conditions: [{ type: "Ready", status }] });
const container = (restartCount: number, last: object = {}) => ({
  containerStatuses: [
    {
      name: "app",
      image: "cart:1",
      imageID: "",
      ready: true,
      restartCount,
      state: { running: {} },
      lastState: last,
    },
  ],
});
const OOM = { terminated: { reason: "OOMKilled", exitCode: 137 } };

async function watched(by: Cluster) {
  const events: string[] = [];
  const pods = new RunPods({
    cluster: by,
    namespaces: [namespace],
    secondsAt: (atMs) => atMs / 1000,
    onEvent: (kind, text) => void events.push(`${kind}: ${text.replaceAll(`${namespace}/`, "")}`),
  });
  onTestFinished(() => pods.stop());
  await pods.open(new AbortController().signal);
  return { pods, events };
}

real(
  "restarts, readiness and images of pods are told, with exactly the rights that rbac prints",
  async () => {
    await refuseMissingRights(looking, looksRights(looks));
    await pod("a");
    const { pods, events } = await watched(looking);
    await setStatus(POD, "a", container(1, OOM));
    await setStatus(POD, "a", readiness("False"));
    await setStatus(POD, "a", readiness("True"));
    await pod("b");
    const [status] = container(0).containerStatuses;
    await setStatus(POD, "b", {
      containerStatuses: [{ ...status, ready: false, state: { waiting: { reason: "ImagePullBackOff" } } }],
    });
    await cluster.delete(placeAt(POD, "a"), { graceS: 0 });
    const expected = [
      "pod: container app of a was restarted (OOMKilled)",
      "pod: a is not ready any more",
      "pod: a is ready again",
      "pod: b was created",
      "pod: b is ready",
      "pod: container app of b cannot start (ImagePullBackOff)",
      "pod: a is being deleted",
    ];
    await expect.poll(() => [...events], { timeout: 10_000 }).toEqual(expected);
    await pods.look();
    expect(events).toEqual(expected);
    await cluster.delete(placeAt(POD, "b"), { graceS: 0 });
  },
);

real(
  "a connection that is away longer than the server remembers: 410, the outcome and the gap are told",
  async () => {
    await pod("c");
    const access: ClusterAccess = await accessOf(tester);
    const relay = await Relay.start(Number(access.server.port));
    onTestFinished(() => relay.close());
    const through = new Cluster({ ...access, server: new URL(`https://127.0.0.1:${relay.port}`) });
    onTestFinished(() => through.close());
    const { events } = await watched(through);
    await sleep(1_000);
    relay.cut();
    for (let restarts = 1; restarts <= 3; restarts += 1) {
      await setStatus(POD, "c", container(restarts, OOM));
      // Versions are forgotten every 3 s.
      await sleep(3_000);
    }
    relay.open();
    await expect.poll(() => events.length, { timeout: 20_000 }).toBe(2);
    expect(events).toEqual([
      "pod: container app of c was restarted 3 times (OOMKilled)",
      expect.stringMatching(
        /^warning: the pods of \S+ were not seen for [\d.]+ s: what came and went meanwhile is not known$/,
      ),
    ]);
    await cluster.delete(placeAt(POD, "c"), { graceS: 0 });
  },
  60_000,
);

real("objects are waited for, and say in their own words what they lack; a check reads one", async () => {
  const look = (text: string) => objectCheck(looking, referenceIn(text)).look(5_000);
  expect(await look(CART)).toBe("it is not there");
  await cluster.create(DEPLOYMENT, deployment("cart", 2, "cart:1", namespace));
  expect(await look(CART)).toBe("its controller has not seen its newest change");
  const counts = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 1 };
  const said = "Deployment does not have minimum availability.";
  await setStatus(DEPLOYMENT, "cart", {
    ...counts,
    availableReplicas: 1,
    unavailableReplicas: 1,
    conditions: [{ type: "Available", status: "False", reason: "MinimumReplicasUnavailable", message: said }],
  });
  const awaited = [referenceIn(CART)];
  await expect(awaitObjects(looking, awaited, 700, new AbortController().signal)).rejects.toMatchObject({
    code: "KUBERNETES_NOT_READY",
    message: `${CART} was not ready within 0.7 s: 1 of 2 replicas are available: ${said}`,
  });
  await setStatus(DEPLOYMENT, "cart", {
    ...counts,
    readyReplicas: 2,
    availableReplicas: 2,
    unavailableReplicas: 0,
  });
  await awaitObjects(looking, awaited, 5_000, new AbortController().signal);
  const context = {
    env: {},
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    starting: <T>(start: () => T) => start(),
  };
  const judged = async (text: string) => {
    const whom = { kind: "kubernetes", object: referenceIn(text) } as const;
    const expect = {
      exit: null,
      status: null,
      number: null,
      text: null,
      json: { "$.status.availableReplicas": { ">=": 2 } },
    };
    return judgeAnswer(expect, await ask({ ask: whom }, { ...context, cluster: looking }));
  };
  expect(await judged(CART)).toEqual({ kind: "held" });
  // The right is for one object by its name.
  expect(await judged(`k8s://${namespace}/deployment/other`)).toMatchObject({
    kind: "unasked",
    why: "no_answer",
  });
});

real("a namespace that is not there is told at once, to whoever may read it", async () => {
  const nobody = [referenceIn("k8s://no-such-shop/deployment/cart")];
  const { signal } = new AbortController();
  await expect(awaitObjects(cluster, nobody, 30_000, signal)).rejects.toMatchObject({
    code: "KUBERNETES_MISSING",
    message: expect.stringContaining('has no namespace "no-such-shop"'),
  });
  // Whoever asks here may not even ask for objects of a namespace that nobody has granted.
  await expect(awaitObjects(looking, nobody, 30_000, signal)).rejects.toMatchObject({
    code: "KUBERNETES_FORBIDDEN",
  });
});

real("what the server serves is known, in any version", async () => {
  const serves = (group: string, plural: string) => looking.servesAny({ group, plural });
  expect(await Promise.all([serves("", "pods"), serves("apps", "deployments")])).toEqual([true, true]);
  expect(await Promise.all([serves("apps", "nobodies"), serves("policy.linkerd.io", "httproutes")])).toEqual([
    false,
    false,
  ]);
  // Whoever has no right on it is not refused for it.
  const unserved = { verb: "list", group: "policy.linkerd.io", resource: "httproutes", namespace };
  await refuseMissingRights(looking, [unserved]);
  const served = { verb: "delete", group: "apps", resource: "deployments", namespace };
  await expect(refuseMissingRights(looking, [unserved, served])).rejects.toMatchObject({
    code: "KUBERNETES_FORBIDDEN",
    message: expect.stringMatching(/rights are missing: delete deployments\.apps in namespace looks-\w+$/),
  });
});

real("jobs and services", async () => {
  const look = (text: string) => objectCheck(looking, referenceIn(text)).look(5_000);
  const migrate = `k8s://${namespace}/job/migrate`;
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "app", image: "cart:1" }] } };
  await cluster.create(JOB, { metadata: { name: "migrate", namespace }, spec: { template } });
  expect(await look(migrate)).toBe("it is not complete");
  const message = "Job has reached the specified backoff limit";
  const failed = (type: string) => ({ type, status: "True", reason: "BackoffLimitExceeded", message });
  await setStatus(JOB, "migrate", {
    startTime: "2026-11-30T22:00:00Z",
    conditions: [failed("FailureTarget"), failed("Failed")],
  });
  await expect(look(migrate)).rejects.toMatchObject({ message: `${migrate} has failed: ${message}` });
  const service = `k8s://${namespace}/service/cart`;
  await cluster.create(SERVICE, { metadata: { name: "cart", namespace }, spec: { ports: [{ port: 80 }] } });
  expect(await look(service)).toBe("it has no endpoint");
  const slice = (ready: boolean): ClusterObject => ({
    metadata: { name: "cart-1", namespace, labels: { "kubernetes.io/service-name": "cart" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready } }],
    ports: [{ port: 80 }],
  });
  await cluster.create(ENDPOINT_SLICE, slice(false));
  expect(await look(service)).toBe("none of its 1 endpoints is ready");
  await cluster.patch(placeOf(ENDPOINT_SLICE, slice(true)), { endpoints: slice(true).endpoints });
  expect(await look(service)).toBeNull();
});

/** Bytes go through it both ways until it is cut. */
class Relay {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #isOpen = true;

  private constructor(upstream: number) {
    this.#server = net.createServer((socket) => {
      if (!this.#isOpen) return void socket.destroy();
      const other = net.connect(upstream, "127.0.0.1");
      for (const each of [socket, other]) {
        this.#sockets.add(each);
        each
          .on("error", () => {})
          .on("close", () => {
            this.#sockets.delete(each);
            socket.destroy();
            other.destroy();
          });
      }
      socket.pipe(other).pipe(socket);
    });
  }

  static async start(upstream: number): Promise<Relay> {
    const relay = new Relay(upstream);
    await new Promise<void>((resolve) => relay.#server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  cut(): void {
    this.#isOpen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
