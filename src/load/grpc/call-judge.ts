import { gunzipSync } from "node:zlib";
import type protobuf from "protobufjs";
import type { JsonPath } from "../../notation/json-path.js";
import type { GrpcExpectation, GrpcRequest } from "../../requests/grpc/grpc-request.js";
import { messageJson } from "../../requests/grpc/proto/message-json.js";
import { valueMistake, valueOfText, type WantedValue } from "../../requests/grpc/scalar-values.js";
import { messageOf } from "../../support/errors.js";
import { grpcStatusName } from "../../support/names/grpc-status.js";
import { headerValue } from "../answers/answer-body.js";
import { compileJsonValue, compileText } from "../answers/conditions.js";
import { compileJsonPath, valueAt } from "../answers/json-value.js";
import { DEGRADED } from "../compiled-request.js";
import type { ValueScope } from "../mix/values.js";
import type { GrpcAnswer } from "./grpc-answer.js";
import { MOST_KEPT_BYTES, MOST_MESSAGE_BYTES, type ReceivedMessage } from "./message-frames.js";

/** Whether an answer to a call is good, and what later steps take from it. */
export class CallJudge {
  /** Messages are looked into. */
  readonly keepsMessages: boolean;
  readonly looksInto: boolean;
  readonly #gives: protobuf.Type;
  readonly #isStream: boolean;
  readonly #expect: CompiledExpectation;
  readonly #degraded: CompiledExpectation | null;
  readonly #captures: readonly CompiledCallCapture[];

  /** `wantedOf`: what the values of a capture must be in the fields where they stand. */
  constructor(
    { expect, degraded, capture = [], method }: GrpcRequest,
    gives: protobuf.Type,
    wantedOf: (capture: string) => readonly WantedValue[],
  ) {
    this.#gives = gives;
    this.#isStream = method.givesStream;
    this.#expect = compileExpectation(expect);
    this.#degraded = degraded === undefined ? null : compileExpectation(degraded);
    this.#captures = capture.map(({ name, from }) => ({
      name,
      path: from.kind === "message" ? compileJsonPath(from.path) : null,
      metadata: from.kind === "metadata" ? from.name : "",
      wanted: wantedOf(name),
    }));
    const all = this.#degraded === null ? [this.#expect] : [this.#expect, this.#degraded];
    this.keepsMessages =
      all.some(({ looksIntoMessage }) => looksIntoMessage) ||
      this.#captures.some(({ path }) => path !== null);
    this.looksInto = this.#captures.length > 0 || all.some(({ checks }) => checks.length > 0);
  }

  /** `misheard`: why its stream is not as expected. @returns as a compiled request does. */
  judge(answer: GrpcAnswer, scope: ValueScope, misheard: string | null): string | typeof DEGRADED | null {
    if (answer.problem !== null) return answer.problem;
    const { status } = answer;
    const mayBeDegraded = this.#degraded?.statuses.has(status) === true;
    if (!mayBeDegraded && !this.#expect.statuses.has(status)) return this.#expect.reasonOf(status);
    if (misheard !== null) return misheard;
    if (!this.looksInto) return mayBeDegraded ? DEGRADED : null;
    try {
      return this.#lookInto(answer, scope, mayBeDegraded);
    } catch (error) {
      if (error instanceof UnreadableMessage) return error.message;
      // The answer is too much for us, such as one that is nested too deeply.
      return `answer that cannot be looked into: ${messageOf(error)}`;
    }
  }

  #lookInto(answer: GrpcAnswer, scope: ValueScope, mayBeDegraded: boolean): string | typeof DEGRADED | null {
    const looked = { headers: answer.headers, json: this.#lazyJson(answer) };
    const isDegraded =
      mayBeDegraded && this.#degraded?.checks.every((check) => check(looked) === null) === true;
    if (!isDegraded) {
      if (!this.#expect.statuses.has(answer.status)) return this.#expect.reasonOf(answer.status);
      for (const check of this.#expect.checks) {
        const reason = check(looked);
        if (reason !== null) return reason;
      }
    }
    for (const { name, path, metadata, wanted } of this.#captures) {
      const value = path === null ? headerValue(looked.headers, metadata) : textAt(looked.json(), path);
      if (value === null) return `capture ${name} found nothing`;
      const mistake = wanted
        .map((one) => valueMistake(one, valueOfText(one, value)))
        .find((one) => one !== null);
      if (mistake !== undefined) return `capture ${name} is not ${mistake}`;
      scope.captures.set(name, value);
    }
    return isDegraded ? DEGRADED : null;
  }

  /** Messages are decoded once, when the first one is asked for. */
  #lazyJson({ messages, encoding }: GrpcAnswer): () => unknown {
    let json: { readonly value: unknown } | null = null;
    return () => {
      json ??= { value: this.#jsonOf(decodeAll(this.#gives, messages, encoding)) };
      return json.value;
    };
  }

  #jsonOf(messages: readonly unknown[]): unknown {
    return this.#isStream ? messages : messages[0];
  }
}

interface CompiledCallCapture {
  readonly name: string;
  /** null: it is in the metadata. */
  readonly path: JsonPath | null;
  readonly metadata: string;
  readonly wanted: readonly WantedValue[];
}

interface Looked {
  readonly headers: readonly string[];
  readonly json: () => unknown;
}

interface CompiledExpectation {
  readonly statuses: ReadonlySet<number>;
  /** The reason for a status that is not among them. */
  readonly reasonOf: (status: number) => string;
  readonly checks: readonly ((looked: Looked) => string | null)[];
  readonly looksIntoMessage: boolean;
}

function compileExpectation({ statuses, message, metadata }: GrpcExpectation): CompiledExpectation {
  const ofMetadata = Object.entries(metadata).map(([name, wanted]) => {
    const check = compileText(`metadata ${name}`, wanted);
    return ({ headers }: Looked) => check(headerValue(headers, name) ?? undefined);
  });
  const ofMessage = Object.entries(message).map(([text, wanted]) => {
    const path = compileJsonPath(text);
    const check = compileJsonValue(`message ${text}`, wanted);
    return ({ json }: Looked) => check(valueAt(json(), path));
  });
  const expected = statuses.map(nameOfStatus).join(" or ");
  return {
    statuses: new Set(statuses),
    reasonOf: (status) => (status === 0 ? `OK, expected ${expected}` : nameOfStatus(status)),
    checks: [...ofMetadata, ...ofMessage],
    looksIntoMessage: ofMessage.length > 0,
  };
}

function nameOfStatus(status: number): string {
  return grpcStatusName(status) ?? String(status);
}

class UnreadableMessage extends Error {}

function decodeAll(
  type: protobuf.Type,
  messages: readonly ReceivedMessage[],
  encoding: string,
): readonly unknown[] {
  let plainBytes = 0;
  return messages.map((message) => {
    const plain = orUnreadable(type, () => plainOf(message, encoding));
    // A few bytes can stand for many.
    plainBytes += plain.length;
    if (plainBytes > MOST_KEPT_BYTES) throw new UnreadableMessage("messages longer than 64 MB together");
    return orUnreadable(type, () => messageJson(type, type.decode(plain)));
  });
}

function plainOf({ isCompressed, bytes }: ReceivedMessage, encoding: string): Buffer {
  if (!isCompressed || encoding !== "gzip") return bytes;
  return gunzipSync(bytes, { maxOutputLength: MOST_MESSAGE_BYTES });
}

function orUnreadable<T>(type: protobuf.Type, read: () => T): T {
  try {
    return read();
  } catch {
    throw new UnreadableMessage(`message that cannot be read as ${type.fullName.slice(1)}`);
  }
}

/** A string's own text, anything else as JSON. @returns null when there is nothing. */
function textAt(json: unknown, path: JsonPath): string | null {
  const value = valueAt(json, path);
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : (JSON.stringify(value) ?? null);
}
