import type { Profile } from "../../plan/load-plan.js";
import type { Latency, SloResult, Verdict } from "../document/report.js";
import type { PhaseObservations } from "../measurement/phase-view.js";

/** What verdicts of one run have in common. */
export interface JudgingContext {
  readonly evidence: "interval" | "observed";
  /** m: verdicts made in the whole run. */
  readonly verdicts: number;
  readonly model: "open" | "closed";
  /** From when a request is due to when its answer must be there. */
  readonly timeoutMs: number;
  /** The baseline: what this machine does to the system without a fault; not there where it is the baseline that is judged. */
  readonly control?: PhaseObservations | null | undefined;
  /** Of the load, to say which rate would do; not there where nobody reads it. */
  readonly profile?: Profile | undefined;
}

/** A part of a result that depends on the verdict's method. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly observed: Latency;
  readonly interval: readonly [Latency, Latency] | null;
  readonly counts: SloResult["counts"];
  readonly shared?: SloResult["shared"];
  /** Set where the load generator's lateness had to do with the verdict. */
  readonly lateness?: SloResult["lateness"];
}

/** A failure also without whatever the load generator's lateness may have caused. */
export interface CertainFail {
  /** What broke. */
  readonly reason: string;
  /** Bad requests that the lateness may have caused. */
  readonly explained: number;
}
