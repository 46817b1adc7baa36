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
  /** http: or https: URL; its path is put before each request's path. */
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

export type LoadMix =
  | { readonly kind: "requests"; readonly requests: readonly WeightedRequest[] }
  | { readonly kind: "journeys"; readonly journeys: readonly Journey[] };

export interface WeightedRequest extends RequestSpec {
  /** Share of the mix, relative to the others; 0 never sends it. */
  readonly weight: number;
}

/** Ordered steps of one virtual user; a new user follows after the last step or a failed one. */
export interface Journey {
  readonly name: string;
  readonly weight: number;
  readonly steps: readonly JourneyStep[];
}

export interface JourneyStep extends RequestSpec {
  readonly capture: readonly Capture[];
  /** Wait before the next step. */
  readonly thinkTimeMs: number;
}

/**
 * path, query, header values and body may hold ${uuid}, ${seq}, ${random.int(1,100)}, ${data.FEED.COLUMN},
 * ${capture.NAME}; "$${" stands for "${". Values that go into the path or the query are percent-encoded
 * but for those with "| path" behind them or at the path's begin,
 * those in the body as `bodyEncoding` says, those in headers go in as they are.
 */
export interface RequestSpec {
  readonly name: string;
  readonly method: string;
  /** With the query, beginning with "/", or with a value that brings a path or a URL of the target. */
  readonly path: string;
  /** Names as the scenario writes them; no two differ in case only. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** What a value needs to stand in the body: inside a JSON string literal, as a form value, or nothing. */
  readonly bodyEncoding: "json" | "form" | "none";
  readonly expect: Expectation;
}

/**
 * What counts as good where a scenario does not say. A redirect is not: nobody follows it, and a system that sends
 * everybody to its login page would look healthy. 304 says that what the client has is still right.
 */
export const DEFAULT_STATUSES: Expectation["status"] = ["2xx", 304];

/** What makes an answer `ok`; anything else is `http_error`. */
export interface Expectation {
  /** Single values (200) or classes ("2xx"). Default: DEFAULT_STATUSES. */
  readonly status: readonly (number | `${1 | 2 | 3 | 4 | 5}xx`)[];
  /** Header name (lower case) → text that its value must contain, or conditions. */
  readonly headers: Readonly<Record<string, string | Conditions>>;
  /** Text that the body must contain, or conditions; null: anything. */
  readonly body: string | Conditions | null;
  /** JSON path ($.a.b[0]) → the value it must have, or conditions. */
  readonly json: Readonly<Record<string, PlainValue | Conditions>>;
}

export type PlainValue = string | number | boolean | null;

/** What is wanted of one value; all of it must hold. Texts of headers and bodies are compared as numbers where bounds ask for it. */
export interface Conditions {
  /** false: it must not be there. */
  readonly exists?: boolean | undefined;
  readonly equals?: PlainValue | undefined;
  /** Of a value in JSON the one it must not have, of a header or a body what it must not contain. It must be there. */
  readonly not?: PlainValue | undefined;
  /** Found somewhere in it. */
  readonly regex?: string | undefined;
  readonly "<"?: number | undefined;
  readonly "<="?: number | undefined;
  readonly ">"?: number | undefined;
  readonly ">="?: number | undefined;
}

export interface Capture {
  readonly name: string;
  readonly from:
    | { readonly kind: "json"; readonly path: string }
    /** The header's whole value (several are joined by ", "), or what the pattern finds in it; null: no pattern. */
    | { readonly kind: "header"; readonly header: string; readonly pattern: string | null }
    /** The first group, or the whole match, in the body. */
    | { readonly kind: "regex"; readonly pattern: string };
}

export interface DataFeed {
  readonly name: string;
  readonly pick: "round-robin" | "random";
  /** Its memory is shared by all threads. */
  readonly table: FeedTable;
}
