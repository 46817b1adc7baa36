import type { LoadTarget } from "../../plan/load-plan.js";
import type {
  MessageExpectation,
  PlannedMessage,
  WebSocketRequest,
} from "../../requests/websocket/websocket-request.js";
import { AnswerBody } from "../answers/answer-body.js";
import { type CompiledCapture, compileCapture } from "../answers/captures.js";
import { compileJsonValue, compileText } from "../answers/conditions.js";
import { compileJsonPath, valueAt } from "../answers/json-value.js";
import type { Answer, CompiledRequest } from "../compiled-request.js";
import { compileEncoded, type Encoding } from "../http/encodings.js";
import { type CompiledPart, renderTemplate } from "../mix/request-template.js";
import type { ValueScope, Values } from "../mix/values.js";
import { OPCODE } from "../websocket-frames/opcodes.js";
import type { WebSocketEndpoint } from "./connection/handshake.js";

export type CompiledMessage =
  | {
      readonly kind: "send";
      readonly opcode: typeof OPCODE.text | typeof OPCODE.binary;
      readonly render: (scope: ValueScope) => Buffer;
    }
  | {
      readonly kind: "receive";
      readonly passesOver: boolean;
      readonly count: number;
      readonly close: number | null;
      /** Looks at a message, and takes its captures. @returns why it is not as expected. null: it is. */
      readonly check: (bytes: Buffer, isBinary: boolean, scope: ValueScope) => string | null;
    };

/** The end of an exchange, whatever it says. */
export interface ExchangeAnswer extends Answer {
  /** Why it is bad, as far as that is known. */
  readonly problem: string | null;
  /** Looks at its last message. null: that is done. */
  readonly check: ((scope: ValueScope) => string | null) | null;
}

const UNAUTHORIZED = 401;

/** The engine gives back what the channel has made. */
function isExchangeAnswer(answer: Answer): answer is ExchangeAnswer {
  return "problem" in answer && "check" in answer;
}

/** An exchange, ready to be made many times. */
export class MessageExchange implements CompiledRequest {
  /** Each has its own place in its messages. */
  readonly isConstant = false;
  readonly looksInto: boolean;
  readonly keepsConnection: boolean;
  readonly messages: readonly CompiledMessage[];
  readonly endpointFor: (scope: ValueScope) => WebSocketEndpoint;
  /** How many messages have to come. */
  readonly awaited: number;
  /** Nothing has to come behind what it sends last, or at all. */
  readonly endsBySending: boolean;
  readonly #received = new WeakMap<object, number>();

  /** @throws SCENARIO_INVALID: a value is not known, or something cannot be looked for. */
  constructor(planned: WebSocketRequest, target: LoadTarget, values: Values) {
    this.keepsConnection = planned.keepsConnection;
    this.messages = planned.messages.map((message) => compileMessage(message, values));
    const received = planned.messages.filter((message) => message.kind === "receive");
    this.looksInto = received.some(({ expect, capture }) => looksInto(expect) || capture.length > 0);
    this.awaited = received.reduce((sum, { count }) => sum + count, 0);
    this.endsBySending = this.messages.at(-1)?.kind !== "receive";
    this.endpointFor = compileEndpoint(planned, target, values);
  }

  judge(answer: Answer, scope: ValueScope): string | null {
    if (!isExchangeAnswer(answer)) throw new Error("the answer was not read as one of an exchange");
    const { status, problem, check } = answer;
    if (problem !== null) return problem;
    if (status !== SWITCHED) return `status ${status} to the WebSocket handshake`;
    return check === null ? null : check(scope);
  }

  /** A login that is no longer good: the handshake says so. */
  isUnauthorized({ status }: Answer): boolean {
    return status === UNAUTHORIZED;
  }

  /** A message has come that was waited for. */
  note(ticket: object, received: number): void {
    this.#received.set(ticket, received);
  }

  progress(ticket: object): string | null {
    const received = this.#received.get(ticket) ?? 0;
    return received === this.awaited
      ? "not all messages were taken"
      : `${received} of ${this.awaited} messages`;
  }
}

/** The status of an exchange that has begun: 101 Switching Protocols. */
export const SWITCHED = 101;

function compileEndpoint(
  { path, headers, subprotocols }: WebSocketRequest,
  { url }: LoadTarget,
  values: Values,
): (scope: ValueScope) => WebSocketEndpoint {
  const { pathname, host } = new URL(url);
  const wholePath = compileEncoded(`${pathname.replace(/\/$/, "")}${path}`, "url", values);
  const own = Object.entries(headers).map(
    ([name, value]) => [name, compileEncoded(value, "header", values)] as const,
  );
  const hasHost = own.some(([name]) => name.toLowerCase() === "host");
  return (scope) => ({
    path: renderTemplate(wholePath, scope),
    headers: [
      ...(hasHost ? [] : [["Host", host] as const]),
      ...own.map(([name, parts]) => [name, renderTemplate(parts, scope)] as const),
    ],
    subprotocols,
  });
}

const ENCODINGS: Readonly<Record<Extract<PlannedMessage, { kind: "send" }>["form"], Encoding>> = {
  text: "none",
  json: "json",
  base64: "none",
};

function compileMessage(message: PlannedMessage, values: Values): CompiledMessage {
  if (message.kind === "send") {
    const { template, form } = message;
    const parts = compileEncoded(template, ENCODINGS[form], values);
    const isBytes = form === "base64";
    return {
      kind: "send",
      opcode: isBytes ? OPCODE.binary : OPCODE.text,
      render: rendering(parts, isBytes ? "base64" : "utf8"),
    };
  }
  const { passesOver, count, expect, capture } = message;
  const check = compileExpectation(expect);
  const captures = capture.map((one) => compileCapture(one));
  return {
    kind: "receive",
    passesOver,
    count,
    close: expect.close,
    check: (bytes, isBinary, scope) => {
      try {
        const body = new AnswerBody([bytes]);
        return check(body, isBinary) ?? captured(captures, body, scope);
      } catch (error) {
        // The message is too much for us, such as one that is nested too deeply.
        if (error instanceof RangeError) return "message that cannot be looked into";
        throw error;
      }
    },
  };
}

function rendering(parts: readonly CompiledPart[], encoding: BufferEncoding): (scope: ValueScope) => Buffer {
  return (scope) => Buffer.from(renderTemplate(parts, scope), encoding);
}

function looksInto({ text, json }: MessageExpectation): boolean {
  return text !== null || Object.keys(json).length > 0;
}

function compileExpectation({
  text,
  json,
  binary,
  close,
}: MessageExpectation): (body: AnswerBody, isBinary: boolean) => string | null {
  const ofText = text === null ? null : compileText("message", text);
  const ofJson = Object.entries(json).map(([written, wanted]) => {
    const path = compileJsonPath(written);
    const check = compileJsonValue(`json ${written}`, wanted);
    return (value: unknown) => check(valueAt(value, path));
  });
  return (body, isBinary) => {
    if (close !== null) return "a message, expected the end of the connection";
    if (binary !== null && binary !== isBinary) {
      return isBinary ? "binary message, expected a text" : "text message, expected a binary one";
    }
    const reason = ofText?.(body.text === "" ? undefined : body.text) ?? null;
    if (reason !== null || ofJson.length === 0) return reason;
    const value = body.json;
    if (value === undefined) return "message is not JSON";
    for (const check of ofJson) {
      const problem = check(value);
      if (problem !== null) return problem;
    }
    return null;
  };
}

function captured(captures: readonly CompiledCapture[], body: AnswerBody, scope: ValueScope): string | null {
  for (const { name, find } of captures) {
    const value = find([], body);
    if (value === null) return `capture ${name} found nothing`;
    scope.captures.set(name, value);
  }
  return null;
}
