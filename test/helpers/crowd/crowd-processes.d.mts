import type { SparseHistogram } from "../../../src/measure/histogram.js";

/** What simulated workers have asked in one segment, counted where it was asked. */
export interface AskedInSegment {
  /** Second by second. */
  readonly scheduled: readonly number[];
  readonly byWorker: Readonly<Record<string, number>>;
  readonly latency: SparseHistogram;
}

export interface CrowdProcesses {
  readonly names: readonly string[];
  readonly pids: readonly (number | undefined)[];
  /** What all of them have asked, by segment. */
  tell(): Promise<Readonly<Record<string, AskedInSegment>>>;
  /** Their connections end at once, with all workers that share them. */
  leave(names: readonly string[]): void;
  end(): void;
}

export declare function startCrowdProcesses(
  url: string,
  count: number,
  options?: {
    readonly processes?: number;
    /** To the server, of all of them. Usually each worker has its own. */
    readonly connections?: number;
  },
): Promise<CrowdProcesses>;
