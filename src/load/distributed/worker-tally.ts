import {
  EMPTY_SPARSE_HISTOGRAM,
  mergeSparse,
  type SparseHistogram,
  sparseQuantileUs,
} from "../../measure/histogram.js";
import { OUTCOMES, perOutcome } from "../../measure/outcome.js";
import type { WorkerRecord } from "../../measure/workers/worker-record.js";
import { BalancedSum } from "../merging/balanced-sum.js";
import type { SegmentProgress } from "../thread-messages.js";

interface Seen {
  scheduled: number;
  readonly outcomes: number[];
  readonly latency: BalancedSum<SparseHistogram>;
}

/** What one worker saw of each segment. */
export class WorkerTally {
  readonly #segments = new Map<string, Seen>();
  readonly #requests: number;

  /** @param requests so many names are those of requests. The names behind them are of what else is timed, such as journeys. */
  constructor(requests: number) {
    this.#requests = requests;
  }

  /** A segment of that name begins, maybe anew. */
  begin(segmentId: string): void {
    this.#segments.set(segmentId, {
      scheduled: 0,
      outcomes: OUTCOMES.map(() => 0),
      latency: new BalancedSum(mergeSparse),
    });
  }

  add({ segmentId, seconds }: Pick<SegmentProgress, "segmentId" | "seconds">): void {
    const seen = this.#segments.get(segmentId);
    if (seen === undefined) return;
    for (const { name, counts } of seconds.flatMap(({ names }) => names)) {
      if (name >= this.#requests) continue;
      seen.scheduled += counts.scheduled;
      for (const [outcome, count] of counts.outcomes.entries()) seen.outcomes[outcome]! += count;
      seen.latency.add(counts.latency);
    }
  }

  /** Of those that it saw anything of. */
  seenOf(segmentIds: readonly string[]): WorkerRecord["phases"] {
    return segmentIds.flatMap((id) => {
      const seen = this.#segments.get(id);
      if (seen === undefined) return [];
      const { scheduled, outcomes } = seen;
      const latency = seen.latency.total() ?? EMPTY_SPARSE_HISTOGRAM;
      const ms = (q: number) => {
        const us = sparseQuantileUs(latency, q);
        return us === null ? null : us / 1000;
      };
      const latencyMs = { p50: ms(0.5), p99: ms(0.99), max: ms(1) };
      return { id, scheduled, outcomes: perOutcome((_, at) => outcomes[at] ?? 0), latencyMs };
    });
  }
}
