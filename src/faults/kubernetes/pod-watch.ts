import type { Cluster } from "../../kubernetes/cluster.js";
import { type ClusterObject, POD } from "../../kubernetes/objects.js";
import { monotonicMs } from "../../support/clock.js";
import { isLivingPod, isReadyPod } from "./pods.js";

/** How a group of pods changes while it is watched. */
export class PodWatch {
  readonly #stop = new AbortController();
  readonly #pods = new Map<string, ClusterObject>();
  readonly #goneAtMs = new Map<string, number>();
  readonly #reading: Promise<void>;
  #onChange: () => void = () => {};
  #failure: unknown = null;

  constructor(cluster: Cluster, namespace: string, labels: string) {
    this.#reading = this.#read(cluster.watch(POD, { namespace, labels }, this.#stop.signal)).catch(
      (error) => {
        if (!this.#stop.signal.aborted) this.#failure = error;
        this.#onChange();
      },
    );
  }

  /** Called after each change. */
  set onChange(listener: () => void) {
    this.#onChange = listener;
  }

  /** Why nothing more is known. null: it goes on. */
  get failure(): unknown {
    return this.#failure;
  }

  get living(): readonly ClusterObject[] {
    return [...this.#pods.values()].filter(isLivingPod);
  }

  get ready(): readonly ClusterObject[] {
    return [...this.#pods.values()].filter(isReadyPod);
  }

  /** Whether this pod has been seen. */
  knows(uid: string): boolean {
    return this.#pods.has(uid) || this.#goneAtMs.has(uid);
  }

  /** When this pod was last there, on the clock of `monotonicMs`. null: it is there, or was never seen. */
  goneAtMs(uid: string): number | null {
    return this.#goneAtMs.get(uid) ?? null;
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(events: ReturnType<Cluster["watch"]>): Promise<void> {
    for await (const { type, object } of events) {
      const uid = object.metadata.uid ?? object.metadata.name;
      if (type === "DELETED") {
        this.#pods.delete(uid);
        this.#goneAtMs.set(uid, monotonicMs());
      } else this.#pods.set(uid, object);
      this.#onChange();
    }
  }
}
