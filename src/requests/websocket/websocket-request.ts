import type { Conditions, PlainValue } from "../answers/expectation.js";
import type { NameAndPassword } from "../authentication/name-and-password.js";
import type { PlannedRequest } from "../planned-request.js";

export const WEBSOCKET_REQUEST = "websocket";

/** Messages that go out and come in on one connection. It is answered when the last one of them is there. */
export interface WebSocketRequest extends PlannedRequest {
  readonly kind: typeof WEBSOCKET_REQUEST;
  /** With the query. May hold ${…}, as header values may. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** The connection stays open for the next exchange. */
  readonly keepsConnection: boolean;
  readonly messages: readonly PlannedMessage[];
  /** Whose name and password go with the handshake, where they vary. Those that do not are in `headers`. */
  readonly basic?: NameAndPassword;
  /** Who answers the server's challenges. */
  readonly digest?: NameAndPassword;
}

export function isWebSocketRequest(request: PlannedRequest): request is WebSocketRequest {
  return request.kind === WEBSOCKET_REQUEST;
}

export type PlannedMessage =
  | {
      readonly kind: "send";
      /** May hold ${…}. */
      readonly template: string;
      /** json: a value is encoded as inside a JSON string literal. base64: the text stands for bytes. */
      readonly form: "text" | "json" | "base64";
    }
  | {
      readonly kind: "receive";
      /** Messages that are not as expected are passed over. */
      readonly passesOver: boolean;
      readonly count: number;
      readonly expect: MessageExpectation;
      /** What makes a message a fallback. Not there: nothing does. */
      readonly degraded?: MessageExpectation;
      readonly capture: readonly MessageCapture[];
    };

export type ExpectedMessage = Extract<PlannedMessage, { readonly kind: "receive" }>;

/** Texts in it may hold ${…}. */
export interface MessageExpectation {
  /** null: anything. */
  readonly text: string | Conditions | null;
  /** JSON path → the value it must have, or conditions. */
  readonly json: Readonly<Record<string, PlainValue | Conditions>>;
  /** null: either will do. */
  readonly binary: boolean | null;
  /** The code of a Close frame that must come instead of a message. null: a message must come. */
  readonly close: number | null;
}

export interface MessageCapture {
  readonly name: string;
  readonly from:
    | { readonly kind: "json"; readonly path: string }
    | { readonly kind: "regex"; readonly pattern: string };
}
