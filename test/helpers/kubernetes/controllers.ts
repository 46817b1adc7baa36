import { createHash, randomBytes } from "node:crypto";
import {
  type ClusterObject,
  DEPLOYMENT,
  fieldAt,
  isObject,
  numberAt,
  POD,
  type ResourceKind,
  STATEFUL_SET,
  textAt,
} from "../../../src/kubernetes/objects.js";
import type { ObjectStore } from "./object-store.js";

const HASH = "pod-template-hash";

/** What makes pods of deployments and stateful sets, one look after each change. Images that begin with "bad" never become ready. */
export class Controllers {
  readonly #store: ObjectStore;
  readonly #podMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isDue = false;
  #isStopped = false;
  #pods = 0;

  constructor(store: ObjectStore, podMs: number) {
    this.#store = store;
    this.#podMs = podMs;
    store.onEvent(() => this.#soon());
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** A pod that is deleted ends after its grace. */
  endPod(namespace: string, name: string, graceS: number | undefined): void {
    const pod = this.#store.get(POD, namespace, name);
    if (!pod) return;
    if (graceS === 0) {
      this.#store.remove(POD, namespace, name);
      return;
    }
    const deletionTimestamp = new Date().toISOString();
    this.#store.put(POD, { ...pod, metadata: { ...pod.metadata, deletionTimestamp }, status: unready(pod) });
    const { uid } = pod.metadata;
    this.#later(this.#podMs, () => {
      if (this.#store.get(POD, namespace, name)?.metadata.uid === uid)
        this.#store.remove(POD, namespace, name);
    });
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isStopped) work();
    }, ms);
    this.#timers.add(timer);
  }

  #soon(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (this.#isStopped) return;
      for (const kind of [DEPLOYMENT, STATEFUL_SET]) {
        for (const owner of this.#store.list(kind, null)) this.#reconcile(kind, owner);
      }
    });
  }

  #reconcile(kind: ResourceKind, owner: ClusterObject): void {
    const namespace = owner.metadata.namespace ?? "";
    const hash = hashOf(fieldAt(owner, ["spec", "template"]));
    const wanted = numberAt(owner, "spec", "replicas") ?? 1;
    const own = this.#store
      .list(POD, namespace)
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid));
    const living = own.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const fresh = living.filter(({ metadata }) => metadata.labels?.[HASH] === hash);
    const old = living.filter((pod) => !fresh.includes(pod));
    const readyFresh = fresh.filter(isReady).length;
    // One more than wanted at a time, and an old one goes when a new one is ready.
    if (living.length > wanted && (old.length === 0 || wanted === 0 || readyFresh + old.length > wanted)) {
      const [last] = old.length > 0 ? old : fresh.slice(-1);
      if (last) this.endPod(namespace, last.metadata.name, undefined);
    } else if (fresh.length < wanted && living.length < wanted + (old.length > 0 ? 1 : 0))
      this.#start(kind, owner, hash);
    const status = {
      observedGeneration: owner.metadata.generation,
      replicas: living.length,
      readyReplicas: living.filter(isReady).length,
      availableReplicas: living.filter(isReady).length,
      updatedReplicas: fresh.length,
      conditions: [],
    };
    if (JSON.stringify(owner.status) !== JSON.stringify(status)) this.#store.put(kind, { ...owner, status });
  }

  #start(kind: ResourceKind, owner: ClusterObject, hash: string): void {
    const { name: of, namespace = "", uid = "" } = owner.metadata;
    this.#pods += 1;
    const name = `${of}-${hash}-${randomBytes(3).toString("hex")}`;
    const labels = fieldAt(owner, ["spec", "template", "metadata", "labels"]);
    const spec = fieldAt(owner, ["spec", "template", "spec"]);
    const image = textAt(spec, "containers", { name: of }, "image") ?? "";
    const pod: ClusterObject = {
      metadata: {
        name,
        namespace,
        labels: { ...(isObject(labels) ? (labels as Record<string, string>) : {}), [HASH]: hash },
        ownerReferences: [{ apiVersion: "apps/v1", kind: kind.kind, name: of, uid, controller: true }],
      },
      spec: { nodeName: "worker-1", ...(isObject(spec) ? spec : {}) },
      status: {
        phase: "Pending",
        podIP: `10.0.0.${this.#pods}`,
        conditions: [{ type: "Ready", status: "False" }],
      },
    };
    this.#store.put(POD, pod);
    if (image.startsWith("bad")) return;
    this.#later(this.#podMs, () => {
      const now = this.#store.get(POD, namespace, name);
      if (!now || now.metadata.deletionTimestamp !== undefined) return;
      const status = {
        ...(pod.status as object),
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
      };
      this.#store.put(POD, { ...now, status });
    });
  }
}

export function isReady(pod: ClusterObject): boolean {
  const conditions = fieldAt(pod, ["status", "conditions"]);
  return (
    Array.isArray(conditions) &&
    conditions.some((each) => textAt(each, "type") === "Ready" && textAt(each, "status") === "True")
  );
}

function unready(pod: ClusterObject): unknown {
  return { ...(isObject(pod.status) ? pod.status : {}), conditions: [{ type: "Ready", status: "False" }] };
}

function hashOf(template: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(template) ?? "")
    .digest("hex")
    .slice(0, 8);
}
