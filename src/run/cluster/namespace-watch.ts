import type { Cluster } from "../../kubernetes/cluster.js";
import { type ClusterObject, POD } from "../../kubernetes/objects.js";
import { changesOfNew, type PodChange, podChanges } from "../../kubernetes/pods/pod-change.js";
import { type PodSnapshot, podStateOf } from "../../kubernetes/pods/pod-state.js";
import type { ListedPart, WatchLoss } from "../../kubernetes/wire/watch-list.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";

export interface NamespaceWatchOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly onChange: (pod: PodSnapshot, change: PodChange) => void;
  /** Times are of `monotonicMs`. `isLost`: what came and went meanwhile is not known. */
  readonly onGap: (gap: {
    readonly namespace: string;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly isLost: boolean;
  }) => void;
  /** It has ended, and no further change will be told. */
  readonly onEnd: (why: string) => void;
}

/** One list may take this long, and the watch so much longer to tell what the list has. */
const LIST_MS = 2_000;
const CATCH_UP_MS = 1_000;
const LOOK_MS = 25;

/** Follows the pods of one namespace. */
export class NamespaceWatch {
  readonly #options: NamespaceWatchOptions;
  readonly #stop = new AbortController();
  readonly #pods = new Map<string, PodSnapshot>();
  /** Versions of pods that are known. */
  readonly #versions = new Map<string, string>();
  readonly #everReady = new Set<string>();
  /** null: nobody looks now. */
  #comparison: Look | null = null;
  #lostFromMs: number | null = null;
  #isLost = false;
  /** What was until then is known. */
  #toldAtMs = monotonicMs();
  #restart = new AbortController();
  /** What the next watch begins with. */
  #since: ListedPart = { items: [], resourceVersion: "" };
  #following: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: NamespaceWatchOptions) {
    this.#options = options;
  }

  /** Reads what is there. That is no change. @throws ClusterProblem */
  async open(signal: AbortSignal): Promise<void> {
    const { cluster, namespace } = this.#options;
    const listed = await cluster.list(POD, { namespace }, { signal });
    for (const pod of listed.items) this.#know(pod);
    this.#following = this.#follow(listed);
  }

  /**
   * Holds what the watch has told against a list. A watch that is behind, or that tells nothing although it stands, is opened
   * anew. Without an answer, what became of the pods since the watch last told something is not known. Never rejects.
   */
  async look(): Promise<void> {
    if (this.#isOver) return;
    const look = new Look(this.#versions.values());
    this.#comparison = look;
    const fromMs = monotonicMs();
    const listed = await this.#list();
    if (listed !== null) {
      if (!(await this.#hasCaughtUp(listed.items, look))) this.#beginAnew(listed, look);
      this.#toldAtMs = monotonicMs();
    } else if (this.#toldAtMs < fromMs && this.#lostFromMs === null) {
      // A watch that is known to be lost says itself how long it was.
      this.#lostSince(this.#toldAtMs);
      this.#back();
    }
    this.#comparison = null;
  }

  /** @returns null when there was no answer in time. */
  async #list(): Promise<ListedPart | null> {
    const { cluster, namespace } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(LIST_MS)]);
    try {
      return await cluster.list(POD, { namespace }, { signal, timeoutMs: LIST_MS });
    } catch {
      return null;
    }
  }

  /** What the watch still brings is older than the list. */
  #beginAnew(listed: ListedPart, look: Look): void {
    const { items } = listed;
    this.#restart.abort();
    this.#since = listed;
    this.#lostSince(this.#toldAtMs);
    const missed = items.filter((pod) => !look.hasSeen(pod));
    for (const uid of look.goneFrom(items, this.#pods.keys())) this.#remove(uid);
    for (const pod of missed) this.#take(pod);
    this.#back();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    // Nobody tells it later any more.
    if (this.#lostFromMs !== null) this.#isLost = true;
    this.#back();
  }

  async #hasCaughtUp(items: readonly ClusterObject[], look: Look): Promise<boolean> {
    const isBehind = () =>
      look.goneFrom(items, this.#pods.keys()).length > 0 || items.some((pod) => !look.hasSeen(pod));
    for (const untilMs = monotonicMs() + CATCH_UP_MS; isBehind(); ) {
      if (monotonicMs() >= untilMs || this.#stop.signal.aborted) return this.#stop.signal.aborted;
      await sleep(LOOK_MS, this.#stop.signal).catch(() => {});
    }
    return true;
  }

  async #follow(listed: ListedPart): Promise<void> {
    const { cluster, namespace } = this.#options;
    this.#since = listed;
    const told = {
      opened: () => this.#back(),
      heard: () => {
        this.#toldAtMs = monotonicMs();
      },
      lost: (how: WatchLoss) => this.#lost(how),
    };
    while (!this.#stop.signal.aborted) {
      this.#restart = new AbortController();
      const signal = AbortSignal.any([this.#stop.signal, this.#restart.signal]);
      try {
        const more = { told, since: this.#since };
        for await (const { type, object } of cluster.watch(POD, { namespace }, signal, more)) {
          // A list has overtaken what was still to be handed over.
          if (signal.aborted) break;
          if (type === "DELETED") this.#remove(object.metadata.uid ?? "");
          else this.#take(object);
        }
      } catch (error) {
        if (signal.aborted) continue;
        this.#isOver = true;
        this.#lost({ isForgotten: true, wasSilent: false });
        this.#options.onEnd(messageOf(error));
        return;
      }
    }
  }

  #take(pod: ClusterObject): void {
    const now = podStateOf(pod);
    const { onChange } = this.#options;
    const before = this.#pods.get(now.uid);
    const changes =
      before === undefined ? changesOfNew(now) : podChanges(before, now, this.#everReady.has(now.uid));
    this.#know(pod);
    for (const change of changes) onChange(now, change);
  }

  #know(pod: ClusterObject): void {
    const state = podStateOf(pod);
    const { resourceVersion = "" } = pod.metadata;
    this.#pods.set(state.uid, state);
    this.#versions.set(state.uid, resourceVersion);
    this.#comparison?.told(state.uid, resourceVersion);
    if (state.isReady) this.#everReady.add(state.uid);
  }

  #remove(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    this.#pods.delete(uid);
    this.#versions.delete(uid);
    this.#everReady.delete(uid);
    this.#comparison?.removed(uid);
    if (!pod.isEnding) this.#options.onChange(pod, { kind: "deleted" });
  }

  #lost({ isForgotten, wasSilent }: WatchLoss): void {
    this.#lostFromMs ??= wasSilent ? this.#toldAtMs : monotonicMs();
    this.#isLost ||= isForgotten;
  }

  #lostSince(fromMs: number): void {
    this.#lostFromMs = Math.min(fromMs, this.#lostFromMs ?? fromMs);
    this.#isLost = true;
  }

  #back(): void {
    if (this.#lostFromMs === null) return;
    const { namespace, onGap } = this.#options;
    const untilMs = monotonicMs();
    onGap({ namespace, fromMs: this.#lostFromMs, untilMs, isLost: this.#isLost });
    this.#toldAtMs = untilMs;
    this.#lostFromMs = null;
    this.#isLost = false;
  }
}

/** One comparison of what was told with a list. Versions are compared for being the same, and for nothing else. */
class Look {
  readonly #versions: Set<string>;
  readonly #told = new Set<string>();
  readonly #removed = new Set<string>();

  /** @param known versions of pods as it begins. */
  constructor(known: Iterable<string>) {
    this.#versions = new Set(known);
  }

  told(uid: string, version: string): void {
    this.#told.add(uid);
    this.#versions.add(version);
  }

  removed(uid: string): void {
    this.#removed.add(uid);
  }

  /** Whether this state of a pod was told, or a later one was. */
  hasSeen({ metadata: { uid = "", resourceVersion = "" } }: ClusterObject): boolean {
    return this.#versions.has(resourceVersion) || this.#removed.has(uid);
  }

  /** Of known pods those that a list does not have. One that was told since the look began may be newer than the list. */
  goneFrom(items: readonly ClusterObject[], known: Iterable<string>): readonly string[] {
    const there = new Set(items.map(({ metadata }) => metadata.uid));
    return [...known].filter((uid) => !there.has(uid) && !this.#told.has(uid));
  }
}
