import { fieldValue } from "../../kubernetes/changes/fields.js";
import type { Changed } from "../../kubernetes/changes/run-changes.js";
import { AUTOSCALER, type ClusterObject, numberAt, textAt } from "../../kubernetes/objects.js";
import { monotonicMs } from "../../support/clock.js";
import type { ClusterTools } from "../cluster/cluster-driver.js";
import { type SpecOf, targetOfSpec } from "../cluster/kubernetes-action.js";
import { type ClusterHold, type ClusterHoldProof, SEEN_MS } from "./hold.js";
import { isObserved, readyReplicasOf, replicasOf } from "./pods.js";
import { kindOfWorkload, placeOfWorkload, refuseMoreThan, workloadNow } from "./workload.js";

const REPLICAS = ["spec", "replicas"];
const SCALE = { subresource: "scale" };

/** Another number of replicas, by the sub-resource that can do nothing else. */
export class Scaling implements ClusterHold {
  readonly #spec: SpecOf<"scale">;
  readonly #tools: ClusterTools;
  #changed: Changed | null = null;
  #found = 0;
  #autoscalers: readonly string[] = [];
  #reachedAfterS: number | null = null;

  constructor(spec: SpecOf<"scale">, tools: ClusterTools) {
    this.#spec = spec;
    this.#tools = tools;
  }

  async rehearse(): Promise<void> {
    const now = await workloadNow(this.#spec, this.#tools);
    const { atMost, replicas } = this.#spec;
    refuseMoreThan(atMost, replicasOf(now) - replicas, targetOfSpec(this.#spec));
    await this.#findAutoscalers();
    // One of them rests while there are no replicas.
    if (this.#autoscalers.length > 0 && replicas > 0) {
      this.#tools.onEvent(
        `the autoscaler ${this.#autoscalers.join(", ")} acts on ${targetOfSpec(this.#spec)}, and may scale it while the fault is on`,
      );
    }
    await this.#tools.changes.rehearseChange(this.#place, this.#set, SCALE);
  }

  async place(): Promise<void> {
    const { atMost, replicas } = this.#spec;
    await this.#findAutoscalers();
    const beganMs = monotonicMs();
    this.#changed = await this.#tools.changes.change(this.#place, this.#set, {
      ...SCALE,
      // What is written holds for this very version.
      check: (before) => refuseMoreThan(atMost, foundIn(before) - replicas, targetOfSpec(this.#spec)),
    });
    this.#found = foundIn(this.#changed.before);
    const { cluster } = this.#tools;
    const isReached = (object: Parameters<Parameters<typeof cluster.until>[1]>[0]) =>
      object !== undefined && this.#isDone(object);
    const reached = await cluster.until(this.#place, isReached, { withinMs: SEEN_MS });
    if (reached !== null) this.#reachedAfterS = Math.round(monotonicMs() - beganMs) / 1000;
  }

  async prove(): Promise<ClusterHoldProof> {
    const { replicas: set } = this.#spec;
    const object = await this.#tools.cluster.get(this.#place);
    const now = object === null ? null : replicasOf(object);
    const ready = object === null ? 0 : readyReplicasOf(object);
    const isDone = object !== null && now === set && this.#isDone(object);
    return {
      strength: "observed",
      proven: isDone && this.#found !== set,
      evidence: {
        deed: "scale",
        found: this.#found,
        set,
        now,
        ready,
        // It took longer than the fault waits at its begin.
        reachedAfterS: this.#reachedAfterS,
        autoscalers: [...this.#autoscalers],
      },
    };
  }

  async lift(): Promise<void> {
    if (this.#changed === null) return;
    await this.#tools.changes.takeBack(this.#changed);
    this.#changed = null;
  }

  /** More replicas than before do nothing until they are ready. */
  #isDone(workload: ClusterObject): boolean {
    const { replicas } = this.#spec;
    return (
      isScaledTo(workload, replicas) && (replicas <= this.#found || readyReplicasOf(workload) === replicas)
    );
  }

  get #place() {
    return placeOfWorkload(this.#spec);
  }

  get #set() {
    return [{ path: REPLICAS, set: this.#spec.replicas }];
  }

  async #findAutoscalers(): Promise<void> {
    const { namespace, workload, name } = this.#spec;
    const { items } = await this.#tools.cluster.list(AUTOSCALER, { namespace });
    const { kind } = kindOfWorkload(workload);
    this.#autoscalers = items
      .filter((each) => textAt(each, "spec", "scaleTargetRef", "kind") === kind)
      .filter((each) => textAt(each, "spec", "scaleTargetRef", "name") === name)
      .filter((each) => numberAt(each, "spec", "maxReplicas") !== undefined)
      .map(({ metadata }) => metadata.name);
  }
}

/** Of a Scale, which leaves out a number of replicas that is 0. */
function foundIn(scale: ClusterObject): number {
  return Number(fieldValue(scale, REPLICAS) ?? 1);
}

/** Whether its controller has as many pods as it is to have. Not all of them have to be ready. */
function isScaledTo(workload: ClusterObject, replicas: number): boolean {
  const pods = numberAt(workload, "status", "replicas") ?? 0;
  return isObserved(workload) && pods === replicas && readyReplicasOf(workload) <= replicas;
}
