import type { WeightedRequest } from "../../src/plan/load-plan.js";
import {
  type MessageExpectation,
  type PlannedMessage,
  WEBSOCKET_REQUEST,
  type WebSocketRequest,
} from "../../src/requests/websocket/websocket-request.js";

/** Sends "hello" and expects an answer that holds it, with what a test wants otherwise. */
export function exchangeOf(changes: Partial<WebSocketRequest & WeightedRequest> = {}) {
  return {
    name: "feed",
    kind: WEBSOCKET_REQUEST,
    path: "/feed",
    headers: {},
    subprotocols: [],
    keepsConnection: false,
    messages: [sent("hello"), expected({ text: "hello" })],
    weight: 1,
    ...changes,
  } satisfies WebSocketRequest & WeightedRequest;
}

export function sent(template: string): PlannedMessage {
  return { kind: "send", template, form: "text" };
}

export function expected(
  expect: Partial<MessageExpectation> = {},
  more: Partial<Extract<PlannedMessage, { kind: "receive" }>> = {},
): PlannedMessage {
  return {
    kind: "receive",
    passesOver: false,
    count: 1,
    expect: { text: null, json: {}, binary: null, close: null, ...expect },
    capture: [],
    ...more,
  };
}
