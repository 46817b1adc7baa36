import type { PodChange } from "../../kubernetes/pods/pod-change.js";
import type { SeenPod } from "../../measure/pods/pod-record.js";
import { podSentence } from "../../measure/pods/pod-words.js";
import { countOf } from "../../support/count-of.js";

/** So often one kind of change of one pod or container is told. Further ones are counted. */
const MOST_OF_A_KIND = 3;
const MOST_TOLD = 200;
/** Lines at the end that say how often something happened. */
const MOST_TOTALS = 20;

interface Kept {
  readonly pod: SeenPod;
  last: PodChange;
  /** How often it happened in all. One change may tell of several restarts. */
  times: number;
  seen: number;
  told: number;
}

/** Puts changes of pods on a run's timeline. A crash loop does not fill it: what happens again and again is counted. */
export class PodTimeline {
  readonly #tell: (text: string) => void;
  readonly #kept = new Map<string, Kept>();
  #told = 0;
  #leftOut = 0;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  add(pod: SeenPod, happened: PodChange): void {
    const key = JSON.stringify([pod.uid, happened.kind, "container" in happened ? happened.container : null]);
    const kept = this.#kept.get(key) ?? { pod, last: happened, times: 0, seen: 0, told: 0 };
    this.#kept.set(key, kept);
    kept.last = happened;
    kept.seen += 1;
    kept.times += happened.kind === "restarted" ? happened.times : 1;
    if (kept.told >= MOST_OF_A_KIND || this.#told >= MOST_TOLD) return;
    kept.told += 1;
    this.#told += 1;
    this.#tell(podSentence(pod, happened));
  }

  /** Something that nobody has kept. */
  leaveOut(): void {
    this.#leftOut += 1;
  }

  /** Says what was held back. */
  close(): void {
    const held = [...this.#kept.values()].filter(({ seen, told }) => seen > told);
    for (const { pod, last, times } of held.slice(0, MOST_TOTALS)) {
      const isCounted = last.kind === "restarted";
      const text = podSentence(pod, isCounted ? { ...last, times } : last);
      this.#tell(`in all: ${text}${isCounted ? "" : ` (${times} times)`}`);
    }
    const unsaid = held.slice(MOST_TOTALS).reduce((sum, { seen, told }) => sum + seen - told, this.#leftOut);
    if (unsaid > 0) this.#tell(`${countOf(unsaid, "further change")} of pods`);
  }
}
