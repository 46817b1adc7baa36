import type { RunningService } from "../fault-driver.js";
import type { ProcessEvidence } from "../process-action.js";

/** One action in place on one service. */
export interface Hold {
  /** Puts the action in place. Rejects when it cannot be put in place, and leaves nothing of it then. */
  place(): Promise<void>;
  /** What was seen of the action until now. */
  prove(): HoldProof;
  /**
   * Takes the action out. A second call does nothing.
   * @param goesOn whether the run goes on. A service that was to come back then does so now.
   */
  lift(goesOn: boolean): Promise<void>;
  /** When the action ended by itself, on the clock of `monotonicMs`. null: it has not. */
  readonly overSinceMs?: number | null;
  /** Whether the action keeps the service from accepting connections now. */
  readonly keepsDown?: boolean;
  /** Whether it has at any time. Missing: it does from its begin, or never. */
  readonly hasKeptDown?: boolean;
  /** Whether the action cannot be taken out. */
  readonly staysDone?: boolean;
}

export interface HoldProof {
  readonly proven: boolean;
  /** Whether it is not proven only because the service gave it no occasion. */
  readonly isIdle?: boolean;
  readonly evidence: ProcessEvidence;
}

/** Writes to the journal before each deed that has to be undone. */
export type NoteDeed = (undo: unknown, text: string) => void;

/** What is said of an action on a service that has no process, because an earlier fault has killed it. */
export function nothingThere({ ending }: RunningService): HoldProof {
  return { proven: false, evidence: { deed: "nothing", ending } };
}
