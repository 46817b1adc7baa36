import type { RunningService } from "../fault-driver.js";
import type { ProcessEvidence } from "../process-action.js";

/** One action in place on one service. */
export interface Hold {
  /** Rejects when it cannot be put in place; nothing of it is left then. */
  place(): Promise<void>;
  /** What was seen of it until now. */
  prove(): HoldProof;
  /**
   * Takes it out. Safe to be called again.
   * @param goesOn the run does, so that what was to come back comes back now.
   */
  lift(goesOn: boolean): Promise<void>;
  /** When it had ended by itself, on the clock of `monotonicMs`; null: it has not. */
  readonly overSinceMs?: number | null;
  /** The service accepts no connections now. */
  readonly keepsDown?: boolean;
  /** It cannot be taken out. */
  readonly staysDone?: boolean;
}

export interface HoldProof {
  readonly proven: boolean;
  /** Not proven only because the service gave it no occasion. */
  readonly isIdle?: boolean;
  readonly evidence: ProcessEvidence;
}

/** Written down before each deed that has to be undone. */
export type NoteDeed = (undo: unknown, text: string) => void;

/** Of an action on a service without a process; an earlier fault has killed it. */
export function nothingThere({ ending }: RunningService): HoldProof {
  return { proven: false, evidence: { deed: "nothing", ending } };
}
