import { FaultlineError } from "../../support/errors.js";
import type { KubernetesEvidence } from "../cluster/kubernetes-evidence.js";

/** One action in place in a cluster. */
export interface ClusterHold {
  /** Whether the cluster is fit for it, and would do it: asked before the run begins. Changes nothing. @throws FaultlineError */
  rehearse(): Promise<void>;
  /** Puts the action in place. Rejects when it cannot be put in place; what was done of it is then taken out by `lift`. */
  place(): Promise<void>;
  /** What the API server says of it now. */
  prove(): Promise<ClusterHoldProof>;
  /** Takes the action out, with what was found back in its place. A second call does nothing. */
  lift(): Promise<void>;
  /** When it ended by itself, on the clock of `monotonicMs`. null: it has not. */
  readonly overSinceMs?: number | null;
}

export interface ClusterHoldProof {
  /** listed: the server has it, and what it does to traffic is not seen there. */
  readonly strength: "observed" | "listed";
  readonly proven: boolean;
  /** Whether it is not proven only because there was no occasion. */
  readonly isIdle?: boolean;
  readonly evidence: KubernetesEvidence;
}

/** The cluster is not as the fault needs it. */
export function unfit(message: string): FaultlineError {
  return new FaultlineError("KUBERNETES_UNFIT", message);
}

/** A fault waits at most this long for what it does to be seen. Then its phase begins. */
export const SEEN_MS = 5_000;
