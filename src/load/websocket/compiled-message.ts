import type {
  ExpectedMessage,
  MessageExpectation,
  PlannedMessage,
} from "../../requests/websocket/websocket-request.js";
import { AnswerBody } from "../answers/answer-body.js";
import { type CompiledCapture, compileCapture } from "../answers/captures.js";
import { compileJsonPath, valueAt } from "../answers/json-value.js";
import { DEGRADED } from "../compiled-request.js";
import { compileEncoded, type Encoding } from "../http/encodings.js";
import { type CompiledPart, renderTemplate } from "../mix/request-template.js";
import type { ValueScope, Values } from "../mix/values.js";
import { OPCODE } from "../websocket-frames/opcodes.js";
import { compileVaryingJson, compileVaryingText } from "./varying-conditions.js";

/** null: as expected. A text: why it is not. */
export type MessageJudgement = string | typeof DEGRADED | null;

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
      /** Looks at a message, and takes its captures. */
      readonly check: (bytes: Buffer, isBinary: boolean, scope: ValueScope) => MessageJudgement;
    };

const ENCODINGS: Readonly<Record<Extract<PlannedMessage, { kind: "send" }>["form"], Encoding>> = {
  text: "none",
  json: "json",
  base64: "none",
};

/** @throws SCENARIO_INVALID: a value is not known, or something cannot be looked for. */
export function compileMessage(message: PlannedMessage, values: Values): CompiledMessage {
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
  const { passesOver, count, expect, degraded, capture } = message;
  const check = compileExpectation(expect, values);
  const isFallback = degraded === undefined ? null : compileExpectation(degraded, values);
  const captures = capture.map((one) => compileCapture(one));
  return {
    kind: "receive",
    passesOver,
    count,
    close: expect.close,
    check: (bytes, isBinary, scope) => {
      try {
        const body = new AnswerBody([bytes]);
        const isDegraded = isFallback !== null && isFallback(body, isBinary, scope) === null;
        const reason = isDegraded ? null : check(body, isBinary, scope);
        return reason ?? captured(captures, body, scope) ?? (isDegraded ? DEGRADED : null);
      } catch (error) {
        // The message is too much for us, such as one that is nested too deeply.
        if (error instanceof RangeError) return "message that cannot be looked into";
        throw error;
      }
    },
  };
}

/** Judging the message looks into it. */
export function looksInto({ expect, degraded, capture }: ExpectedMessage): boolean {
  const all = degraded === undefined ? [expect] : [expect, degraded];
  return capture.length > 0 || all.some(({ text, json }) => text !== null || Object.keys(json).length > 0);
}

function rendering(parts: readonly CompiledPart[], encoding: BufferEncoding): (scope: ValueScope) => Buffer {
  return (scope) => Buffer.from(renderTemplate(parts, scope), encoding);
}

function compileExpectation(
  { text, json, binary, close }: MessageExpectation,
  values: Values,
): (body: AnswerBody, isBinary: boolean, scope: ValueScope) => string | null {
  const ofText = text === null ? null : compileVaryingText("message", text, values);
  const ofJson = Object.entries(json).map(([written, wanted]) => {
    const path = compileJsonPath(written);
    const check = compileVaryingJson(`json ${written}`, wanted, values);
    return (value: unknown, scope: ValueScope) => check(valueAt(value, path), scope);
  });
  return (body, isBinary, scope) => {
    if (close !== null) return "a message, expected the end of the connection";
    if (binary !== null && binary !== isBinary) {
      return isBinary ? "binary message, expected a text" : "text message, expected a binary one";
    }
    const reason = ofText?.(body.text === "" ? undefined : body.text, scope) ?? null;
    if (reason !== null || ofJson.length === 0) return reason;
    const value = body.json;
    if (value === undefined) return "message is not JSON";
    for (const check of ofJson) {
      const problem = check(value, scope);
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
