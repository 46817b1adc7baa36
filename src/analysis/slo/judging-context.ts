import type { Profile } from "../../plan/load-plan.js";
import type { Latency, Reason, SloResult, Verdict } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";

/** What verdicts of one run have in common. */
export interface JudgingContext {
  readonly evidence: "interval" | "observed";
  /** m: the number of verdicts in the whole run. */
  readonly verdicts: number;
  readonly model: "open" | "closed";
  /** The time from when a request is due to when its answer must be there. */
  readonly timeoutMs: number;
  /**
   * The baseline: what this machine does to the system without a fault. Missing where the baseline itself is judged.
   */
  readonly control?: PhaseObservations | null | undefined;
  /** The load's profile, to say which rate would do. Missing where nobody reads it. */
  readonly profile?: Profile | undefined;
}

/** The part of a result that depends on the verdict's method. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly because: readonly Reason[];
  readonly observed: Latency;
  readonly interval: readonly [Latency, Latency] | null;
  readonly counts: SloResult["counts"];
  readonly shared?: SloResult["shared"];
  /** Set where the load generator's lateness affected the verdict. */
  readonly lateness?: SloResult["lateness"];
}

/** A failure that stands without anything that the load generator's lateness may have caused. */
export interface CertainFail {
  /** What broke. */
  readonly because: readonly Reason[];
  /** Bad requests that the lateness may have caused. */
  readonly explained: number;
}
