import type { FaultAction } from "./fault-action.js";
import type { InjectionProof, UpstreamDials } from "./proof.js";

/** Who carries actions out. */
export interface FaultDriver {
  /** The baseline begins: a later proof may compare with it. */
  markBaseline(): Promise<void>;
  /**
   * Puts these in place, all or none; what an earlier call put there and is not in this one is removed.
   * Counting for the proof begins when none was active before.
   */
  inject(actions: readonly FaultAction[]): Promise<void>;
  /** Evidence for what is in place now. Call before `clear`. */
  prove(): Promise<InjectionProof>;
  /** Removes what `inject` put there. */
  clear(): Promise<void>;
  /** Undoes everything, and ends what it has started. */
  close(): Promise<void>;
  /** Connections to what stands behind each proxy, and how many it did not accept, since it was asked last. */
  upstreamDials?(): Promise<readonly UpstreamDials[]>;
}
