import type { FeedTable } from "../scenario/feeds/feed-table.js";

/** Everything the load plane needs, as plain data: it crosses threads now and machines later. */
export interface LoadPlan {
  readonly target: LoadTarget;
  readonly model: LoadModel;
  /** From when a request was due to when its whole answer must be there. */
  readonly timeoutMs: number;
  /** Load threads; the plan is shared out among them. */
  readonly workers: number;
  /** false: a new connection for each request. */
  readonly keepAlive: boolean;
  /** Requests sent on a connection before the first one's answer has come; 1: none is sent before. */
  readonly pipelining: number;
  readonly mix: LoadMix;
  readonly feeds: readonly DataFeed[];
  readonly seed: number;
}

export interface LoadTarget {
  /** Its scheme says which protocol it is for. With http its path is put before that of each request. */
  readonly url: string;
  /** Connect to this unix socket instead of the URL's host and port. */
  readonly socketPath: string | null;
  readonly tls: TlsOptions | null;
}

/** PEM texts, already read from their files. */
export interface TlsOptions {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly servername: string | null;
  /** true unless the scenario switched it off. */
  readonly verify: boolean;
}

export type LoadModel =
  /** Requests (or journeys) are due on a schedule, whatever the system does. */
  | {
      readonly kind: "open";
      readonly arrivals: "even" | "poisson";
      readonly profile: Profile;
      /** Connections that may be open at once, over all threads. */
      readonly maxConnections: number;
    }
  /** Each connection sends when its last answer came (and `thinkTimeMs` has passed). The profile counts connections. */
  | { readonly kind: "closed"; readonly profile: Profile; readonly thinkTimeMs: number };

/**
 * A value over the time since load began: a second for the open model, connections for the closed one.
 * Starts at `startValue`; each stage moves it to `to` over `durationMs` (ramp) or sets it at once and holds (step);
 * after the last stage the value stays.
 */
export interface Profile {
  readonly startValue: number;
  readonly stages: readonly {
    readonly kind: "ramp" | "step";
    readonly durationMs: number;
    readonly to: number;
  }[];
}

/** What is known of any request, whatever crosses the wire. Each protocol's requests have more, which it alone reads. */
export interface PlannedRequest {
  readonly name: string;
  /** The protocol that it is written for. */
  readonly protocol: string;
}

export type LoadMix =
  | { readonly kind: "requests"; readonly requests: readonly WeightedRequest[] }
  | { readonly kind: "journeys"; readonly journeys: readonly Journey[] };

export interface WeightedRequest extends PlannedRequest {
  /** Share of the mix, relative to the others; 0 never sends it. */
  readonly weight: number;
}

/** Ordered steps of one virtual user; a new user follows after the last step or a failed one. */
export interface Journey {
  readonly name: string;
  readonly weight: number;
  readonly steps: readonly JourneyStep[];
}

export interface JourneyStep extends PlannedRequest {
  /** Wait before the next step. */
  readonly thinkTimeMs: number;
}

export interface DataFeed {
  readonly name: string;
  readonly pick: "round-robin" | "random";
  /** Its memory is shared by all threads. */
  readonly table: FeedTable;
}
