import type { PlannedRequest } from "./load-plan.js";

export const HTTP_LOAD = "http";

/**
 * path, query, header values and body may hold ${uuid}, ${seq}, ${random.int(1,100)}, ${data.FEED.COLUMN},
 * ${capture.NAME}. "$${" stands for "${".
 * - Values in the path or the query are percent-encoded, except those with "| path" behind them or at the path's begin.
 * - Values in the body are encoded as `bodyEncoding` says.
 * - Values in headers go in as they are.
 */
export interface HttpRequest extends PlannedRequest {
  readonly protocol: typeof HTTP_LOAD;
  readonly method: string;
  /** With the query. It begins with "/", or with a value that brings a path or a URL of the target. */
  readonly path: string;
  /** Names as the scenario writes them. No two differ only in case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** How a value is encoded in the body: inside a JSON string literal, as a form value, or not at all. */
  readonly bodyEncoding: "json" | "form" | "none";
  readonly expect: Expectation;
  /** What makes an answer a fallback. Missing: nothing does. */
  readonly degraded?: Expectation;
  /** What later steps of its journey take from the answer. */
  readonly capture?: readonly Capture[];
}

export function isHttpRequest(request: PlannedRequest): request is HttpRequest {
  return request.protocol === HTTP_LOAD;
}

/**
 * What counts as good when a scenario does not say. A redirect does not: nobody follows it, and a system that sends
 * everybody to its login page would look healthy. 304 does: what the client has is still right.
 */
export const DEFAULT_STATUSES: Expectation["status"] = ["2xx", 304];

/** What makes an answer `ok`. Any other answer is `http_error`. */
export interface Expectation {
  /** Single values (200) or classes ("2xx"). Default: DEFAULT_STATUSES. */
  readonly status: readonly (number | `${1 | 2 | 3 | 4 | 5}xx`)[];
  /** Header name (lower case) → text that its value must contain, or conditions. */
  readonly headers: Readonly<Record<string, string | Conditions>>;
  /** Text that the body must contain, or conditions. null: anything. */
  readonly body: string | Conditions | null;
  /** JSON path ($.a.b[0]) → the value it must have, or conditions. */
  readonly json: Readonly<Record<string, PlainValue | Conditions>>;
}

export type PlainValue = string | number | boolean | null;

/** Conditions on one value. All of them must hold. Bounds compare texts of headers and bodies as numbers. */
export interface Conditions {
  /** false: it must not be there. */
  readonly exists?: boolean | undefined;
  readonly equals?: PlainValue | undefined;
  /**
   * For a value in JSON: the value that it must not have. For a header or a body: text that it must not contain. It
   * must be there.
   */
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
    /** The header's whole value (several are joined by ", "), or what the pattern finds in it. null: no pattern. */
    | { readonly kind: "header"; readonly header: string; readonly pattern: string | null }
    /** The first group, or the whole match, in the body. */
    | { readonly kind: "regex"; readonly pattern: string };
}
