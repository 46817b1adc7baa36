import { type ClusterObject, POD } from "../../kubernetes/objects.js";
import { isProblem } from "../../kubernetes/problem.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { countOf } from "../../support/count-of.js";
import type { Random } from "../../support/random.js";
import type { ClusterTools } from "../cluster/cluster-driver.js";
import type { SpecOf } from "../cluster/kubernetes-action.js";
import { type ClusterHold, type ClusterHoldProof, SEEN_MS, unfit } from "./hold.js";
import { PodWatch } from "./pod-watch.js";
import { isMadeAnew, isReadyPod, placeOfPod } from "./pods.js";

const LOOK_MS = 50;

interface Lost {
  readonly name: string;
  readonly uid: string;
}

/** Pods that are deleted. Whatever made them makes new ones: nothing is to be undone. */
export class PodLoss implements ClusterHold {
  readonly #spec: SpecOf<"delete">;
  readonly #tools: ClusterTools;
  #watch: PodWatch | null = null;
  #lost: readonly Lost[] = [];
  /** Pods that were ready before. */
  #before = 0;
  /** And those that were there at all: some may have been on their way up. */
  #livingBefore = 0;
  #beganMs = 0;
  #replacedAtMs: number | null = null;
  #readyAtMs: number | null = null;

  constructor(spec: SpecOf<"delete">, tools: ClusterTools) {
    this.#spec = spec;
    this.#tools = tools;
  }

  async rehearse(): Promise<void> {
    const ready = await this.#ready();
    const { graceS } = this.#spec;
    const [first] = ready;
    const { uid } = first?.metadata ?? {};
    if (!first) return;
    await this.#tools.cluster.delete(placeOfPod(first), {
      dryRun: true,
      ...(uid === undefined ? {} : { uid }),
      ...(graceS === null ? {} : { graceS }),
    });
  }

  async place(): Promise<void> {
    const { namespace, pods, count } = this.#spec;
    const { cluster, random } = this.#tools;
    const ready = await this.#ready();
    this.#before = ready.length;
    const chosen = choose(ready, count, random);
    const watch = new PodWatch(cluster, namespace, pods);
    this.#watch = watch;
    watch.onChange = () => this.#look();
    const isSeen = () => chosen.every(({ metadata: { uid = "" } }) => watch.knows(uid));
    await settled(() => isSeen() || watch.failure !== null, SEEN_MS);
    if (watch.failure !== null) throw watch.failure;
    if (!isSeen()) throw unfit(`${pods} in namespace ${namespace}: the server does not tell how they change`);
    this.#beganMs = monotonicMs();
    this.#livingBefore = watch.living.length;
    const lost = await Promise.all(chosen.map((pod) => this.#lose(pod)));
    this.#lost = lost.filter((each) => each !== null);
    this.#look();
    const ids = new Set(this.#lost.map(({ uid }) => uid));
    await settled(
      () => watch.failure !== null || !watch.ready.some(({ metadata }) => ids.has(metadata.uid ?? "")),
      SEEN_MS,
    );
  }

  async prove(): Promise<ClusterHoldProof> {
    const watch = this.#watch;
    if (watch !== null && watch.failure !== null) throw watch.failure;
    this.#look();
    // A watch may be blind for two minutes before anybody notices.
    const { namespace, pods: labels } = this.#spec;
    const { items } = await this.#tools.cluster.list(POD, { namespace, labels });
    const listedMs = monotonicMs();
    const there = new Map(items.map((pod) => [pod.metadata.uid ?? "", pod]));
    const pods = this.#lost.map(({ name, uid }) => ({
      name,
      uid,
      goneAfterS: this.#sinceBegin(there.has(uid) ? null : (watch?.goneAtMs(uid) ?? listedMs)),
    }));
    const isReady = (uid: string) => {
      const pod = there.get(uid);
      return pod !== undefined && isReadyPod(pod);
    };
    return {
      // One that ends in its own time may take requests until it is gone: its preStop may be a long sleep.
      strength: pods.some(({ uid }) => there.has(uid)) ? "listed" : "observed",
      proven: pods.length > 0 && !pods.some(({ uid }) => isReady(uid)),
      isIdle: pods.length === 0,
      evidence: {
        deed: "delete",
        isKill: this.#spec.graceS === 0,
        pods,
        of: this.#before,
        replacedAfterS: this.#sinceBegin(this.#replacedAtMs),
        readyAfterS: this.#sinceBegin(this.#readyAtMs),
      },
    };
  }

  async lift(): Promise<void> {
    await this.#watch?.end();
  }

  /** As for a killed service that is started again: from then on it is the system's way back. */
  get overSinceMs(): number | null {
    return this.#replacedAtMs;
  }

  /** @returns null when it had gone by itself before. */
  async #lose(pod: ClusterObject): Promise<Lost | null> {
    const { namespace, graceS } = this.#spec;
    const { cluster, onEvent } = this.#tools;
    const { name, uid = "" } = pod.metadata;
    try {
      const how = graceS === null ? { uid } : { uid, graceS };
      if (!(await cluster.delete(placeOfPod(pod), how))) return null;
    } catch (error) {
      if (!isProblem(error, "conflict")) throw error;
      // Another one has its name by now. After a try without an answer it was that one.
      if (error.facts.isInDoubt !== true) return null;
    }
    onEvent(`pod ${namespace}/${name} ${graceS === 0 ? "killed" : "deleted"}`);
    return { name, uid };
  }

  /** @throws FaultlineError when there are fewer than are to be deleted, or one that nothing makes anew. */
  async #ready(): Promise<readonly ClusterObject[]> {
    const { namespace, pods, count } = this.#spec;
    const { items } = await this.#tools.cluster.list(POD, { namespace, labels: pods });
    const ready = items.filter(isReadyPod);
    const bare = ready.find((pod) => !isMadeAnew(pod));
    if (bare) {
      throw unfit(
        `pod ${namespace}/${bare.metadata.name} was made by nobody who would make it anew: it would be lost for good`,
      );
    }
    if (ready.length < count) {
      throw unfit(
        `${pods} in namespace ${namespace}: ${countOf(ready.length, "ready pod")}, and ${count} to be deleted`,
      );
    }
    return ready;
  }

  #look(): void {
    const watch = this.#watch;
    if (watch === null || this.#lost.length === 0) return;
    const lost = new Set(this.#lost.map(({ uid }) => uid));
    const others = (pods: readonly ClusterObject[]) =>
      pods.filter(({ metadata }) => !lost.has(metadata.uid ?? "")).length;
    if (others(watch.living) >= this.#livingBefore) this.#replacedAtMs ??= monotonicMs();
    if (others(watch.ready) >= this.#before && this.#readyAtMs === null) {
      this.#readyAtMs = monotonicMs();
      this.#tools.onEvent(
        `${this.#spec.pods} in ${this.#spec.namespace}: ${countOf(this.#before, "ready pod")} again`,
      );
    }
  }

  #sinceBegin(atMs: number | null): number | null {
    return atMs === null ? null : Math.round(atMs - this.#beganMs) / 1000;
  }
}

/** By the seed, whatever order the server lists them in. */
function choose(pods: readonly ClusterObject[], count: number, random: Random): readonly ClusterObject[] {
  const left = pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const chosen: ClusterObject[] = [];
  while (chosen.length < count && left.length > 0) {
    chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return chosen;
}

/** Resolves when it is so, or when the time is over. */
async function settled(is: () => boolean, withinMs: number): Promise<void> {
  const untilMs = monotonicMs() + withinMs;
  while (!is() && monotonicMs() < untilMs) await sleep(LOOK_MS);
}
