import { parseTemplate } from "../../notation/template.js";
import { isMap } from "../../quantities/valid-parts.js";
import { jsonTemplate } from "../json-template.js";
import { literalText } from "../template-text.js";
import type { MessageInput, WebSocketRequestInput } from "./keys.js";
import {
  type MessageCapture,
  type PlannedMessage,
  WEBSOCKET_REQUEST,
  type WebSocketRequest,
} from "./websocket-request.js";

/** `common`: headers of all requests. */
export function planWebSocketRequest(
  name: string,
  { websocket }: WebSocketRequestInput,
  common: Readonly<Record<string, string>>,
): WebSocketRequest {
  const { path, headers = {}, subprotocols = [], connection, messages, within } = websocket;
  return {
    name,
    kind: WEBSOCKET_REQUEST,
    path: encodedPath(path),
    headers: lastOfEach({ ...common }, headers),
    subprotocols,
    keepsConnection: connection === "kept",
    messages: messages.map(planMessage),
    ...(within ? { timeoutMs: within.ms } : {}),
  };
}

function planMessage({ send, expect, until, count = 1, capture = {} }: MessageInput): PlannedMessage {
  if (send !== undefined) {
    if (typeof send === "string") return { kind: "send", template: send, form: "text" };
    if (send.base64 !== undefined) return { kind: "send", template: send.base64, form: "base64" };
    return { kind: "send", template: jsonTemplate(send.json ?? null), form: "json" };
  }
  const { text = null, json = {}, binary = null, close = null } = expect ?? until ?? {};
  return {
    kind: "receive",
    passesOver: until !== undefined,
    count,
    expect: { text: literals(text), json: literals(json), binary, close },
    capture: Object.entries(capture).map(
      ([name, { json: path, regex = "" }]): MessageCapture => ({
        name,
        from: path === undefined ? { kind: "regex", pattern: regex } : { kind: "json", path },
      }),
    ),
  };
}

/** Nothing varies there, so "$${" is the text "${". */
function literals<T>(value: T): T {
  // Each part is of the kind that it was.
  if (typeof value === "string") return literalText(value) as T;
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literals(inner)])) as T;
}

/** Characters that may not stand in a request line are encoded. What is already encoded stays. */
function encodedPath(path: string): string {
  return parseTemplate(path)
    .map((part) =>
      part.kind === "text"
        ? part.text.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent)
        : `\${${part.expression}}`,
    )
    .join("");
}

/** Names that differ only in case are one header: the last one counts. */
function lastOfEach(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const byName = new Map(
    all.flatMap(Object.entries<string>).map(([name, value]) => [name.toLowerCase(), [name, value]] as const),
  );
  return Object.fromEntries(byName.values());
}
