import type { PlannedRequest } from "../requests/planned-request.js";
import type { FeedTable } from "../scenario/feeds/feed-table.js";
import type { ClientTls } from "../support/outside/bounded-request.js";

/** Everything the load plane needs, as plain data: it crosses threads now and machines later. */
export interface LoadPlan {
  readonly target: LoadTarget;
  readonly model: LoadModel;
  /** From when a request is due to when its whole answer must be there. */
  readonly timeoutMs: number;
  /** Load threads. They share the plan. */
  readonly workers: number;
  /** false: a new connection for each request. */
  readonly keepAlive: boolean;
  /** Requests that may be under way on a connection at once: streams of HTTP/2, or pipelining. */
  readonly pipelining: number;
  /** How requests of HTTP cross the wire. "auto": as the TLS handshake agrees. Not there: HTTP/1.1. */
  readonly protocol?: "http1" | "h2" | "auto";
  readonly mix: LoadMix;
  readonly feeds: readonly DataFeed[];
  readonly seed: number;
  /** What users remember from an answer to their next request. Not there: nothing. */
  readonly session?: SessionPlan;
  /** Whose ids are written down, and where. Not there: nobody's. */
  readonly ids?: { readonly folder: string; readonly noted: readonly NotedId[] };
  /** Not there: requests carry no trace ids. */
  readonly tracing?: TracingPlan;
}

/** The header `traceparent` of W3C Trace Context. */
export interface TracingPlan {
  /** The share of requests that is marked as sampled, above 0 and at most 1. */
  readonly sampling: number;
  /** Where a trace is shown: a template with ${traceId}. null: not known. */
  readonly traceLink: string | null;
  /** 16 bytes as hex, drawn for each run: no two runs send the same ids. "": not drawn yet. */
  readonly runKey: string;
}

/** Ids of the requests of one name. */
export interface NotedId {
  readonly request: string;
  /** A template: "${uuid}", "order-${seq}" or "${capture.orderId}". */
  readonly id: string;
}

/** Of requests of HTTP, and of handshakes of WebSocket. */
export interface SessionPlan {
  /** Each virtual user keeps the cookies that it gets. */
  readonly cookies: boolean;
  /** Redirects that are followed for one request, at most. */
  readonly follow: number;
}

export interface LoadTarget {
  /** Its scheme names the protocol. With http, its path comes before that of each request. */
  readonly url: string;
  /** Connect to this unix socket and not to the URL's host and port. */
  readonly socketPath: string | null;
  readonly tls: TlsOptions | null;
  /** Its URL is `k8s://NAMESPACE/SERVICE…`: where the load goes is known only when it runs. */
  readonly isInCluster?: true;
}

/** PEM texts, already read from their files. */
export type TlsOptions = ClientTls;

export type LoadModel =
  /** Requests (or journeys) are due on a schedule, whatever the system does. */
  | {
      readonly kind: "open";
      readonly arrivals: "even" | "poisson";
      readonly profile: Profile;
      /** Connections that may be open at once, over all threads. */
      readonly maxConnections: number;
    }
  /** Each connection sends when its last answer came and `thinkTimeMs` has passed. The profile counts connections. */
  | { readonly kind: "closed"; readonly profile: Profile; readonly thinkTimeMs: number };

/**
 * A value over the time since load began: a rate per second in the open model, connections in the closed one. It starts
 * at `startValue`. Each stage moves it to `to` over `durationMs` (ramp), or sets it at once and holds it (step). After
 * the last stage the value stays.
 */
export interface Profile {
  readonly startValue: number;
  readonly stages: readonly {
    readonly kind: "ramp" | "step";
    readonly durationMs: number;
    readonly to: number;
  }[];
}

export type LoadMix = (
  | { readonly kind: "requests"; readonly requests: readonly WeightedRequest[] }
  | { readonly kind: "journeys"; readonly journeys: readonly Journey[] }
) & {
  /** What comes before a user's first request, unless an earlier login is still good. */
  readonly login?: LoginPlan;
};

export interface LoginPlan extends PlannedRequest {
  /** Whether all users of a thread share it, or each has its own. */
  readonly once: "run" | "user";
  /** So long before its end it is made anew. */
  readonly refreshBeforeMs: number;
  /** How long it is good. null: its capture LIFETIME says so, or it lasts as long as the load. */
  readonly lifetimeMs: number | null;
}

/** The capture that says for how many seconds a login is good. No capture of a scenario can have this name. */
export const LIFETIME = "lifetime of the login";

export interface WeightedRequest extends PlannedRequest {
  /** Weight in the mix, relative to the others. 0 never sends it. */
  readonly weight: number;
}

/** Ordered steps of one virtual user. A new user follows after the last step or a failed one. */
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
  /** All threads share its memory. */
  readonly table: FeedTable;
}
