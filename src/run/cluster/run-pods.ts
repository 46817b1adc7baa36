import type { Cluster } from "../../kubernetes/cluster.js";
import type { PodChange } from "../../kubernetes/pods/pod-change.js";
import type { PodSnapshot } from "../../kubernetes/pods/pod-state.js";
import type { PodsRecord, SeenPod } from "../../measure/pods/pod-record.js";
import { monotonicMs } from "../../support/clock.js";
import { formatSeconds } from "../../support/format.js";
import { NamespaceWatch } from "./namespace-watch.js";
import { PodTimeline } from "./pod-timeline.js";

export interface RunPodsOptions {
  readonly cluster: Cluster;
  readonly namespaces: readonly string[];
  /** Seconds since load began, of an instant on the clock of `monotonicMs`. */
  readonly secondsAt: (atMs: number) => number;
  readonly onEvent: (kind: "pod" | "warning", text: string) => void;
}

/** So many changes are kept of a run that are no good news, and so many others. */
const MOST_HARMS = 2_000;
const MOST_OTHERS = 1_000;
const HARMS: readonly PodChange["kind"][] = ["restarted", "stuck", "unready", "failed"];
/** Those that are not kept are counted for each time of this length. */
const COUNTED_MS = 5_000;
/** Changes that are told so much later than they come are told in time. */
const TOLD_IN_TIME_MS = 1_000;

interface Gap {
  readonly namespace: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly isLost: boolean;
}

/** Follows the pods of the namespaces that a scenario names, and keeps what became of them. */
export class RunPods {
  readonly #options: RunPodsOptions;
  readonly #watches: readonly NamespaceWatch[];
  readonly #pods = new Map<string, SeenPod>();
  readonly #changes: { readonly atMs: number; readonly uid: string; readonly happened: PodChange }[] = [];
  readonly #gaps: Gap[] = [];
  readonly #timeline: PodTimeline;
  #harms = 0;
  #unlisted = 0;
  /** Harms that are not kept, by the number of their time. */
  readonly #unkept = new Map<number, { readonly fromMs: number; untilMs: number; changes: number }>();
  #isStopped = false;

  constructor(options: RunPodsOptions) {
    this.#options = options;
    this.#timeline = new PodTimeline((text) => options.onEvent("pod", text));
    this.#watches = options.namespaces.map(
      (namespace) =>
        new NamespaceWatch({
          cluster: options.cluster,
          namespace,
          onChange: (pod, change) => this.#note(pod, change),
          onGap: (gap) => this.#noteGap(gap),
          onEnd: (why) =>
            options.onEvent("warning", `the pods of ${namespace} are not watched any more: ${why}`),
        }),
    );
  }

  /** @throws ClusterProblem */
  async open(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.open(signal)));
  }

  /** Resolves when all that has happened until now is known, or is known not to be. Never rejects. */
  async look(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.look()));
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    await Promise.all(this.#watches.map((watch) => watch.stop()));
    this.#isStopped = true;
    this.#timeline.close();
  }

  record(): PodsRecord {
    const { namespaces, secondsAt } = this.#options;
    return {
      namespaces: [...namespaces],
      pods: [...this.#pods.values()],
      changes: this.#changes.map(({ atMs, uid, happened }) => ({ atS: secondsAt(atMs), uid, happened })),
      unlisted: this.#unlisted,
      unkept: [...this.#unkept.values()].map(({ fromMs, untilMs, changes }) => ({
        fromS: secondsAt(fromMs),
        untilS: secondsAt(untilMs),
        changes,
      })),
      gaps: this.#gaps.map(({ namespace, fromMs, untilMs, isLost }) => ({
        namespace,
        fromS: secondsAt(fromMs),
        untilS: secondsAt(untilMs),
        isLost,
      })),
    };
  }

  #note({ uid, namespace, name, labels, owner }: PodSnapshot, happened: PodChange): void {
    const atMs = monotonicMs();
    const isHarm = HARMS.includes(happened.kind);
    const isFull = isHarm ? this.#harms >= MOST_HARMS : this.#changes.length - this.#harms >= MOST_OTHERS;
    if (isFull) {
      if (isHarm) this.#countHarm(atMs);
      this.#unlisted += 1;
      this.#timeline.leaveOut();
      return;
    }
    if (isHarm) this.#harms += 1;
    const pod: SeenPod = { uid, namespace, name, labels, owner };
    this.#pods.set(uid, pod);
    this.#changes.push({ atMs, uid, happened });
    this.#timeline.add(pod, happened);
  }

  #countHarm(atMs: number): void {
    const time = Math.floor(atMs / COUNTED_MS);
    const counted = this.#unkept.get(time) ?? { fromMs: atMs, untilMs: atMs, changes: 0 };
    this.#unkept.set(time, counted);
    counted.untilMs = atMs;
    counted.changes += 1;
  }

  #noteGap(gap: Gap): void {
    const { namespace, fromMs, untilMs, isLost } = gap;
    const lengthMs = untilMs - fromMs;
    if (!isLost && lengthMs < TOLD_IN_TIME_MS) return;
    this.#gaps.push(gap);
    const seconds = formatSeconds(Math.round(lengthMs / 100) / 10);
    const what = isLost
      ? `were not seen for ${seconds}: what came and went meanwhile is not known`
      : `were told of ${seconds} late`;
    this.#options.onEvent("warning", `the pods of ${namespace} ${what}`);
  }
}
