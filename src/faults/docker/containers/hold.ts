import type { DockerEvidence } from "../../kinds/docker/evidence.js";
import type { DockerEngine } from "../client/engine-api.js";
import type { EngineDeed } from "../undo/deed.js";

/** What holds work with. */
export interface EngineContext {
  readonly engine: DockerEngine;
  /** Writes to the journal before each deed that has to be undone. */
  readonly note: (deed: EngineDeed) => void;
  /** Writes to the journal that a deed is undone, or was never done. */
  readonly over: (deed: EngineDeed) => void;
  /** Puts an event on the timeline. */
  readonly onEvent: (text: string) => void;
}

/** One deed in place on one container or Swarm service. */
export interface EngineHold {
  /** Its id, so that nothing else is done to it meanwhile. */
  readonly id: string;
  readonly name: string;
  /** Puts the deed in place. Rejects when it cannot be put in place, and leaves nothing of it then. */
  place(): Promise<void>;
  /** What was seen until now. It asks the engine once more. */
  prove(): Promise<EngineHoldProof>;
  /** Takes the deed out: what it was done to is as it was found. A second call does nothing. */
  lift(): Promise<void>;
  /** When the deed ended by itself, on the clock of `monotonicMs`. null: it has not. */
  readonly overSinceMs: number | null;
  /** Whether it keeps the target from answering now. */
  readonly keepsDown: boolean;
}

export interface EngineHoldProof {
  readonly proven: boolean;
  readonly evidence: DockerEvidence;
}
