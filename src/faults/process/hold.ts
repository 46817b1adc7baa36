import type { Json } from "../fault-action.js";
import type { RunningService } from "../fault-driver.js";

/** One action in place on one service. */
export interface Hold {
  /** Rejects when it cannot be put in place; nothing of it is left then. */
  place(): Promise<void>;
  /** What was seen of it until now. */
  prove(): HoldProof;
  /** Takes it out. Safe to be called again. */
  lift(): Promise<void>;
}

export interface HoldProof {
  readonly proven: boolean;
  /** Likely cause when not proven; else what was seen. */
  readonly explanation: string;
  /** Not proven only because the service gave it no occasion. */
  readonly isIdle?: boolean;
  /** Facts, for the record. */
  readonly evidence: { readonly [key: string]: Json };
}

/** Written down before each deed that has to be undone. */
export type NoteDeed = (undo: unknown, text: string) => void;

/** Of an action on a service without a process; an earlier fault has killed it. */
export function nothingThere({ name }: RunningService): HoldProof {
  return {
    proven: false,
    explanation: `${name} had no process any more when the fault began`,
    evidence: { processes: 0 },
  };
}
