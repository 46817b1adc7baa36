import type protobuf from "protobufjs";
import { encodeHead, type Head } from "../../http2/hpack/header-encoder.js";
import type { GrpcRequest } from "../../requests/grpc/grpc-request.js";
import { messageWriter, type WriteMessage } from "../../requests/grpc/proto/message-writer.js";
import type { WantedValue } from "../../requests/grpc/scalar-values.js";
import type { StreamPlan } from "../../requests/stream-plan.js";
import { messageOf } from "../../support/errors.js";
import { grpcStatusCode } from "../../support/names/grpc-status.js";
import type { Answer, DEGRADED } from "../compiled-request.js";
import type { HeardStream } from "../events/heard-stream.js";
import { compileTemplate, constantText, renderTemplate } from "../mix/request-template.js";
import type { Ticket } from "../mix/ticket.js";
import type { ValueScope, Values } from "../mix/values.js";
import { compileHead } from "../streams/compiled-head.js";
import type { TraceField } from "../streams/requests/trace-field.js";
import type { Outgoing, StreamRequest } from "../streams/stream-request.js";
import { nowUs } from "../thread-clock.js";
import { CallJudge } from "./call-judge.js";
import { asGrpcAnswer, GrpcAnswerReader } from "./grpc-answer.js";
import { HeardGrpcAnswer } from "./heard-answer.js";
import { messageFrame } from "./message-frames.js";

export interface CallSurroundings {
  /** "http" or "https" */
  readonly scheme: string;
  readonly authority: string;
  /** Put before the method's path: "", or "/base" without a slash at its end. */
  readonly basePath: string;
  /** null: calls carry no trace id. */
  readonly trace: TraceField | null;
  /** What the values of a capture must be in later steps. */
  readonly wantedOf: (capture: string) => readonly WantedValue[];
}

/** A call, ready to be made many times. */
export class GrpcCall implements StreamRequest {
  readonly isConstant: boolean;
  readonly looksInto: boolean;
  readonly #judge: CallJudge;
  readonly #head: (scope: ValueScope) => Head;
  readonly #body: (scope: ValueScope) => Buffer;
  readonly #expected: { readonly keeps: boolean; readonly isStream: boolean };
  /** null: its messages are not timed. */
  readonly #stream: StreamPlan | null;
  readonly #trace: TraceField | null;
  readonly #timeouts = new TimeoutHeads();

  /** @throws SCENARIO_INVALID: a value is not known. */
  constructor(
    planned: GrpcRequest,
    root: protobuf.Root,
    { scheme, authority, basePath, trace, wantedOf }: CallSurroundings,
    values: Values,
  ) {
    const { method } = planned;
    this.#trace = trace;
    this.#stream = planned.stream ?? null;
    this.#judge = new CallJudge(planned, root.lookupType(method.gives), wantedOf);
    this.looksInto = this.#judge.looksInto;
    this.#expected = { keeps: this.#judge.keepsMessages, isStream: method.givesStream };
    const fixed = [
      [":method", "POST"],
      [":scheme", scheme],
      [":path", `${basePath}${method.path}`],
      [":authority", authority],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["grpc-accept-encoding", "identity,gzip"],
    ] as const;
    const metadata = Object.entries({ "user-agent": "faultline", ...planned.metadata }).map(
      ([name, value]) => [name, compileTemplate(value, () => asMetadata, values)] as const,
    );
    const head = compileHead([...fixed.map(([name, value]) => [name, [value]] as const), ...metadata]);
    this.#head = head.constant === null ? head.render : () => head.constant;
    const takes = root.lookupType(method.takes);
    const writers = planned.messages.map((message) =>
      messageWriter<ValueScope>(takes, message, (template) => {
        const parts = compileTemplate(template, () => asItIs, values);
        return (scope) => renderTemplate(parts, scope);
      }),
    );
    const areConstant = writers.every(({ isConstant }) => isConstant);
    const write = writers.map((writer) => writer.write);
    const constant = areConstant ? bodyOf(write, EMPTY) : null;
    this.#body = (scope) => constant ?? bodyOf(write, scope);
    this.isConstant = areConstant && metadata.every(([, parts]) => constantText(parts) !== null);
  }

  begin(ticket: Ticket<StreamRequest>): Outgoing {
    const { scope } = ticket.user;
    const timed = joined(this.#head(scope), this.#timeouts.of(ticket.deadlineUs - nowUs()));
    const head = this.#trace === null ? timed : this.#trace.addTo(timed, ticket.trace);
    const reader = () => new GrpcAnswerReader(this.#expected);
    try {
      const body = this.#body(scope);
      if (this.#stream !== null) return this.#heard(head, body, this.#stream, ticket);
      return { head, body, isHead: false, reader };
    } catch (error) {
      // A value of another step's answer. It is known only now that its field cannot hold it.
      const reason = `message that cannot be made: ${messageOf(error)}`;
      const goOn: Outgoing["goOn"] = (stream) => stream.fail({ kind: "malformed", reason });
      return { head, body: null, isHead: false, reader, goOn };
    }
  }

  judge(answer: Answer, scope: ValueScope, heard: HeardStream | null): string | typeof DEGRADED | null {
    return this.#judge.judge(asGrpcAnswer(answer), scope, heard?.problem ?? null);
  }

  /** Enough of its answer may have come before its end. Then the stream is reset. */
  #heard(head: Head, body: Buffer, plan: StreamPlan, ticket: Ticket<StreamRequest>): Outgoing {
    let reading = new HeardGrpcAnswer(this.#expected, plan, ticket);
    const reader = () => {
      reading = new HeardGrpcAnswer(this.#expected, plan, ticket);
      return reading;
    };
    return { head, body, isHead: false, reader, opened: (stream) => reading.opened(stream) };
  }

  /** The server says so, or a proxy before it. */
  isUnauthorized(answer: Answer): boolean {
    const { status, problem } = asGrpcAnswer(answer);
    return status === (problem === null ? UNAUTHENTICATED : HTTP_UNAUTHORIZED);
  }
}

const UNAUTHENTICATED = grpcStatusCode("UNAUTHENTICATED");
const HTTP_UNAUTHORIZED = 401;

const asItIs = (value: string) => value;
/** One line of ASCII. */
const asMetadata = (value: string) => value.replace(/[^\x20-\x7e]+/g, " ");

/** Nothing in it is asked for where nothing varies. */
const EMPTY: ValueScope = { seq: null, rows: [], captures: new Map(), uuid: null, origin: null };

function bodyOf(write: readonly WriteMessage<ValueScope>[], scope: ValueScope): Buffer {
  const [only, ...more] = write;
  if (only !== undefined && more.length === 0) return messageFrame(only(scope));
  return Buffer.concat(write.map((one) => messageFrame(one(scope))));
}

function joined(a: Head, b: Head): Head {
  return { bytes: Buffer.concat([a.bytes, b.bytes]), listBytes: a.listBytes + b.listBytes };
}

/** A value of grpc-timeout has eight digits at most. */
const LONGEST_MS = 99_999_999;
const MOST_HEADS = 1_000;

/** The header that tells the server how long its answer will be waited for, in whole milliseconds. */
class TimeoutHeads {
  readonly #heads = new Map<number, Head>();

  of(leftUs: number): Head {
    // Rounded up: the server does not give up before us.
    const ms = Math.min(LONGEST_MS, Math.max(1, Math.ceil(leftUs / 1000)));
    let head = this.#heads.get(ms);
    if (head === undefined) {
      head = encodeHead([["grpc-timeout", `${ms}m`]]);
      if (this.#heads.size < MOST_HEADS) this.#heads.set(ms, head);
    }
    return head;
  }
}
