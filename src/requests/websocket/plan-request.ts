import { parseTemplate } from "../../notation/template.js";
import { planAuth } from "../authentication/plan-auth.js";
import { jsonTemplate } from "../json-template.js";
import type { MessageInput, WebSocketRequestInput } from "./keys.js";
import {
  type MessageCapture,
  type MessageExpectation,
  type PlannedMessage,
  WEBSOCKET_REQUEST,
  type WebSocketRequest,
} from "./websocket-request.js";

/** `common`: headers of all requests. */
export function planWebSocketRequest(
  name: string,
  { websocket, auth }: WebSocketRequestInput,
  common: Readonly<Record<string, string>>,
): WebSocketRequest {
  const { path, headers = {}, subprotocols = [], connection, messages, within } = websocket;
  const planned = planAuth(auth, headers);
  return {
    name,
    kind: WEBSOCKET_REQUEST,
    ...(messages.some(({ degraded }) => degraded) ? { tellsDegraded: true } : {}),
    path: encodedPath(path),
    headers: lastOfEach(
      planned === null ? { ...common } : without("authorization", common),
      planned?.headers ?? {},
      headers,
    ),
    ...planned?.planned,
    subprotocols,
    keepsConnection: connection === "kept",
    messages: messages.map(planMessage),
    ...(within ? { timeoutMs: within.ms } : {}),
  };
}

function planMessage({
  send,
  expect,
  until,
  degraded,
  count = 1,
  capture = {},
}: MessageInput): PlannedMessage {
  if (send !== undefined) {
    if (typeof send === "string") return { kind: "send", template: send, form: "text" };
    if (send.base64 !== undefined) return { kind: "send", template: send.base64, form: "base64" };
    return { kind: "send", template: jsonTemplate(send.json ?? null), form: "json" };
  }
  return {
    kind: "receive",
    passesOver: until !== undefined,
    count,
    expect: expectationOf(expect ?? until ?? {}),
    ...(degraded ? { degraded: expectationOf(degraded) } : {}),
    capture: Object.entries(capture).map(
      ([name, { json: path, regex = "" }]): MessageCapture => ({
        name,
        from: path === undefined ? { kind: "regex", pattern: regex } : { kind: "json", path },
      }),
    ),
  };
}

function expectationOf(input: NonNullable<MessageInput["expect"]>): MessageExpectation {
  const { text = null, json = {}, binary = null, close = null } = input;
  return { text, json, binary, close };
}

/** `name`: in lower case. */
function without(name: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([one]) => one.toLowerCase() !== name));
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
