/** What drivers tell of their faults: whether these acted, and on what. */

export interface InjectionProof {
  /**
   * observed: the fault acted on what the system sent · probed: a connection of ours showed the effect ·
   * listed: only the server's word · none: it could not be shown, or it acted on nothing.
   * With `probed` and `listed` nothing passes: whether the system's own traffic met the fault is not known.
   */
  readonly strength: "observed" | "probed" | "listed" | "none";
  readonly proven: boolean;
  /** Likely cause when not proven; else what was seen. */
  readonly explanation: string;
  /** The toxic with the smallest share: how many connections it met, and on how many of them it acted. null: not known. */
  readonly acted?: { readonly connections: number; readonly of: number } | null | undefined;
  /** Not proven only because the traffic that crossed gave it no occasion: a limit not reached. */
  readonly isIdle?: boolean | undefined;
  readonly proxies: readonly ProxyTraffic[];
}

export interface ProxyTraffic {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  /** Names of the toxics that the server listed while the fault was on. */
  readonly toxics: readonly string[];
  readonly enabled: boolean;
  /** null when the server has no counters. */
  readonly baseline: TrafficCount | null;
  readonly fault: TrafficCount | null;
}

export interface TrafficCount {
  /** Connections that were open or were opened in that time; null where the server counts only bytes. */
  readonly connections: number | null;
  readonly bytes: number;
  /** Times that clients were read from: about as many as requests they sent. null where the server does not say. */
  readonly clientReads?: number | null | undefined;
}

/** Connections to what stands behind a proxy. */
export interface UpstreamDials {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  /** Connections that were tried. */
  readonly dials: number;
  /** Those that the upstream did not accept. */
  readonly refused: number;
  /** faultline tried them itself, as the server does not count them. */
  readonly isOurs?: boolean | undefined;
}
