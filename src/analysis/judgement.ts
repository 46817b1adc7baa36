import type { Latency, SloResult, Verdict } from "./model.js";

/** What verdicts of one run have in common. */
export interface JudgingContext {
  readonly evidence: "interval" | "observed";
  /** m: verdicts made in the whole run. */
  readonly verdicts: number;
  readonly model: "open" | "closed";
}

/** A part of a result that depends on the verdict's method. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly observed: Latency;
  readonly interval: readonly [Latency, Latency] | null;
  readonly counts: SloResult["counts"];
}
