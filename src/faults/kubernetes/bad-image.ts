import type { Changed } from "../../kubernetes/changes/run-changes.js";
import { type ClusterObject, type FieldPath, numberAt, textAt } from "../../kubernetes/objects.js";
import type { ClusterTools } from "../cluster/cluster-driver.js";
import { type SpecOf, targetOfSpec } from "../cluster/kubernetes-action.js";
import { type ClusterHold, type ClusterHoldProof, SEEN_MS, unfit } from "./hold.js";
import { containersOf, isObserved, readyReplicasOf, replicasOf } from "./pods.js";
import { placeOfWorkload, refuseMoreThan, workloadNow } from "./workload.js";

const ORDERED = "OrderedReady";

/** Another image, rolled out as the workload's own strategy does it. */
export class BadImage implements ClusterHold {
  readonly #spec: SpecOf<"image">;
  readonly #tools: ClusterTools;
  #changed: Changed | null = null;
  #container = "";
  #found = "";

  constructor(spec: SpecOf<"image">, tools: ClusterTools) {
    this.#spec = spec;
    this.#tools = tools;
  }

  async rehearse(): Promise<void> {
    this.#read(await workloadNow(this.#spec, this.#tools));
    await this.#tools.changes.rehearseChange(this.#place, this.#set);
  }

  async place(): Promise<void> {
    this.#read(await workloadNow(this.#spec, this.#tools));
    this.#changed = await this.#tools.changes.change(this.#place, this.#set, {
      check: (before) => this.#read(before),
    });
    await this.#tools.cluster.until(this.#place, (now) => now !== undefined && hasBegun(now), {
      withinMs: SEEN_MS,
    });
  }

  async prove(): Promise<ClusterHoldProof> {
    const now = await this.#tools.cluster.get(this.#place);
    const { image: set } = this.#spec;
    const image = now === null ? null : (textAt(now, ...this.#path) ?? null);
    return {
      strength: "observed",
      proven: now !== null && image === set && this.#found !== set && hasBegun(now),
      evidence: {
        deed: "image",
        container: this.#container,
        found: this.#found,
        set,
        now: image,
        replicas: now === null ? 0 : replicasOf(now),
        updated: now === null ? 0 : updatedIn(now),
        ready: now === null ? 0 : readyReplicasOf(now),
      },
    };
  }

  async lift(): Promise<void> {
    if (this.#changed === null) return;
    await this.#tools.changes.takeBack(this.#changed);
    this.#changed = null;
  }

  get #place() {
    return placeOfWorkload(this.#spec);
  }

  get #path(): FieldPath {
    return ["spec", "template", "spec", "containers", { name: this.#container }, "image"];
  }

  get #set() {
    return [{ path: this.#path, set: this.#spec.image }];
  }

  #read(now: ClusterObject): void {
    const { container, atMost } = this.#spec;
    const target = targetOfSpec(this.#spec);
    refuseMoreThan(atMost, replicasOf(now), target);
    // kubernetes/kubernetes#67250
    if (now.kind === "StatefulSet" && (textAt(now, "spec", "podManagementPolicy") ?? ORDERED) === ORDERED) {
      throw unfit(
        `${target}: with podManagementPolicy ${ORDERED} it waits for its broken pod for ever, also when the image is put back`,
      );
    }
    const known = containersOf(now);
    const [only, ...others] = known;
    const chosen = container ?? (others.length === 0 ? only : undefined);
    if (chosen === undefined || !known.includes(chosen)) {
      const what =
        container === null ? "its pods have several containers" : `its pods have no container "${container}"`;
      throw unfit(`${target}: ${what}; \`container\` names one of: ${known.join(", ")}`);
    }
    this.#container = chosen;
    this.#found = textAt(now, ...this.#path) ?? "";
  }
}

/** Whether a pod with the new template was begun. */
function hasBegun(workload: ClusterObject): boolean {
  return isObserved(workload) && updatedIn(workload) > 0;
}

function updatedIn(workload: ClusterObject): number {
  return numberAt(workload, "status", "updatedReplicas") ?? 0;
}
