import type { Changed } from "../../kubernetes/changes/run-changes.js";
import { type ClusterObject, fieldAt, NODE, type ObjectPlace, POD } from "../../kubernetes/objects.js";
import { ClusterProblem, isProblem } from "../../kubernetes/problem.js";
import { waited } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import type { ClusterTools } from "../cluster/cluster-driver.js";
import { type SpecOf, targetOfSpec } from "../cluster/kubernetes-action.js";
import { type ClusterHold, type ClusterHoldProof, unfit } from "./hold.js";
import { isLivingPod, isMadeAnew, isOfItsNode, placeOfPod } from "./pods.js";
import { refuseMoreThan } from "./workload.js";

/** Between two tries for pods that a PodDisruptionBudget keeps: as often as kubectl drain. */
const AGAIN_MS = 5_000;
const UNSCHEDULABLE = [{ path: ["spec", "unschedulable"], set: true }];

/** A node that takes no new pods, and (drained) whose pods of the named namespaces have to go. */
export class NodeLeave implements ClusterHold {
  readonly #spec: SpecOf<"cordon"> | SpecOf<"drain">;
  readonly #tools: ClusterTools;
  readonly #stop = new AbortController();
  #changed: Changed | null = null;
  #pods: readonly ClusterObject[] = [];
  #wasCordoned = false;
  readonly #evicted = new Set<string>();
  /** Those that had gone by themselves. */
  readonly #goneBefore = new Set<string>();
  /** Of these no answer told whether they were evicted. */
  readonly #doubted = new Set<string>();
  #refusals = 0;
  #why: string | null = null;
  #evicting: Promise<void> = Promise.resolve();

  constructor(spec: SpecOf<"cordon"> | SpecOf<"drain">, tools: ClusterTools) {
    this.#spec = spec;
    this.#tools = tools;
  }

  async rehearse(): Promise<void> {
    const { cluster, changes } = this.#tools;
    if ((await cluster.get(this.#place)) === null)
      throw unfit(`${cluster.words} has no ${targetOfSpec(this.#spec)}`);
    await changes.rehearseChange(this.#place, UNSCHEDULABLE);
    const [pod] = await this.#leaving();
    if (pod) await cluster.evict(placeOfPod(pod), { dryRun: true });
  }

  async place(): Promise<void> {
    this.#pods = await this.#leaving();
    this.#changed = await this.#tools.changes.change(this.#place, UNSCHEDULABLE);
    this.#wasCordoned = isUnschedulable(this.#changed.before);
    await this.#evictAll();
    this.#evicting = this.#goOnEvicting();
  }

  async prove(): Promise<ClusterHoldProof> {
    const { cluster } = this.#tools;
    const node = await cluster.get(this.#place);
    const isCordoned = node !== null && isUnschedulable(node);
    // A cordon needs no right to look at pods.
    const onNode = this.#pods.length === 0 ? [] : await this.#onNode();
    const there = new Set(onNode.map(({ metadata }) => metadata.uid));
    const gone = this.#pods.filter(({ metadata }) => !there.has(metadata.uid)).length;
    const isDrain = this.#spec.deed === "drain";
    return {
      // That a node takes no new pods meets no traffic.
      strength: isDrain ? "observed" : "listed",
      proven: isCordoned && (isDrain ? this.#evicted.size > 0 : !this.#wasCordoned),
      isIdle: isCordoned && isDrain && this.#pods.length === 0,
      evidence: {
        deed: "node",
        isDrain,
        isCordoned,
        wasCordoned: this.#wasCordoned,
        pods: this.#pods.length,
        evicted: this.#evicted.size,
        gone,
        refusals: this.#refusals,
        why: this.#why,
      },
    };
  }

  async lift(): Promise<void> {
    this.#stop.abort();
    await this.#evicting;
    if (this.#changed === null) return;
    await this.#tools.changes.takeBack(this.#changed);
    this.#changed = null;
  }

  get #place(): ObjectPlace {
    return { kind: NODE, namespace: null, name: this.#spec.node };
  }

  async #onNode(): Promise<readonly ClusterObject[]> {
    const { cluster, terms } = this.#tools;
    const fields = `spec.nodeName=${this.#spec.node}`;
    const lists = await Promise.all(
      terms.namespaces.map((namespace) => cluster.list(POD, { namespace, fields })),
    );
    return lists.flatMap(({ items }) => items).filter(isLivingPod);
  }

  /** Pods that a drain makes leave. @throws FaultlineError when it may not. */
  async #leaving(): Promise<readonly ClusterObject[]> {
    if (this.#spec.deed === "cordon") return [];
    const pods = (await this.#onNode()).filter((pod) => !isOfItsNode(pod));
    const target = targetOfSpec(this.#spec);
    const bare = pods.find((pod) => !isMadeAnew(pod));
    if (bare) {
      const { namespace, name } = bare.metadata;
      throw unfit(
        `${target}: pod ${namespace}/${name} on it was made by nobody who would make it anew: it would be lost for good`,
      );
    }
    refuseMoreThan(this.#spec.atMost, pods.length, target);
    return pods;
  }

  async #evictAll(): Promise<void> {
    for (const pod of this.#pods) {
      const { uid = "" } = pod.metadata;
      if (this.#evicted.has(uid) || this.#goneBefore.has(uid) || this.#stop.signal.aborted) continue;
      // What one of them meets says nothing of the others.
      await this.#evict(pod, uid).catch((error) => this.#takeTrouble(uid, error));
    }
  }

  async #evict(pod: ClusterObject, uid: string): Promise<void> {
    const { isEvicted, isGone, why } = await this.#tools.cluster.evict(placeOfPod(pod), { uid });
    if (isEvicted || (isGone && this.#doubted.has(uid))) {
      this.#evicted.add(uid);
      const { namespace, name } = pod.metadata;
      this.#tools.onEvent(`pod ${namespace}/${name} evicted from node ${this.#spec.node}`);
    } else if (isGone) this.#goneBefore.add(uid);
    else {
      this.#refusals += 1;
      this.#why = why;
    }
  }

  #takeTrouble(uid: string, error: unknown): void {
    const isAnother = isProblem(error, "conflict");
    // Another pod has its name by now.
    if (isAnother) (this.#doubted.has(uid) ? this.#evicted : this.#goneBefore).add(uid);
    else {
      if (error instanceof ClusterProblem && error.facts.isInDoubt) this.#doubted.add(uid);
      this.#why = messageOf(error);
    }
  }

  /** Until all have gone, or the fault is over. */
  async #goOnEvicting(): Promise<void> {
    while (this.#evicted.size + this.#goneBefore.size < this.#pods.length) {
      if (!(await waited(AGAIN_MS, this.#stop.signal))) return;
      await this.#evictAll();
    }
  }
}

function isUnschedulable(node: ClusterObject): boolean {
  return fieldAt(node, ["spec", "unschedulable"]) === true;
}
