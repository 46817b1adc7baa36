import type { Expectation } from "../answers/expectation.js";
import type { NameAndPassword } from "../authentication/name-and-password.js";
import type { PlannedRequest } from "../planned-request.js";
import type { StreamPlan } from "../stream-plan.js";
import type { BodyPiece } from "./bodies/body-piece.js";

export const HTTP_REQUEST = "http";

/**
 * path, query, header values and body may hold ${uuid}, ${seq}, ${random.int(1,100)}, ${data.FEED.COLUMN},
 * ${capture.NAME}. "$${" stands for "${".
 * - Values in the path or the query are percent-encoded, except those with "| path" behind them or at the path's begin.
 * - Values in the body are encoded as `bodyEncoding` says.
 * - Values in headers go in as they are.
 */
export interface HttpRequest extends PlannedRequest {
  readonly kind: typeof HTTP_REQUEST;
  readonly method: string;
  /** With the query. It begins with "/", or with a value that brings a path or a URL of the target. */
  readonly path: string;
  /** Names as the scenario writes them. No two differ only in case. */
  readonly headers: Readonly<Record<string, string>>;
  /** null: none, or `pieces`. */
  readonly body: string | null;
  /** A body of several pieces, one behind the other. Not there: it is `body`. */
  readonly pieces?: readonly BodyPiece[];
  /** How a value is encoded in the body: inside a JSON string literal, as a form value, or not at all. */
  readonly bodyEncoding: "json" | "form" | "none";
  /** Whose name and password go with it, where they vary. Those that do not are in `headers`. */
  readonly basic?: NameAndPassword;
  /** Who answers the server's challenges. */
  readonly digest?: NameAndPassword;
  readonly expect: Expectation;
  /** What makes an answer a fallback. Missing: nothing does. */
  readonly degraded?: Expectation;
  /** What an answer must be, so that the step is not asked again. Where `asksAgain` is. */
  readonly until?: Expectation;
  /** Its answer is a stream of server-sent events. */
  readonly stream?: StreamPlan;
  /** What later steps of its journey take from the answer. */
  readonly capture?: readonly Capture[];
}

export function isHttpRequest(request: PlannedRequest): request is HttpRequest {
  return request.kind === HTTP_REQUEST;
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
