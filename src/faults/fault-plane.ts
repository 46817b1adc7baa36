import type { Standstill } from "../support/standstills.js";
import type { FaultDriver } from "./fault-driver.js";
import type { UpstreamDials } from "./proof.js";
import type { ProxySpec } from "./proxy-spec.js";
import type { UndoEntry } from "./undo-entry.js";

/** Where the faults are made: the embedded server, a real Toxiproxy, later other drivers. */
export interface FaultPlane extends FaultDriver {
  readonly kind: "embedded" | "external";
  readonly url: string;
  readonly version: string;
  /** Creates the scenario's proxies; resolves with the addresses they really listen on, by name. */
  createProxies(proxies: readonly ProxySpec[]): Promise<ReadonlyMap<string, string>>;
  /** Connections to what stands behind each proxy, and how many it did not accept, since it was asked last. */
  upstreamDials(): Promise<readonly UpstreamDials[]>;
  /** Removes what `inject` put there. Escalates: remove toxic → replace proxy → ROLLBACK_FAILED. */
  clear(): Promise<void>;
  /**
   * When the proxies stood still, and whatever passes through them with them: instants on the clock of `monotonicMs`. Not
   * there where that is not known, as of a server of its own.
   */
  readonly standstills?: StandstillsBetween | undefined;
  /** Undoes everything: faults cleared, our proxies deleted, those that were there before left as found; ends the embedded server. */
  close(): Promise<void>;
}

export type StandstillsBetween = (fromMs: number, untilMs: number) => readonly Standstill[];

/**
 * Told before each deed on a real server (the embedded one dies with its process), so that another process can undo it.
 * What it throws keeps the deed from being done.
 */
export interface FaultJournal {
  undoable(entry: UndoEntry): void;
}

/** For `openFaultPlane` in open.ts. */
export interface FaultPlaneOptions {
  /** null: the embedded server. */
  readonly toxiproxyUrl: string | null;
  /** Sent to a real server that asks for one. */
  readonly toxiproxyToken?: string | null;
  /** Of everything random in the embedded server (jitter, toxicity). */
  readonly seed: number;
  readonly journal?: FaultJournal;
  /** The server is gone (thread died, process killed) or hangs while the plane is open; called once. */
  readonly onLost?: (reason: string) => void;
  /** The embedded server lost connections to a limit of this process or its machine; may be called again and again. */
  readonly onLimit?: (reason: string) => void;
}

export type OpenFaultPlane = (options: FaultPlaneOptions) => Promise<FaultPlane>;
